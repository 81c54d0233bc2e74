public import RunModel

/// A run read from a file, whichever of its two forms the file has.
public struct RecordFile: Sendable, Hashable {
    /// The run.
    public var record: RunRecord
    /// What a person ought to know about the reading, such as that the journal was torn.
    public var notes: [String]

    /// Reads a record, or folds a journal; the contents decide, not the file's name.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - keepsObservations: Whether what the samples observed is wanted, which is the larger part of a run.
    /// - Throws: ``RecordError`` for anything else.
    public init(_ bytes: [UInt8], keepsObservations: Bool = true) throws(RecordError) {
        if RecordKind(of: bytes) == .journal {
            let journal = try JournalReader.read(bytes, keepsObservations: keepsObservations)
            (record, notes) = (try journal.record(), journal.notes)
        } else {
            (record, notes) = (try RecordJSON.read(bytes, keepsObservations: keepsObservations), [])
        }
    }
}
