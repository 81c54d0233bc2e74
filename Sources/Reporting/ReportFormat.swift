public import RunModel

/// A way of writing a run down.
///
/// A format knows verdicts and never samples; a sample knows neither. Adding a format is one file and a line in
/// ``ReportFormats/all``. Formats switch over `Verdict` without a default, so that a new verdict does not compile until
/// every format says how to write it.
public protocol ReportFormat: Sendable {
    /// What `--format` calls it, in lower case.
    var name: String { get }

    /// Whether the format repeats what samples observed; a record may be read without it for one that does not.
    var needsObservations: Bool { get }

    /// Renders a run: the same record gives the same bytes.
    ///
    /// - Throws: Where the record holds a value that the format cannot express. A run that went badly does not throw.
    func render(_ record: RunRecord) throws -> String

    /// Writes a run piece by piece, the same bytes as ``render(_:)``; the caller finishes the sink.
    ///
    /// The time and the memory that this takes grow no faster than the record.
    func render(_ record: RunRecord, into sink: ReportSink) throws
}

extension ReportFormat {
    /// `false`: most formats do not.
    public var needsObservations: Bool { false }
}

/// The formats, by the name that `--format` takes.
public enum ReportFormats {
    /// Every format, in the order in which help lists them.
    public static let all: [any ReportFormat] = [
        TextReport(), RecordJSON(), KTAPReport(), JUnitReport(), MarkdownReport(),
    ]

    /// The names of all formats.
    public static var names: [String] { all.map(\.name) }

    /// The format of a name, `nil` if there is none.
    public static func named(_ name: String) -> (any ReportFormat)? {
        all.first { $0.name == name }
    }
}
