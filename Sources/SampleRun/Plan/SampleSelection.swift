import CommandInput
public import RunModel
public import SampleKit

/// The choice of samples on a command line: by name, family, program type or pattern, and `!` for what is left out.
public struct SampleSelection: Sendable, Hashable {
    /// A pattern that no sample fits.
    public struct NoSuchSample: Error, Sendable, Hashable, CustomStringConvertible {
        /// What was asked for.
        public let pattern: String
        /// The name that is nearest to it, if one is near.
        public let nearest: String?

        /// What was asked for, and what may have been meant.
        public var description: String {
            let hint = nearest.map { "; did you mean '\($0)'?" } ?? ";"
            return "no sample, family or program type is named '\(pattern)'\(hint) 'bpf-assay list' shows all"
        }
    }

    private let wanted: [String]
    private let unwanted: [String]

    /// Selects by patterns: see ``SamplePattern``.
    ///
    /// A pattern behind `!` leaves samples out, wherever it stands. Without a pattern that lets samples in, all are in.
    public init(_ patterns: [String]) {
        wanted = patterns.filter { !$0.hasPrefix("!") }
        unwanted = patterns.filter { $0.hasPrefix("!") }.map { String($0.dropFirst()) }
    }

    /// The samples that are selected, in the catalogue's order.
    ///
    /// - Throws: ``NoSuchSample`` for the first pattern that fits none.
    public func select(from catalog: [CatalogEntry]) throws(NoSuchSample) -> [CatalogEntry] {
        var chosen = Set(wanted.isEmpty ? catalog.map(\.id) : [])
        for pattern in wanted { chosen.formUnion(try Self.samples(pattern, in: catalog)) }
        for pattern in unwanted { chosen.subtract(try Self.samples(pattern, in: catalog)) }
        return catalog.filter { chosen.contains($0.id) }
    }

    /// The samples that did not pass in a run although they were expected to: failed, broken or missing on any machine.
    public static func unsuccessful(in record: RunRecord) -> Set<String> {
        Set(
            record.results.filter { result in
                switch result.verdict {
                case .fail: result.expected != .fail
                case .error, .miss: true
                case .pass, .skip: false
                }
            }.map(\.sample)
        )
    }

    private static func samples(
        _ text: String,
        in catalog: [CatalogEntry]
    ) throws(NoSuchSample) -> [String] {
        let pattern = SamplePattern(text)
        let found = catalog.filter { pattern.fits($0) }.map(\.id)
        guard !found.isEmpty else {
            throw NoSuchSample(
                pattern: text,
                nearest: NearestName.of(text, among: SamplePattern.names(of: catalog))
            )
        }
        return found
    }
}
