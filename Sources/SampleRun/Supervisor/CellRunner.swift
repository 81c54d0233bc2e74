import LinuxHost
import RunModel
import SampleKit
import WorkerWire

/// Runs the cells of a plan on whatever lane it is given: the same tries and control runs on a host and in a guest.
///
/// What they come to is ``SampleHistory``'s to say.
struct CellRunner: Sendable {
    let settings: Supervisor.Settings
    /// The machine's name in the record.
    let machine: String
    let host: HostFacts

    /// What came of a cell.
    struct Filled {
        /// All that happened.
        var history: SampleHistory
        /// Whether the run was interrupted meanwhile; the result then says nothing.
        var interrupted = false

        /// The result.
        var result: SampleResult { history.result }
        /// What puts the cell that ran on the lane before in doubt.
        var doubt: MachineDoubt? { history.tries.first?.outcome.doubt }
    }

    /// Runs one cell, with all its tries and its control run.
    ///
    /// - Parameters:
    ///   - cell: The cell.
    ///   - lane: Where its tries are made; not asked for a cell that is not run.
    /// - Returns: What came of it.
    func fill(_ cell: RunPlan.Cell, on lane: @autoclosure () -> any SampleLane) -> Filled {
        let rules = VerdictRules(
            entry: cell.entry,
            host: host,
            allowedSplats: settings.allowedSplats,
            failsForNoBoot: settings.failsForNoBoot
        )
        var history = SampleHistory(rules: rules, machine: machine, expected: cell.expected)
        let source = settings.objects[cell.entry.id] ?? .unbuilt(cell.entry.manifest)
        history.unrun = rules.ruling(without: cell.action, source)
        guard history.unrun == nil, case .paths(let objects) = source else { return Filled(history: history) }
        let lane = lane()
        let begin = Deadline.now
        for repetition in 0..<max(1, settings.repetitions) {
            for left in (0...max(0, settings.retries)).reversed() {
                let start = Deadline.now
                let outcome = attempt(rules, objects, lane, isControl: false)
                let one = SampleHistory.Try(
                    outcome: outcome,
                    repetition: repetition,
                    seconds: Self.seconds(since: start)
                )
                history.tries.append(one)
                if outcome.interrupted { return Filled(history: history, interrupted: true) }
                if outcome.verdict == .pass || outcome.verdict == .skip || left == 0 { break }
            }
        }
        if history.wantsControl, settings.makesControlRuns {
            let control = attempt(rules, objects, lane, isControl: true)
            if control.interrupted { return Filled(history: history, interrupted: true) }
            history.control = control
        }
        history.seconds = Self.seconds(since: begin)
        return Filled(history: history)
    }

    private func attempt(
        _ rules: VerdictRules,
        _ objects: [String],
        _ lane: any SampleLane,
        isControl: Bool
    ) -> AttemptOutcome {
        do {
            let outcome = try lane.attempt(
                rules.entry.id,
                objects: objects,
                isControl: isControl,
                timeout: settings.timeout ?? rules.entry.manifest.timeout
            )
            return AttemptOutcome(outcome, by: rules)
        } catch {
            return AttemptOutcome(notRun: error)
        }
    }

    private static func seconds(since start: UInt64) -> Double {
        // Rounded to milliseconds, so that records stay short.
        (Double(Deadline.now - start) / 1e6).rounded() / 1e3
    }
}
