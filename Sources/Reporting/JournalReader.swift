import FoundationEssentials
public import RunModel

/// A journal as far as it could be read.
public struct Journal: Sendable, Hashable {
    /// The events, oldest first.
    public var events: [RunEvent] = []
    /// Lines of a kind that this version does not know; they were skipped.
    public var unknownKinds = 0
    /// Lines in the midst of the journal that are no event; they were skipped, and cannot have made a sample pass.
    public var damagedLines = 0
    /// Whether the journal stops inside of a line, as it does when its writer is killed.
    public var isTorn = false

    /// What a person ought to know about the reading, a line each; empty for a journal that was read whole.
    public var notes: [String] {
        var notes: [String] = []
        if unknownKinds > 0 {
            notes.append("events of kinds that this version does not know, skipped: \(unknownKinds)")
        }
        if damagedLines > 0 {
            notes.append("damaged lines, skipped, so that what they told is missing: \(damagedLines)")
        }
        if isTorn { notes.append("the journal stops in the midst of a line, which was skipped") }
        return notes
    }

    /// Folds the events.
    ///
    /// - Throws: ``RecordError/noStart`` where no event is the start of a run.
    public func record() throws(RecordError) -> RunRecord {
        guard let record = RunRecord(folding: events) else { throw .noStart }
        return record
    }
}

/// Reads journals: JSON Lines of `RunEvent`.
public enum JournalReader {
    /// The version of the journal that is read.
    public static let version = RunEvent.journalVersion

    /// Reads a journal that may stop anywhere.
    ///
    /// - Parameter bytes: The whole file.
    /// - Returns: The events, and what had to be skipped.
    /// - Throws: ``RecordError/notAJournal(_:)`` where the first line is no event, or
    ///   ``RecordError/otherJournalVersion(_:)``. Neither a torn last line, nor a damaged one further down, nor an
    ///   unknown kind throws.
    public static func read(_ bytes: [UInt8]) throws(RecordError) -> Journal {
        var journal = Journal()
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let last = lines.count - 1
        for (index, line) in lines.enumerated() where !line.isEmpty {
            do {
                let header = try decode(Header.self, line)
                guard header.version == version else { throw RecordError.otherJournalVersion(header.version) }
                if RunEvent.Kind(rawValue: header.kind) == nil {
                    journal.unknownKinds += 1
                } else {
                    journal.events.append(try decode(RunEvent.self, line))
                }
            } catch let error as RecordError {
                throw error
            } catch {
                let isFirst = journal.events.isEmpty && journal.unknownKinds == 0
                if isFirst { throw .notAJournal("line \(index + 1) is no event (\(RecordError.cause(of: error)))") }
                // Every whole line ends with a newline, so what stands behind the last one was never finished.
                if index == last { journal.isTorn = true } else { journal.damagedLines += 1 }
            }
        }
        if journal.events.isEmpty && journal.unknownKinds == 0 { throw .notAJournal("it is empty") }
        return journal
    }

    /// Whether bytes begin with an event, of whatever version and kind.
    static func isJournal(_ bytes: [UInt8]) -> Bool {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        return (try? decode(Header.self, line)) != nil
    }

    private struct Header: Decodable {
        var version: Int
        var kind: String
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ line: ArraySlice<UInt8>) throws -> Value {
        try JSONDecoder().decode(type, from: Data(line))
    }
}

/// Writes journals.
public enum JournalLine {
    /// An event as one line of JSON with sorted keys and a newline behind it, for a single write(2).
    ///
    /// - Throws: ``RecordError/notEncodable(_:)`` for a number that JSON has no form for.
    public static func bytes(of event: RunEvent) throws(RecordError) -> [UInt8] {
        Array((try RecordJSON.text(event, pretty: false) + "\n").utf8)
    }
}
