/// Samples that are known to fail, in the form of the kernel's own `tools/testing/selftests/bpf/DENYLIST`.
///
/// A line is `name  # reason`. The sample still runs, and is expected to fail; a reason that begins with `skip` keeps it
/// from running, for what would take the machine down.
public struct DenyList: Sendable, Hashable {
    /// A line of the list.
    public struct Entry: Sendable, Hashable {
        /// The sample's name.
        public let name: String
        /// What stands behind the `#`.
        public let comment: String
        /// Whether the sample is not to be run at all.
        public var isSkipped: Bool { comment.hasPrefix("skip") }
    }

    private let entries: [String: Entry]

    /// An empty list.
    public init() {
        entries = [:]
    }

    /// Reads a list.
    ///
    /// Blank lines and comments mean nothing; of two lines for a name the later counts.
    public init(parsing text: String) {
        var entries: [String: Entry] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let halves = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let name = halves[0].filter { !$0.isWhitespace }
            guard !name.isEmpty else { continue }
            let comment = halves.count > 1 ? String(halves[1].drop { $0.isWhitespace }) : ""
            entries[name] = Entry(name: name, comment: comment)
        }
        self.entries = entries
    }

    private init(_ entries: [String: Entry]) {
        self.entries = entries
    }

    /// Both lists as one; of two lines for a name the other's counts.
    public func joined(with other: DenyList) -> DenyList {
        DenyList(entries.merging(other.entries) { $1 })
    }

    /// The line for a sample, or `nil`.
    public func entry(for name: String) -> Entry? { entries[name] }
}
