import Comparing
import Reporting
import RunModel

/// The record of an earlier run, with which a run is compared.
struct Baseline {
    /// The baseline cannot be used; nothing has run yet.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    private let path: String
    private var record: RunRecord

    /// Reads a baseline: a record, a journal, a results folder, or - for standard input.
    ///
    /// - Throws: ``Refused`` for anything else, a check's record included.
    init(_ path: String) throws(Refused) {
        self.path = ForeignText.line(path)
        let found: AnyRecord
        do {
            found = try AnyRecord(try RecordInput.read(path), keepsObservations: false)
        } catch {
            throw Refused(description: "reading the baseline '\(self.path)': \(error)")
        }
        guard case .run(let record, let notes) = found else {
            throw Refused(
                description: "reading the baseline '\(self.path)': it is a check's record; name the record of a run"
            )
        }
        for note in notes { Console.say("baseline '\(self.path)': \(note)") }
        self.record = record
    }

    /// Leaves out what was not asked for, so that it does not count as gone.
    ///
    /// - Parameter samples: The samples that were chosen by name; `nil` where all run.
    mutating func restrict(to samples: Set<String>?) {
        guard let samples else { return }
        record.results.removeAll { !samples.contains($0.sample) }
        record.summary = RunRecord.Summary(of: record.results)
    }

    /// Refuses a baseline that has no cell that the run is going to fill.
    func requireCommonCells(with cells: [PlannedSample], on machines: [Machine]) throws(Refused) {
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
    func comparison(with record: RunRecord) -> RunComparison { RunComparison(of: self.record, to: record) }
}
