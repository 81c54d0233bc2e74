import Comparing
import FileBytes
import Reporting
public import RunModel

/// The record of an earlier run, with which a run is compared.
public struct Baseline: Sendable {
    /// The baseline cannot be used; nothing has run yet.
    public struct Refused: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong with it.
        public let description: String
    }

    private let path: String
    private var record: RunRecord
    /// What was left out when it was read, one per line.
    public let notes: [String]

    /// Reads a baseline: a record, a journal, a results folder, or - for standard input.
    ///
    /// - Throws: ``Refused`` for anything else, a check's record included.
    public init(_ path: String) throws(Refused) {
        let name = ForeignText.line(path)
        self.path = name
        let found: AnyRecord
        do {
            found = try AnyRecord(try RecordInput.read(path), keepsObservations: false)
        } catch {
            throw Refused(description: "reading the baseline '\(name)': \(error)")
        }
        guard case .run(let record, let notes) = found else {
            throw Refused(
                description: "reading the baseline '\(name)': it is a check's record; name the record of a run"
            )
        }
        self.notes = notes.map { "baseline '\(name)': \($0)" }
        self.record = record
    }

    /// Leaves out what was not asked for, so that it does not count as gone.
    ///
    /// - Parameter samples: The samples that were chosen by name; `nil` where all run.
    public mutating func restrict(to samples: Set<String>?) {
        guard let samples else { return }
        record.results.removeAll { !samples.contains($0.sample) }
        record.summary = RunRecord.Summary(of: record.results)
    }

    /// Refuses a baseline that has no cell that the run is going to fill.
    ///
    /// - Throws: ``Refused``.
    public func requireCommonCells(with cells: [PlannedSample], on machines: [Machine]) throws(Refused) {
        let info = RunInfo(id: "", started: "", tool: "", command: [])
        guard let planned = RunRecord(folding: [.runStarted(info, machines: machines, plan: cells)]),
            RunComparison(of: record, to: planned).common == 0
        else { return }
        let own = machines.map(\.id).joined(separator: ", ")
        let theirs = record.machines.map(\.id).joined(separator: ", ")
        throw Refused(
            description: ForeignText.line(
                "comparing with the baseline '\(path)': it has none of these samples on a machine matching \(own); "
                    + "it is of \(theirs.isEmpty ? "no machine" : theirs)"
            )
        )
    }

    /// What became of the baseline's cells, and what is new.
    public func comparison(with record: RunRecord) -> RunComparison { RunComparison(of: self.record, to: record) }
}
