public import CommandInput
public import SampleKit

/// Samples that are known to fail, in the form of the kernel's own `tools/testing/selftests/bpf/DENYLIST`.
///
/// A line is `NAME  # REASON`. NAME is a sample's name, `FAMILY/NAME`, a family, or a pattern such as `xdp/*`. The sample still runs,
/// and is expected to fail; a reason that begins with `skip` keeps it from running, for what would take the machine down.
public struct DenyList: Sendable, Hashable {
    /// A line of the list.
    public struct Entry: Sendable, Hashable {
        /// What names the sample or the samples.
        public let name: String
        /// What follows the `#`.
        public let comment: String
        /// Whether the sample is not to be run at all.
        public var isSkipped: Bool { comment.hasPrefix("skip") }
    }

    /// By the samples' `<family>/<name>`.
    private let entries: [String: Entry]

    /// An empty list.
    public init() {
        entries = [:]
    }

    /// Reads a list.
    ///
    /// Of two lines for a sample the later counts.
    ///
    /// - Parameters:
    ///   - bytes: The file's contents.
    ///   - list: What the list is called in messages, such as its path.
    ///   - catalog: All samples that there are, be they selected or not.
    /// - Throws: `ListLines.Fault` for a line that names no sample: a typing error would else deny nothing, without a word.
    public init(_ bytes: [UInt8], list: String, of catalog: [CatalogEntry]) throws(ListLines.Fault) {
        var entries: [String: Entry] = [:]
        for line in try ListLines(bytes, list: list).lines {
            let pattern = SamplePattern(line.text)
            let found = catalog.filter { pattern.fits($0, tags: false) }
            guard !found.isEmpty else {
                let nearest = NearestName.of(line.text, among: SamplePattern.names(of: catalog))
                let hint = nearest.map { "; did you mean '\($0)'?" } ?? ";"
                throw ListLines.Fault(
                    list: list,
                    line: line.number,
                    cause: "no sample or family is named '\(line.text)'\(hint) 'bpf-assay list' shows all"
                )
            }
            for sample in found { entries[sample.id] = Entry(name: line.text, comment: line.comment ?? "") }
        }
        self.entries = entries
    }

    private init(_ entries: [String: Entry]) {
        self.entries = entries
    }

    /// Both lists as one; of two lines for a sample the other's counts.
    public func joined(with other: DenyList) -> DenyList {
        DenyList(entries.merging(other.entries) { $1 })
    }

    /// The line for a sample, by its `<family>/<name>`, or `nil`.
    public func entry(for id: String) -> Entry? { entries[id] }
}
