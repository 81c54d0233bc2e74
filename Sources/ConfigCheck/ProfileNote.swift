import RunModel

/// What a profile's note in brackets says: about the option on the next setting line, or about a feature that it names.
///
/// A note is a comment `# [clause, clause]`. The clauses are
///
///     feature attach:kprobe                         the note stands for itself and asks for this feature; always first
///     required, recommended, optional               what the absence fails: the check as a whole, or nothing
///     for Linux kernel versions 4.1 through 4.6     asked of these kernels only; also `4.7 and later`,
///                                                   `4.6 and earlier`, or one version
///     for tc filters                                what it is for, and so what its absence blocks
///
/// and any other text, which is kept as it stands: right after a purpose it continues it (`for xdp, tc and lwt`).
struct ProfileNote: Equatable {
    var feature: String?
    var weight: CheckResult.Weight?
    var purposes: [String] = []
    var versions: KernelVersionRange?
    var remarks: [String] = []

    /// Adds a comment's text, without its `#`.
    ///
    /// A comment that does not begin with a bracket says nothing.
    ///
    /// - Returns: Whether the comment was a note.
    mutating func read(_ comment: String) throws(ProfileError.Reason) -> Bool {
        let text = comment.drop { $0 == " " || $0 == "\t" }
        guard text.first == "[" else { return false }
        guard let end = text.firstIndex(of: "]") else { throw .unterminatedNote(printable(String(text))) }
        let clauses = text[text.index(after: text.startIndex)..<end].split(separator: ",")
            .map { $0.split(separator: " ").joined(separator: " ") }
        var isInPurpose = false
        for (position, clause) in clauses.enumerated() {
            let lowercased = clause.lowercased()
            if let feature = Self.rest(of: clause, after: ["feature "]),
                position == 0 || Self.isFeature(feature)
            {
                try name(feature, isFirst: position == 0)
            } else if let weight = Self.weights[lowercased] {
                try weigh(weight)
                isInPurpose = false
            } else if let range = Self.rest(
                of: lowercased,
                after: ["for linux kernel versions", "for linux kernel version"]
            ) {
                try narrow(to: range)
                isInPurpose = false
            } else if lowercased.hasPrefix("for "), clause.count > 4 {
                purposes.append(String(clause.dropFirst(4)))
                isInPurpose = true
            } else if isInPurpose, let purpose = purposes.popLast() {
                purposes.append("\(purpose), \(clause)")
            } else if !clause.isEmpty {
                remarks.append(clause)
            }
        }
        let trailing = text[text.index(after: end)...].split(separator: " ").joined(separator: " ")
        if !trailing.isEmpty { remarks.append(trailing) }
        return true
    }

    private static let weights: [String: CheckResult.Weight] = [
        "required": .required, "recommended": .recommended, "optional": .optional,
    ]

    /// The names that probes and rules give to features: types as the UAPI spells them, `attach:`, `effect:` and
    /// `subsystem:`.
    private static let stems = [
        "BPF_PROG_TYPE_", "BPF_MAP_TYPE_", "BPF_LINK_TYPE_", "attach:", "effect:", "subsystem:",
    ]

    /// Whether a word can name a feature.
    private static func isFeature(_ name: String) -> Bool {
        stems.contains { name.count > $0.count && name.hasPrefix($0) }
            && name.utf8.allSatisfy { (0x21..<0x7f).contains($0) }
    }

    private mutating func name(_ name: String, isFirst: Bool) throws(ProfileError.Reason) {
        guard isFirst else { throw .lateFeature(printable(name)) }
        guard Self.isFeature(name) else { throw .unreadableFeature(printable(name)) }
        feature = name
    }

    private mutating func weigh(_ new: CheckResult.Weight) throws(ProfileError.Reason) {
        guard weight == nil || weight == new else { throw .secondWeight(new.rawValue) }
        weight = new
    }

    /// A range that cannot be read is an error and no remark: without it the option would be asked of every kernel.
    private mutating func narrow(to text: String) throws(ProfileError.Reason) {
        guard versions == nil else { throw .secondRange(printable(text)) }
        guard let range = KernelVersionRange(text) else { throw .unreadableRange(printable(text)) }
        versions = range
    }

    private static func rest(of text: String, after prefixes: [String]) -> String? {
        guard let prefix = prefixes.first(where: text.hasPrefix) else { return nil }
        return String(text.dropFirst(prefix.count).drop { $0 == " " })
    }
}
