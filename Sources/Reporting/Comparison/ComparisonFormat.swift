public import RunModel

/// A form that a comparison can be printed in: a pure function of the comparison, whatever was compared.
public protocol ComparisonFormat: Sendable {
    /// The format's name on the command line.
    var name: String { get }

    /// Renders a comparison of two checks, with a line's end behind it.
    func render(_ comparison: CheckComparison) throws(RecordError) -> String

    /// Renders a comparison of two runs, with a line's end behind it.
    func render(_ comparison: RunComparison) throws(RecordError) -> String
}

/// The formats of a comparison, by the name that `--format` takes.
public enum ComparisonFormats {
    /// Every format, in the order in which help lists them.
    public static let all: [any ComparisonFormat] = [ComparisonText(), ComparisonJSON(), ComparisonMarkdown()]

    /// The names of all formats.
    public static var names: [String] { all.map(\.name) }

    /// The format of a name, `nil` if there is none.
    public static func named(_ name: String) -> (any ComparisonFormat)? {
        all.first { $0.name == name }
    }
}

/// A comparison as JSON with sorted keys: the same comparison gives the same bytes.
public struct ComparisonJSON: ComparisonFormat {
    /// `json`.
    public let name = "json"

    /// Creates the format.
    public init() {}

    /// Renders a comparison of two checks.
    ///
    /// - Throws: ``RecordError/notEncodable(_:)``, which strings and arrays of them do not provoke.
    public func render(_ comparison: CheckComparison) throws(RecordError) -> String {
        try RecordJSON.text(Concluded(comparison, comparison.conclusion), pretty: true) + "\n"
    }

    /// Renders a comparison of two runs.
    ///
    /// - Throws: ``RecordError/notEncodable(_:)``, which strings and arrays of them do not provoke.
    public func render(_ comparison: RunComparison) throws(RecordError) -> String {
        try RecordJSON.text(Concluded(comparison, comparison.conclusion), pretty: true) + "\n"
    }

    /// A comparison with its conclusion beside its own members, for readers that only want that.
    private struct Concluded<Comparison: Encodable>: Encodable {
        var comparison: Comparison
        var conclusion: ComparisonConclusion

        init(_ comparison: Comparison, _ conclusion: ComparisonConclusion) {
            self.comparison = comparison
            self.conclusion = conclusion
        }

        private enum CodingKeys: String, CodingKey {
            case conclusion
        }

        func encode(to encoder: any Encoder) throws {
            try comparison.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(conclusion.words, forKey: .conclusion)
        }
    }
}
