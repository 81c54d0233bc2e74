import FileBytes
import RunModel

/// Why bytes are no record or journal that this code can read, or a record cannot be written.
public enum RecordError: Error, Sendable, Hashable {
    /// The bytes are not JSON, or not of a record's shape.
    case notARecord(String)
    /// The record's schema is of another version of the format.
    case otherRecordVersion(String)
    /// The record's summary does not count its results.
    case summaryDiffers
    /// The bytes are no journal.
    case notAJournal(String)
    /// The journal is of another version.
    case otherJournalVersion(Int)
    /// The journal holds no start of a run.
    case noStart
    /// A value cannot be written as JSON, such as a duration that is no number.
    case notEncodable(String)
}

extension RecordError: CustomStringConvertible {
    /// One line: what it is, why, and what to do where something can be done.
    ///
    /// Foreign text in it is escaped.
    public var description: String {
        switch self {
        case .notARecord(let cause): "not a record: \(ForeignText.line(cause))"
        case .otherRecordVersion(let schema):
            "record from another version: its schema is '\(ForeignText.line(schema))', and this bpf-assay reads "
                + "'\(schema.utf8.starts(with: CheckJSON.family.utf8) ? CheckRecord.schema : RecordJSON.schema)'; "
                + "use the bpf-assay that wrote it"
        case .summaryDiffers: "not a record: its summary does not count its results; fold its journal again"
        case .notAJournal(let cause): "not a journal: \(ForeignText.line(cause))"
        case .otherJournalVersion(let version):
            "journal from another version: it has version \(version), and this bpf-assay reads version "
                + "\(JournalReader.version); use the bpf-assay that wrote it"
        case .noStart: "not a journal of a run: no line of it is a whole 'run-started' event"
        case .notEncodable(let cause): "writing JSON: \(ForeignText.line(cause))"
        }
    }
}

extension RecordError {
    /// What a decoder objected to and where: `results[2].verdict has a value that is not known here`.
    ///
    /// - Parameters:
    ///   - error: What a decoder or an encoder threw.
    ///   - place: What was decoded by itself, where it is a part of something larger: `results[2]`.
    /// - Returns: One sentence, which may hold foreign text.
    static func cause(of error: any Error, in place: String = "") -> String {
        DecodingFailure.text(of: error, in: place)
    }
}
