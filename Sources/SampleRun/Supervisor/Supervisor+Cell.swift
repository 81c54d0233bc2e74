import LinuxHost
import RunModel
import SampleKit
import SampleWorker

extension Supervisor {
    /// Runs one cell, with all its tries and its control run.
    ///
    /// - Returns: The result, and whether the run was interrupted meanwhile; the result then says nothing.
    func fill(_ cell: RunPlan.Cell, in cgroup: ControlGroup) -> (SampleResult, interrupted: Bool) {
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
            return (result, false)
        }
        let object: String
        switch settings.objects[cell.entry.id] ?? .absent("nothing built '\(cell.entry.manifest.object)'") {
        case .path(let path):
            object = path
        case .absent(let message):
            result.reason = .buildFailed
            result.message = message
            return (result, false)
        case .refused(let build):
            result.verdict = build.verdict
            result.reason = .buildFailed
            result.message = build.diagnostics.first ?? "'\(cell.entry.manifest.kernSource)' could not be built"
            result.details = Array(build.diagnostics.dropFirst())
            return (result, false)
        }
        let begin = Deadline.now
        var worst: AttemptOutcome?
        var tries = 0
        for _ in 0..<max(1, settings.repetitions) {
            var left = settings.retries
            while true {
                tries += 1
                let start = Deadline.now
                let outcome = attempt(cell, object, cgroup.sibling(tries), isControl: false)
                if outcome.interrupted { return (result, true) }
                result.leaks += outcome.leaks
                result.attempts.append(
                    SampleResult.Attempt(
                        verdict: outcome.verdict,
                        reason: outcome.reason,
                        message: outcome.message,
                        duration: Self.seconds(since: start)
                    )
                )
                if outcome.verdict != .pass, left > 0 {
                    left -= 1
                    continue
                }
                if worst.map({ $0.verdict.rank < outcome.verdict.rank }) ?? true { worst = outcome }
                break
            }
        }
        if let worst { result.take(worst) }
        if result.verdict == .pass, settings.makesControlRuns {
            let control = attempt(cell, object, cgroup.sibling(tries + 1), isControl: true)
            if control.interrupted { return (result, true) }
            result.leaks += control.leaks
            result.note(control: control)
            if let splat = control.splats.first {
                result.verdict = .fail
                result.reason = .splat
                result.message = "the kernel logged in the control run: \(splat)"
                result.details = control.splats
            }
        }
        if result.verdict == .pass, let leak = result.leaks.first {
            result.verdict = .error
            result.reason = .harness
            result.message = "left behind: \(leak.kind) \(leak.subject)"
        }
        result.duration = Self.seconds(since: begin)
        return (result, false)
    }

    private func attempt(
        _ cell: RunPlan.Cell,
        _ object: String,
        _ cgroup: ControlGroup,
        isControl: Bool
    ) -> AttemptOutcome {
        let request = WorkerRequest(sample: cell.entry.id, object: object, cgroup: cgroup.path, isControl: isControl)
        do {
            let outcome = try WorkerProcess.run(
                request,
                WorkerProcess.Settings(executable: settings.worker, interruption: settings.interruption),
                in: cgroup,
                timeout: settings.timeout ?? cell.entry.manifest.timeout
            )
            return AttemptOutcome(outcome, of: cell.entry, on: host)
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
    fileprivate mutating func take(_ outcome: AttemptOutcome) {
        verdict = outcome.verdict
        reason = outcome.reason
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

extension ControlGroup {
    /// A cgroup beside this one, for another try.
    fileprivate func sibling(_ number: Int) -> ControlGroup {
        ControlGroup(path: "\(path).\(number)")
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
