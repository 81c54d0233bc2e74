import Glibc
import LinuxHost
public import RunModel
public import WorkerWire
import SampleKit
import Synchronization

/// Runs the samples of a plan on lanes that somebody else makes, such as virtual machines.
public struct LaneSupervisor: Sendable {
    private let settings: Supervisor.Settings
    private let machine: HostFacts
    private let makeLane: @Sendable (Int) -> any SampleLane
    private let report: @Sendable (RunEvent) -> Void

    /// Creates a supervisor.
    ///
    /// - Parameters:
    ///   - settings: How the run is to be made; its worker is the lanes' affair.
    ///   - machine: What is known of the machine.
    ///   - makeLane: Makes a lane, given its number from 0; called on the lane's own thread, when it has its first sample.
    ///   - report: Called with each event, from several threads, one call at a time.
    public init(
        _ settings: Supervisor.Settings,
        on machine: HostFacts,
        makeLane: @escaping @Sendable (Int) -> any SampleLane,
        report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.settings = settings
        self.machine = machine
        self.makeLane = { settings.watched(makeLane($0)) }
        self.report = report
    }

    /// Runs the plan on as many lanes as the settings ask for.
    ///
    /// It blocks until every sample is done or the run was interrupted. What is found out about a sample after its result was
    /// reported (its machine panics just behind it) is reported as another result of it; of two the later counts.
    ///
    /// - Returns: Whether the run was interrupted.
    public func run(_ plan: RunPlan) -> Bool {
        let queue = CellQueue(plan.cells)
        let runnable = plan.cells.count { $0.action == .run }
        let order = Mutex(())
        let report = self.report
        let serialized: @Sendable (RunEvent) -> Void = { event in order.withLock { _ in report(event) } }
        let threads = (0..<max(1, min(settings.jobs, runnable))).map { number in
            WorkThread { drain(queue, laneNumber: number, serialized) }
        }
        for thread in threads { thread.join() }
        return queue.isStopped
    }

    private func drain(_ queue: CellQueue, laneNumber: Int, _ report: (RunEvent) -> Void) {
        let runner = CellRunner(settings: settings, host: machine)
        var lane: (any SampleLane)?
        var last: SampleHistory?
        func note(_ doubt: MachineDoubt?) {
            guard let doubt, var history = last else { return }
            let before = history.result
            history.after.append(doubt)
            last = history
            let result = history.result
            guard result != before else { return }
            report(.sampleEnded(result))
            if settings.stops(after: result) { queue.stop() }
        }
        while let cell = queue.next() {
            report(.sampleStarted(cell.planned(on: settings.machine)))
            var usesLane = false
            let filled = runner.fill(
                cell,
                on: {
                    usesLane = true
                    let made = lane ?? makeLane(laneNumber)
                    lane = made
                    return made
                }()
            )
            note(filled.doubt)
            if filled.interrupted {
                queue.stop()
                break
            }
            report(.sampleEnded(filled.result))
            if settings.stops(after: filled.result) { queue.stop() }
            if usesLane { last = filled.history }
        }
        note(lane?.finish())
    }
}
