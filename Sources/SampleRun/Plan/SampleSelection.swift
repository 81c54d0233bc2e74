public import SampleKit

/// The choice of samples on a command line: by name, family or tag.
public struct SampleSelection: Sendable, Hashable {
    /// A pattern that no sample fits.
    public struct NoSuchSample: Error, Sendable, Hashable, CustomStringConvertible {
        /// What was asked for.
        public let pattern: String
        /// The sample whose name is nearest to it, if one is near.
        public let nearest: String?

        /// What was asked for, and what may have been meant.
        public var description: String {
            let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
            return "no sample, family or program type is named '\(pattern)'\(hint) 'bpf-assay list' shows all"
        }
    }

    private let patterns: [String]

    /// Selects by patterns, each a sample's name, `<family>/<name>`, a family, or a program type such as `XDP`.
    ///
    /// None means all.
    public init(_ patterns: [String]) {
        self.patterns = patterns
    }

    /// The samples that any of the patterns fits, in the catalogue's order.
    ///
    /// - Throws: ``NoSuchSample`` for the first pattern that fits none.
    public func select(from catalog: [CatalogEntry]) throws(NoSuchSample) -> [CatalogEntry] {
        guard !patterns.isEmpty else { return catalog }
        var chosen: Set<String> = []
        for pattern in patterns {
            let found = catalog.filter { entry in
                [entry.name, entry.id, entry.family].contains(pattern)
                    || entry.manifest.programTypes.contains { $0.lowercased() == pattern.lowercased() }
            }
            guard !found.isEmpty else {
                throw NoSuchSample(pattern: pattern, nearest: Self.nearest(to: pattern, in: catalog))
            }
            chosen.formUnion(found.map(\.id))
        }
        return catalog.filter { chosen.contains($0.id) }
    }

    private static func nearest(to pattern: String, in catalog: [CatalogEntry]) -> String? {
        let wanted = Array(pattern.lowercased().utf8.prefix(64))
        let distances = catalog.map { ($0.name, distance(wanted, Array($0.name.utf8))) }
        guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 <= max(2, wanted.count / 3) else { return nil }
        return best.0
    }

    /// The number of letters to insert, delete or change to turn one word into the other (Levenshtein).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substituted = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
