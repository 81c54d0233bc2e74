public import RunModel

/// A record of whichever kind a file holds; its schema decides, not the file's name.
public enum AnyRecord: Sendable, Hashable {
    /// A check of a kernel.
    case check(CheckRecord)
    /// A run of samples, from a record or a journal, with what a person ought to know about the reading.
    case run(RunRecord, notes: [String])

    /// Reads a check, a record of a run or a journal.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: ``RecordError`` for anything else.
    public init(_ bytes: [UInt8]) throws(RecordError) {
        if !JournalReader.isJournal(bytes) {
            let header: Header = try RecordJSON.decode(bytes)
            if header.schema.utf8.starts(with: CheckJSON.family.utf8) {
                self = .check(try CheckJSON.read(bytes))
                return
            }
        }
        let file = try RecordFile(bytes)
        self = .run(file.record, notes: file.notes)
    }

    private struct Header: Decodable {
        var schema: String
    }
}
