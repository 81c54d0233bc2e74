/// Whose exit codes a run uses.
public enum ExitStyle: String, Sendable, CaseIterable {
    /// Those of ``ExitStatus``.
    case own
    /// `git bisect run`: 125 says "cannot be tested", 128 ends the bisection.
    case bisect
    /// The kernel's kselftest: 0 pass, 1 fail, 4 skip.
    case kselftest
    /// GNU automake's test driver: 77 skip, 99 hard error.
    case automake

    /// The code that says a status in this style.
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
}
