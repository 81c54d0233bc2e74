public import RunModel

/// A check as JSON: what everything else that is said of a check can be computed from.
public struct CheckJSON: CheckFormat {
    /// `json`.
    public let name = "json"

    /// Creates the format.
    public init() {}

    /// Renders a check with sorted keys, indented, with a line's end behind it: the same record gives the same bytes.
    ///
    /// - Throws: ``RecordError/notEncodable(_:)``, which strings and arrays of them do not provoke.
    public func render(_ record: CheckRecord) throws(RecordError) -> String {
        try RecordJSON.text(record, pretty: true) + "\n"
    }

    /// Reads a check.
    ///
    /// Keys that this version does not know are passed over.
    ///
    /// - Parameter bytes: The whole file.
    /// - Returns: The record.
    /// - Throws: ``RecordError/notARecord(_:)`` or ``RecordError/otherRecordVersion(_:)``.
    public static func read(_ bytes: [UInt8]) throws(RecordError) -> CheckRecord {
        let record: CheckRecord = try RecordJSON.decode(bytes)
        guard record.schema == CheckRecord.schema else {
            let isOurs = record.schema.utf8.starts(with: "bpf-assay/check/".utf8)
            throw isOurs
                ? .otherRecordVersion(record.schema)
                : .notARecord("its schema is '\(record.schema)', not '\(CheckRecord.schema)'")
        }
        return record
    }
}
