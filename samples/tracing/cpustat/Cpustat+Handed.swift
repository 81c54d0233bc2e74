import LibBPF
import RunModel
import SampleKit

extension Cpustat {
    /// One check for each change that a program was handed.
    static func handedChecks(_ seen: Observation) -> [Check] {
        let count: [Check] = [
            .equal("changes handed to the programs", expected: HandedChange.all.count, observed: seen.handed.count)
        ]
        return count
            + zip(HandedChange.all, seen.handed).map { change, outcome in
                let now = change.moment(outcome) ?? outcome.begin
                // A map without cells for the processor leaves nothing to read.
                let before = outcome.before.isEmpty ? change.known.cells(at: outcome.begin) : outcome.before
                let expected = change.expected(from: before, at: now)
                // A clock of the kernel's may be adjusted between two readings.
                let isTimely = (outcome.begin &- UInt64(slack)...outcome.end + UInt64(slack)).contains(now)
                return .equal(
                    change.title,
                    expected: text(expected.after, expected.added, strays: 0, isTimely: true),
                    observed: text(outcome.after, outcome.added, strays: outcome.strays, isTimely: isTimely)
                )
            }
    }

    private static func text(_ cells: [UInt64], _ added: [String: UInt64], strays: Int, isTimely: Bool) -> String {
        let sums = added.sorted { $0.key < $1.key }.map { "\($0.key) +\($0.value)" }
        return "\(cells), \(sums.isEmpty ? "nothing added" : sums.joined(separator: ", "))"
            + (strays == 0 ? "" : ", \(strays) other cells changed") + (isTimely ? "" : ", by another clock")
    }

    /// What must come of every change, at some moment.
    static var handedExample: [HandedChange.Outcome] {
        HandedChange.all.map { change in
            let now: UInt64 = 90_000_000_000
            var outcome = HandedChange.Outcome(begin: now - 1000, end: now + 1000)
            if change.processor < UInt32(IdleLedger.rows) { outcome.before = change.known.cells(at: now - 2000) }
            (outcome.after, outcome.added) = change.expected(from: outcome.before, at: now)
            return outcome
        }
    }
}
