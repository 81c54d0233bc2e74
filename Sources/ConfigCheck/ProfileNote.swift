/// What a profile's notes in brackets say about the option on the next setting line.
///
/// A note is a comment `# [clause, clause]`. The clauses are
///
///     optional                                      the option's absence fails nothing
///     for Linux kernel versions 4.1 through 4.6     asked of these kernels only; also `4.7 and later`,
///                                                   `4.6 and earlier`, or one version
///     for tc filters                                what the option is for, and so what its absence blocks
///
/// and any other text, which is kept as it stands: right after a purpose it continues it (`for xdp, tc and lwt`).
struct ProfileNote: Equatable {
    var isOptional = false
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
        var isInPurpose = false
        for piece in text[text.index(after: text.startIndex)..<end].split(separator: ",") {
            let clause = piece.split(separator: " ").joined(separator: " ")
            let lowercased = clause.lowercased()
            if lowercased == "optional" {
                isOptional = true
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
