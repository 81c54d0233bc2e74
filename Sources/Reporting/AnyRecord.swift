public import RunModel

/// A record of whichever kind a file holds; its schema decides, not the file's name.
public enum AnyRecord: Sendable, Hashable {
    /// A check of a kernel.
    case check(CheckRecord)
    /// A run of samples, from a record or a journal, with what a person ought to know about the reading.
    case run(RunRecord, notes: [String])

    /// Reads a check, a record of a run or a journal.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - keepsObservations: Whether what the samples of a run observed is wanted.
    /// - Throws: ``RecordError`` for anything else.
    public init(_ bytes: [UInt8], keepsObservations: Bool = true) throws(RecordError) {
        if RecordKind(of: bytes) == .check {
            self = .check(try CheckJSON.read(bytes))
        } else {
            let file = try RecordFile(bytes, keepsObservations: keepsObservations)
            self = .run(file.record, notes: file.notes)
        }
    }
}
