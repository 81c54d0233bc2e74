import FoundationEssentials
import Glibc
import LinuxHost
public import RunModel
import SampleKit
import SampleWorker
import WorkerWire
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
        /// What of the kernel's complaints against itself is put up with.
        public var allowedSplats = SplatAllowList()
        /// Whether a machine whose kernel does not start fails its samples.
        ///
        /// Else that is an error: it may be for want of an option that only virtual machines need.
        public var failsForNoBoot = false
        /// Whether no further sample begins after one has failed that was expected to pass.
        public var stopsAtFailure = false
        /// A descriptor that becomes readable when the run is to end at once, or -1.
        public var interruption: CInt = -1
        /// Told before each try of the sample, the machine and whether it is a control run; from several threads.
        public var trying: (@Sendable (_ sample: String, _ machine: String, _ isControl: Bool) -> Void)?

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
        let runner = CellRunner(settings: settings, host: host)
        // Saying that nothing can be run must need no rights.
        guard plan.cells.contains(where: { $0.action == .run }) else {
            for cell in plan.cells {
                report(.sampleStarted(cell.planned(on: settings.machine)))
                report(.sampleEnded(runner.fill(cell, on: lane(in: ControlGroup(path: "/"))).result))
            }
            return false
        }
        let journal = try ResourceJournal(run: runID)
        let group = try ControlGroup.own().child("\(ResourceJournal.cgroupPrefix)\(runID)")
        try journal.note(group)
        try group.create()
        let together = CellQueue(plan.cells.filter { $0.action != .run || !$0.entry.manifest.runsAlone })
        let alone = CellQueue(plan.cells.filter { $0.action == .run && $0.entry.manifest.runsAlone })
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
                        let filled = runner.fill(cell, on: lane(in: group.child("\(slot)")))
                        if filled.interrupted {
                            queue.stop()
                            return
                        }
                        serialized(.sampleEnded(filled.result))
                        if settings.stops(after: filled.result) { queue.stop() }
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

    private func lane(in cgroup: ControlGroup) -> any SampleLane {
        settings.watched(
            HostLane(WorkerProcess.Settings(executable: settings.worker, interruption: settings.interruption), cgroup)
        )
    }
}

extension Supervisor.Settings {
    /// A lane whose tries are told of, where somebody wants to know.
    func watched(_ lane: any SampleLane) -> any SampleLane {
        guard let trying else { return lane }
        return WatchedLane(lane) { [machine] sample, isControl in trying(sample, machine, isControl) }
    }
}

extension Supervisor.Settings {
    /// Whether a result ends the run.
    func stops(after result: SampleResult) -> Bool {
        stopsAtFailure && result.verdict == .fail && result.expected != .fail
    }
}

/// Where a sample's kern object is, or why there is none.
public enum KernObjectSource: Sendable, Hashable {
    /// At this path.
    case path(String)
    /// Nowhere, for this reason, which is not the kernel's.
    case absent(String)
    /// Not in this tree, and rightly so: trees of its release have no such sample.
    case lacking(file: String, String)
    /// Its build failed.
    case refused(BuildResult)
}
