import FoundationEssentials
public import RunModel

/// The record as JSON, which is what everything else is computed from.
///
/// `docs/record.schema.json` says the same as a JSON Schema.
public struct RecordJSON: ReportFormat {
    /// `json`.
    public let name = "json"
    /// JSON repeats what samples observed.
    public let needsObservations = true

    /// The name and version of the format that is written and read.
    public static let schema = RunRecord.currentSchema

    /// Creates the format.
    public init() {}

    /// Renders a run with sorted keys, indented, with a line's end behind it: the same record gives the same bytes.
    ///
    /// - Throws: ``RecordError/notEncodable(_:)`` for a number that JSON cannot represent.
    public func render(_ record: RunRecord) throws(RecordError) -> String {
        try ReportSink.text { sink throws(RecordError) in try render(record, into: sink) }
    }

    /// Writes a run as ``render(_:)`` does, result by result.
    ///
    /// - Throws: ``RecordError/notEncodable(_:)`` for a number that JSON cannot represent.
    public func render(_ record: RunRecord, into sink: ReportSink) throws(RecordError) {
        var frame = record
        frame.results = []
        guard case .object(let members) = try Self.value(frame) else { return }
        var layout = JSONLayout(pretty: true)
        layout.begin("{")
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            layout.key(name)
            guard name == "results" else {
                layout.value(value)
                continue
            }
            layout.begin("[")
            for (index, result) in record.results.enumerated() {
                layout.element()
                if JSONLayout.knowsAllMembers { layout.result(result) } else { layout.value(try Self.value(result)) }
                if layout.oddNumber != nil { throw Self.objection(to: result, index) }
                sink.put(bytes: layout.bytes)
                layout.bytes.removeAll(keepingCapacity: true)
            }
            layout.end("]")
        }
        layout.end("}")
        sink.put(bytes: layout.bytes)
        sink.line("")
    }

    /// Says where in a result the number is that JSON cannot represent.
    private static func objection(to result: SampleResult, _ index: Int) -> RecordError {
        do {
            _ = try JSONValue(encoding: result)
            return .notEncodable("results[\(index)] holds a number that JSON cannot represent")
        } catch {
            return .notEncodable("results[\(index)].\(RecordError.cause(of: error))")
        }
    }

    /// Reads a record.
    ///
    /// Keys that this version does not know are passed over: the schema is for writers.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - keepsObservations: Whether what the samples observed is wanted, which is the larger part of a record.
    /// - Returns: The record, whose summary counts its results.
    /// - Throws: ``RecordError/notARecord(_:)``, ``RecordError/otherRecordVersion(_:)`` or
    ///   ``RecordError/summaryDiffers``. A record of a run that went badly, or was cut short, does not throw.
    public static func read(_ bytes: [UInt8], keepsObservations: Bool = true) throws(RecordError) -> RunRecord {
        let parts = try RecordParts(bytes, keepsObservations: keepsObservations)
        let found: Header = try decode(parts.frame)
        guard found.schema == schema else {
            let isOurs = found.schema.utf8.starts(with: "bpf-assay/record/".utf8)
            throw isOurs
                ? .otherRecordVersion(found.schema) : .notARecord("its schema is '\(found.schema)', not '\(schema)'")
        }
        if let objection = parts.objection { throw objection }
        var record: RunRecord = try decode(parts.frame)
        record.results = parts.results
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

    private static func value(_ value: some Encodable) throws(RecordError) -> JSONValue {
        do {
            return try JSONValue(encoding: value)
        } catch {
            throw .notEncodable(RecordError.cause(of: error))
        }
    }

    /// A value as JSON with sorted keys.
    static func text(_ value: some Encodable, pretty: Bool) throws(RecordError) -> String {
        var layout = JSONLayout(pretty: pretty)
        layout.value(try Self.value(value))
        return String(decoding: layout.bytes, as: UTF8.self)
    }
}
