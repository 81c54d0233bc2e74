public import RunModel

/// The kernel versions that an option is asked of, both ends included.
///
/// An upper end of two numbers stands for the whole series: `4.6` includes 4.6.7.
public struct KernelVersionRange: Sendable, Hashable, CustomStringConvertible {
    private let lower: KernelVersion?
    private let upper: Upper?

    private struct Upper: Sendable, Hashable {
        let named: KernelVersion
        let isWholeSeries: Bool
    }

    /// Reads `4.1 through 4.6`, `4.7 and later`, `4.6 and earlier` or `4.4`; `nil` for anything else.
    ///
    /// A range whose ends are the wrong way round is `nil` too: it would never ask for anything.
    public init?(_ text: some StringProtocol) {
        let words = String(text).split(separator: " ").map { String($0) }
        guard let first = words.first.flatMap(Self.version) else { return nil }
        switch Array(words.dropFirst()) {
        case ["and", "later"]: (lower, upper) = (first.named, nil)
        case ["and", "earlier"]: (lower, upper) = (nil, first)
        case []: (lower, upper) = (first.named, first)
        case let rest where rest.count == 2 && rest.first == "through":
            guard let last = rest.last.flatMap(Self.version) else { return nil }
            (lower, upper) = (first.named, last)
            guard contains(first.named) else { return nil }
        default: return nil
        }
    }

    /// Whether a kernel is asked.
    public func contains(_ version: KernelVersion) -> Bool {
        if let lower, version < lower { return false }
        guard let upper else { return true }
        let compared = upper.isWholeSeries ? KernelVersion(version.major, version.minor) : version
        return compared <= upper.named
    }

    /// Whether the first version that is asked is later than this one.
    func begins(after version: KernelVersion) -> Bool { lower.map { version < $0 } ?? false }

    /// The range in the words of a note.
    public var description: String {
        switch (lower, upper) {
        case (let lower?, let upper?) where lower == upper.named: "\(lower)"
        case (let lower?, let upper?): "\(lower) through \(upper.named)"
        case (let lower?, nil): "\(lower) and later"
        case (nil, let upper?): "\(upper.named) and earlier"
        case (nil, nil): "any"
        }
    }

    /// Two or three numbers joined by dots and nothing else: in a profile `4.6-rc1` is more likely a slip.
    private static func version(_ text: String) -> Upper? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), text.utf8.allSatisfy({ $0 == 0x2e || (0x30...0x39).contains($0) }),
            let version = KernelVersion(text), parts.allSatisfy({ Int($0) != nil })
        else { return nil }
        return Upper(named: version, isWholeSeries: parts.count == 2)
    }
}
