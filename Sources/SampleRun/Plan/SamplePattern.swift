import CommandInput
public import SampleKit

/// A word that names samples: a name, `FAMILY/NAME`, a family, a program type, or a pattern of these such as `xdp*`.
public struct SamplePattern: Sendable, Hashable {
    private let pattern: NamePattern
    private let lowered: NamePattern

    /// Reads a word.
    public init(_ text: String) {
        pattern = NamePattern(text)
        lowered = NamePattern(text.lowercased())
    }

    /// Whether it names a sample.
    ///
    /// - Parameters:
    ///   - entry: The sample.
    ///   - tags: Whether program types count as well, in whatever case.
    /// - Returns: Whether it does.
    public func fits(_ entry: CatalogEntry, tags: Bool = true) -> Bool {
        [entry.name, entry.id, entry.family].contains { pattern.fits($0) }
            || (tags && entry.manifest.programTypes.contains { lowered.fits($0.lowercased()) })
    }

    /// All words without wildcards that fit a sample of a catalogue: names first, then families and program types.
    public static func names(of catalog: [CatalogEntry]) -> [String] {
        var seen: Set<String> = []
        let names = catalog.map(\.name) + catalog.map(\.id) + catalog.map(\.family)
        return (names + catalog.flatMap(\.manifest.programTypes)).filter { seen.insert($0).inserted }
    }
}
