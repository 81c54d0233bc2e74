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

    /// What a person ought to know about the reading, one per line; empty for a journal that was read whole.
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
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - keepsObservations: Whether what the samples observed is wanted, which is the larger part of a journal.
    /// - Returns: The events, and what had to be skipped.
    /// - Throws: ``RecordError/notAJournal(_:)`` where the first line is no event, or
    ///   ``RecordError/otherJournalVersion(_:)``. Neither a torn last line, nor a damaged one further down, nor an
    ///   unknown kind throws.
    public static func read(_ bytes: [UInt8], keepsObservations: Bool = true) throws(RecordError) -> Journal {
        try bytes.withUnsafeBufferPointer { buffer throws(RecordError) in
            var reading = Reading(keepsObservations: keepsObservations)
            // Events are large, and growing to their number would take twice the memory. A file of nothing but newlines gets no more.
            reading.journal.events.reserveCapacity(min(buffer.count { $0 == UInt8(ascii: "\n") }, 1 << 18))
            var start = 0
            var number = 1
            while start < buffer.count {
                // Every whole line ends with a newline, so what follows the last one was never finished.
                let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n"))
                let line = UnsafeBufferPointer(rebasing: buffer[start..<(end ?? buffer.count)])
                if !line.isEmpty { try reading.take(line, number, isLast: end == nil) }
                start = (end ?? buffer.count) + 1
                number += 1
            }
            if reading.isEmpty { throw .notAJournal("it is empty") }
            return reading.journal
        }
    }

    /// A journal while its lines are taken in.
    private struct Reading {
        var journal = Journal()
        let keepsObservations: Bool
        private let pool = StringPool()

        init(keepsObservations: Bool) { self.keepsObservations = keepsObservations }

        var isEmpty: Bool { journal.events.isEmpty && journal.unknownKinds == 0 }

        mutating func take(_ line: UnsafeBufferPointer<UInt8>, _ number: Int, isLast: Bool) throws(RecordError) {
            if let event = RunEvent(plain: line, pool, keepsObservations) {
                journal.events.append(event)
                return
            }
            do {
                let data = Data(line)
                let header = try JSONDecoder().decode(Header.self, from: data)
                guard header.version == version else { throw RecordError.otherJournalVersion(header.version) }
                if RunEvent.Kind(rawValue: header.kind) == nil {
                    journal.unknownKinds += 1
                } else {
                    journal.events.append(try JSONDecoder().decode(RunEvent.self, from: data))
                }
            } catch let error as RecordError {
                throw error
            } catch {
                if isEmpty { throw .notAJournal("line \(number) is no event (\(RecordError.cause(of: error)))") }
                if isLast { journal.isTorn = true } else { journal.damagedLines += 1 }
            }
        }

        private struct Header: Decodable {
            var version: Int
            var kind: String
        }
    }
}

/// Writes journals.
public enum JournalLine {
    /// An event as one line of JSON with sorted keys and a newline behind it, for a single write(2).
    ///
    /// - Throws: ``RecordError/notEncodable(_:)`` for a number that JSON cannot represent.
    public static func bytes(of event: RunEvent) throws(RecordError) -> [UInt8] {
        Array((try RecordJSON.text(event, pretty: false) + "\n").utf8)
    }
}
