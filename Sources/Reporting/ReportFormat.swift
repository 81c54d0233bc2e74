public import RunModel

/// A way of writing a run down.
///
/// A format knows verdicts and never samples; a sample knows neither. Adding a format is one file and a line in
/// ``ReportFormats/all``. Formats switch over `Verdict` without a default, so that a new verdict does not compile until
/// every format says how to write it.
public protocol ReportFormat: Sendable {
    /// What `--format` calls it, in lower case.
    var name: String { get }

    /// Renders a run: the same record gives the same bytes.
    ///
    /// - Throws: Where the record holds a value that the format cannot express. A run that went badly does not throw.
    func render(_ record: RunRecord) throws -> String
}

/// The formats, by the name that `--format` takes.
public enum ReportFormats {
    /// Every format, in the order in which help lists them.
    public static let all: [any ReportFormat] = [
        TextReport(), RecordJSON(), KTAPReport(), JUnitReport(), MarkdownReport(),
    ]

    /// The names of all formats.
    public static var names: [String] { all.map(\.name) }

    /// The format of a name, `nil` where there is none.
    public static func named(_ name: String) -> (any ReportFormat)? {
        all.first { $0.name == name }
    }
}
