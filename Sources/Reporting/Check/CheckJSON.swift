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
        // Another version may lack what this one decodes, and is to be named by its version all the same.
        let header: Header = try RecordJSON.decode(bytes)
        guard header.schema == CheckRecord.schema else {
            throw header.schema.utf8.starts(with: family.utf8)
                ? .otherRecordVersion(header.schema)
                : .notARecord("its schema is '\(header.schema)', not '\(CheckRecord.schema)'")
        }
        return try RecordJSON.decode(bytes)
    }

    /// What the schema of a check begins with, whatever its version.
    static let family = "bpf-assay/check/"

    private struct Header: Decodable {
        var schema: String
    }
}
