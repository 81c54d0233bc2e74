import FoundationEssentials
import Glibc
import LinuxHost
public import RunModel
import SampleKit
import SampleWorker
import Synchronization

/// Runs the samples of a plan, each in a worker process of its own, and reports events as they happen.
public struct Supervisor: Sendable {
    /// How a run is to be made.
    public struct Settings: Sendable {
        /// The path of `assay-worker`.
        public var worker: String
        /// The kern objects by the samples' `<family>/<name>`.
        public var objects: [String: KernObjectSource]
        /// The machine's name in the record.
        public var machine = "host"
        /// How many samples run at the same time, at least 1.
        public var jobs = 2
        /// How often each sample is run; all its runs must agree.
        public var repetitions = 1
        /// How often a sample that did not pass is tried again.
        public var retries = 0
        /// Whether each sample that passes is run again with its stimulus withheld.
        public var makesControlRuns = true
        /// The time that a sample has; `nil` for its manifest's.
        public var timeout: Duration?
        /// A descriptor that becomes readable when the run is to end at once, or -1.
        public var interruption: CInt = -1

        /// Creates settings.
        public init(worker: String, objects: [String: KernObjectSource]) {
            self.worker = worker
            self.objects = objects
        }
    }

    private let settings: Settings
    private let host: HostFacts
    private let runID: String
    private let report: @Sendable (RunEvent) -> Void

    /// Creates a supervisor.
    ///
    /// - Parameters:
    ///   - settings: How the run is to be made.
    ///   - host: What is known of the host.
    ///   - runID: The run's name, which its cgroup and its resource journal bear.
    ///   - report: Called with each event, from several threads, one call at a time.
    public init(
        _ settings: Settings,
        on host: HostFacts,
        runID: String,
        report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.settings = settings
        self.host = host
        self.runID = runID
        self.report = report
    }

    /// Runs the plan.
    ///
    /// It blocks until every sample is done or the run was interrupted.
    ///
    /// Samples that disturb each other run alone, after all others.
    ///
    /// - Returns: Whether the run was interrupted.
    /// - Throws: `SystemCallError` where no run can be made at all: no cgroup2, no right to write to `/run`.
    public func run(_ plan: RunPlan) throws -> Bool {
        // Saying that nothing can be run must need no rights.
        guard plan.cells.contains(where: { $0.action == .run }) else {
            for cell in plan.cells {
                report(.sampleStarted(cell.planned(on: settings.machine)))
                report(.sampleEnded(fill(cell, in: ControlGroup(path: "/")).0))
            }
            return false
        }
        let journal = try ResourceJournal(run: runID)
        let group = try ControlGroup.own().child("\(ResourceJournal.cgroupPrefix)\(runID)")
        try journal.note(group)
        try group.create()
        let together = Queue(plan.cells.filter { $0.action != .run || !$0.entry.manifest.runsAlone })
        let alone = Queue(plan.cells.filter { $0.action == .run && $0.entry.manifest.runsAlone })
        let number = Atomic(0)
        let order = Mutex(())
        let report = self.report
        let serialized: @Sendable (RunEvent) -> Void = { event in order.withLock { _ in report(event) } }
        for (queue, jobs) in [(together, max(1, settings.jobs)), (alone, 1)] {
            // A thread a slot: a worker dies with the thread that started it, and these live until all is done.
            let threads = (0..<jobs).map { _ in
                WorkThread {
                    while let cell = queue.next() {
                        let slot = number.add(1, ordering: .relaxed).newValue
                        let planned = cell.planned(on: settings.machine)
                        serialized(.sampleStarted(planned))
                        let (result, interrupted) = self.fill(cell, in: group.child("\(slot)"))
                        if interrupted {
                            queue.stop()
                            return
                        }
                        serialized(.sampleEnded(result))
                    }
                }
            }
            for thread in threads { thread.join() }
            if together.isStopped { alone.stop() }
        }
        // What cannot be removed now is in the journal, for the next start; the results must not be lost over it.
        let isGone = (try? group.remove(deadline: Deadline(after: .seconds(3)))) != nil
        if isGone { journal.finish() }
        return together.isStopped || alone.isStopped
    }

    // MARK: One cell

    private func fill(_ cell: RunPlan.Cell, in cgroup: ControlGroup) -> (SampleResult, interrupted: Bool) {
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

/// Cells that wait for a slot.
private final class Queue: Sendable {
    private let state: Mutex<(cells: ArraySlice<RunPlan.Cell>, stopped: Bool)>

    init(_ cells: [RunPlan.Cell]) {
        state = Mutex((cells[...], false))
    }

    func next() -> RunPlan.Cell? {
        state.withLock { $0.stopped ? nil : $0.cells.popFirst() }
    }

    func stop() {
        state.withLock { $0.stopped = true }
    }

    var isStopped: Bool { state.withLock { $0.stopped } }
}

/// Where a sample's kern object is, or why there is none.
public enum KernObjectSource: Sendable, Hashable {
    /// At this path.
    case path(String)
    /// Nowhere, for this reason, which is not the kernel's.
    case absent(String)
    /// Its build failed.
    case refused(BuildResult)
}
