import LinuxHost
import RunModel
import SampleKit
import SampleWorker

/// Runs the cells of a plan on whatever lane it is given: the same tries, control runs and verdicts on a host and in a guest.
struct CellRunner: Sendable {
    let settings: Supervisor.Settings
    let host: HostFacts

    /// What came of a cell.
    struct Filled {
        /// The result.
        var result: SampleResult
        /// Whether the run was interrupted meanwhile; the result then says nothing.
        var interrupted = false
        /// What puts the cell that ran on the lane before in doubt.
        var doubt: MachineDoubt?
    }

    /// Runs one cell, with all its tries and its control run.
    ///
    /// - Parameters:
    ///   - cell: The cell.
    ///   - lane: Where its tries are made; not asked for a cell that is not run.
    /// - Returns: What came of it.
    func fill(_ cell: RunPlan.Cell, on lane: @autoclosure () -> any SampleLane) -> Filled {
        var result = SampleResult(
            sample: cell.entry.id,
            machine: settings.machine,
            verdict: .error,
            expected: cell.expected
        )
        if case .skip(let reason, let need, let message) = cell.action {
            result.verdict = .skip
            result.reason = reason
            result.need = need
            result.message = message
            return Filled(result: result)
        }
        let object: String
        switch settings.objects[cell.entry.id] ?? .absent("nothing built '\(cell.entry.manifest.object)'") {
        case .path(let path):
            object = path
        case .absent(let message):
            result.reason = .buildFailed
            result.message = message
            return Filled(result: result)
        case .lacking(let file, let message):
            result.verdict = .skip
            result.reason = .featureMissing
            result.need = .source(file)
            result.message = message
            return Filled(result: result)
        case .refused(let build):
            result.verdict = build.verdict
            result.reason = .buildFailed
            result.message = build.diagnostics.first ?? "'\(cell.entry.manifest.kernSource)' could not be built"
            result.details = Array(build.diagnostics.dropFirst())
            return Filled(result: result)
        }
        let lane = lane()
        var doubt: MachineDoubt?
        let begin = Deadline.now
        var worst: AttemptOutcome?
        var tries = 0
        for _ in 0..<max(1, settings.repetitions) {
            var left = settings.retries
            while true {
                tries += 1
                let start = Deadline.now
                var outcome = attempt(cell, object, lane, isControl: false)
                if outcome.interrupted { return Filled(result: result, interrupted: true, doubt: doubt) }
                if tries == 1 { doubt = outcome.doubt } else { outcome.take(outcome.doubt) }
                result.leaks += outcome.leaks
                result.attempts.append(
                    SampleResult.Attempt(
                        verdict: outcome.verdict,
                        reason: outcome.reason,
                        message: outcome.message,
                        duration: Self.seconds(since: start)
                    )
                )
                if outcome.verdict != .pass, outcome.verdict != .skip, left > 0 {
                    left -= 1
                    continue
                }
                if worst.map({ $0.verdict.rank < outcome.verdict.rank }) ?? true { worst = outcome }
                break
            }
        }
        if let worst { result.take(worst) }
        if result.verdict == .pass, settings.makesControlRuns {
            let control = attempt(cell, object, lane, isControl: true)
            if control.interrupted { return Filled(result: result, interrupted: true, doubt: doubt) }
            result.leaks += control.leaks
            result.note(control: control)
            result.take(control.doubt)
        }
        if result.verdict == .pass, let leak = result.leaks.first {
            result.verdict = .error
            result.reason = .harness
            result.message = "left behind: \(leak.kind) \(leak.subject)"
        }
        result.duration = Self.seconds(since: begin)
        return Filled(result: result, doubt: doubt)
    }

    private func attempt(
        _ cell: RunPlan.Cell,
        _ object: String,
        _ lane: any SampleLane,
        isControl: Bool
    ) -> AttemptOutcome {
        do {
            let outcome = try lane.attempt(
                cell.entry.id,
                object: object,
                isControl: isControl,
                timeout: settings.timeout ?? cell.entry.manifest.timeout
            )
            var judged = AttemptOutcome(outcome, of: cell.entry, on: host, allowing: settings.allowedSplats)
            if settings.failsForNoBoot, judged.loss?.kind == .boot { judged.verdict = .fail }
            return judged
        } catch {
            return AttemptOutcome(verdict: .error, reason: .harness, message: "the worker could not be run: \(error)")
        }
    }

    private static func seconds(since start: UInt64) -> Double {
        // Rounded to milliseconds, so that records stay short.
        (Double(Deadline.now - start) / 1e6).rounded() / 1e3
    }
}

extension SampleResult {
    /// Takes in what happened on the machine after the sample had passed there.
    mutating func take(_ doubt: MachineDoubt?) {
        guard let doubt, verdict == .pass else { return }
        if let splat = doubt.splats.first {
            verdict = .fail
            reason = .splat
            message = "after the sample the kernel logged: \(splat)"
            details = doubt.splats
        } else if let loss = doubt.loss {
            (verdict, reason, message) = loss.verdict
            message = "after the sample \(message)"
            details = loss.excerpt
        }
    }

    fileprivate mutating func take(_ outcome: AttemptOutcome) {
        verdict = outcome.verdict
        reason = outcome.reason
        need = outcome.need
        message = outcome.message
        details = outcome.details
        checks = outcome.checks
        notReached = outcome.notReached
        observation = outcome.observation
        let passed = attempts.count { $0.verdict == .pass }
        if passed > 0, passed < attempts.count {
            message = "flaky: \(passed) of \(attempts.count) passed" + (message.isEmpty ? "" : "; \(message)")
        }
    }

    /// Takes in a control run: an oracle that passes with nothing to see makes its own verdict worthless.
    fileprivate mutating func note(control outcome: AttemptOutcome) {
        if let splat = outcome.splats.first {
            verdict = .fail
            reason = .splat
            message = "the kernel logged in the control run: \(splat)"
            details = outcome.splats
            return
        }
        if let loss = outcome.loss {
            (verdict, reason, message) = loss.verdict
            message = "in the control run \(message)"
            details = loss.excerpt
            return
        }
        switch (outcome.verdict, outcome.reason) {
        case (.fail, .oracle):
            control = .refused
        case (.pass, _):
            control = .accepted
            verdict = .error
            reason = .harness
            message = "the oracle passed a run with the stimulus withheld, so its verdict is worth nothing"
        default:
            verdict = .error
            reason = .harness
            message = "the control run broke: \(outcome.message)"
        }
    }
}

extension Verdict {
    /// The order in which verdicts outrank each other, as in kcidb's schema.
    fileprivate var rank: Int {
        switch self {
        case .skip: 0
        case .pass: 1
        case .miss: 2
        case .error: 3
        case .fail: 4
        }
    }
}
