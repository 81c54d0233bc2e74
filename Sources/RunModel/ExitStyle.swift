/// Whose exit codes a run uses.
public enum ExitStyle: String, Sendable, CaseIterable {
    /// Those of ``ExitStatus``.
    case own
    /// `git bisect run`: 0 good, 1 bad, 125 cannot be tested, 128 and above end the bisection.
    case bisect
    /// The kernel's kselftest: 0 pass, 1 fail, 4 skip.
    case kselftest
    /// GNU automake's test driver: 77 skip, 99 hard error.
    case automake

    /// The code that says a status in this style.
    ///
    /// A command line that means nothing, and a host on which nothing can be run, are no property of the commit that is tested:
    /// they end a bisection, which would else call every commit untestable, or bad.
    public func code(for status: ExitStatus) -> Int32 {
        switch (self, status) {
        case (.own, _): status.rawValue
        case (_, .passed): 0
        case (_, .failed): 1
        case (.bisect, .unavailable), (.bisect, .usage): 128
        case (.bisect, _): 125
        case (.kselftest, .allSkipped): 4
        case (.kselftest, _): 1
        case (.automake, .allSkipped): 77
        case (.automake, _): 99
        }
    }

    /// The code that says that there is no kernel to test: its image is not there, or is none.
    ///
    /// To a bisection that is a commit that does not build; to anybody else an input that is wrong.
    public var codeForNoKernel: Int32 { self == .bisect ? 125 : code(for: .usage) }

    /// The style that a command line asks for, be the rest of it right or wrong.
    ///
    /// - Returns: `nil` where it asks for none. A style that is not known counts as ``bisect``: whoever asks for one must not take
    ///   the refusal for a verdict.
    public init?(askedForBy arguments: [String]) {
        let option = "--exit-style"
        var word: String?
        for (index, argument) in arguments.enumerated() {
            if argument == option { word = index + 1 < arguments.count ? arguments[index + 1] : "" }
            if argument.hasPrefix("\(option)=") { word = String(argument.dropFirst(option.count + 1)) }
        }
        guard let word else { return nil }
        self = Self(rawValue: word) ?? .bisect
    }
}
