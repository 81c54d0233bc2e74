public import RunModel

/// An option that must be on, or one of several of which one must be.
public struct OptionDemand: Sendable, Hashable {
    /// The options, any of which will do, the usual one first; with their `CONFIG_` prefix.
    public let anyOf: [String]
    /// The first kernel version that it is asked of; `nil` for all.
    public let from: KernelVersion?
    /// The last release that it is asked of, with all its stable versions; `nil` for all.
    public let through: KernelVersion?
    /// The word that a string option must list, such as `bpf` in `CONFIG_LSM`.
    public let word: String?

    /// Reads the form that the table has: `CONFIG_A|CONFIG_B@5.8-5.12` or `CONFIG_LSM~bpf`.
    package init?(_ text: Substring) {
        let parts = text.split(separator: "@", maxSplits: 1)
        guard let names = parts.first else { return nil }
        let words = names.split(separator: "~", maxSplits: 1)
        guard let options = words.first else { return nil }
        anyOf = options.split(separator: "|").map(String.init)
        guard !anyOf.isEmpty, anyOf.allSatisfy({ $0.hasPrefix("CONFIG_") }) else { return nil }
        word = words.count > 1 ? String(words[1]) : nil
        let versions = parts.count > 1 ? parts[1].split(separator: "-").map { KernelVersion($0) } : []
        guard !versions.contains(nil), versions.count <= 2 else { return nil }
        from = versions.first ?? nil
        through = versions.count > 1 ? versions[1] : nil
    }

    /// Creates the demand of a single option.
    package init(option: String) {
        anyOf = [option]
        from = nil
        through = nil
        word = nil
    }

    /// Whether it is asked of a version.
    package func isAsked(of version: KernelVersion) -> Bool {
        if let from, version < from { return false }
        return through.map { (version.major, version.minor) <= ($0.major, $0.minor) } ?? true
    }

    /// Whether only some versions are asked.
    package var hasRange: Bool { from != nil || through != nil }
}

extension OptionDemand: CustomStringConvertible {
    /// The options as `CONFIG_A or CONFIG_B`, with the word and the versions behind them.
    public var description: String {
        var text = anyOf.joined(separator: " or ")
        if let word { text += " listing '\(word)'" }
        switch (from, through) {
        case (let from?, let through?): text += " in Linux \(from) to \(through)"
        case (let from?, nil): text += " since Linux \(from)"
        case (nil, let through?): text += " up to Linux \(through)"
        case (nil, nil): break
        }
        return text
    }
}
