import FoundationEssentials
public import RunModel

/// The record as JSON, which is what everything else is computed from.
///
/// `docs/record.schema.json` says the same as a JSON Schema.
public struct RecordJSON: ReportFormat {
    /// `json`.
    public let name = "json"

    /// The name and version of the format that is written and read.
    public static let schema = RunRecord.currentSchema

    /// Creates the format.
    public init() {}

    /// Renders a run with sorted keys, indented, with a line's end behind it: the same record gives the same bytes.
    ///
    /// - Throws: ``RecordError/notEncodable(_:)`` for a number that JSON has no form for.
    public func render(_ record: RunRecord) throws(RecordError) -> String {
        try Self.text(record, pretty: true) + "\n"
    }

    /// Reads a record.
    ///
    /// Keys that this version does not know are passed over: the schema is for writers.
    ///
    /// - Parameter bytes: The whole file.
    /// - Returns: The record, whose summary counts its results.
    /// - Throws: ``RecordError/notARecord(_:)``, ``RecordError/otherRecordVersion(_:)`` or
    ///   ``RecordError/summaryDiffers``. A record of a run that went badly, or was cut short, does not throw.
    public static func read(_ bytes: [UInt8]) throws(RecordError) -> RunRecord {
        let found: Header = try decode(bytes)
        guard found.schema == schema else {
            let isOurs = found.schema.utf8.starts(with: "bpf-assay/record/".utf8)
            throw isOurs
                ? .otherRecordVersion(found.schema) : .notARecord("its schema is '\(found.schema)', not '\(schema)'")
        }
        let record: RunRecord = try decode(bytes)
        guard record.summary == RunRecord.Summary(of: record.results) else { throw .summaryDiffers }
        return record
    }

    private struct Header: Decodable {
        var schema: String
    }

    static func decode<Value: Decodable>(_ bytes: [UInt8]) throws(RecordError) -> Value {
        if bytes.isEmpty { throw .notARecord("it is empty") }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw .notARecord(RecordError.cause(of: error))
        }
    }

    /// A value as JSON with sorted keys.
    static func text(_ value: some Encodable, pretty: Bool) throws(RecordError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw .notEncodable(RecordError.cause(of: error))
        }
    }
}
