import LinuxHost
public import RunModel
import Synchronization
public import WorkerWire

/// Runs the samples of a run on its machines, each try in a worker process of its own, and reports events as they happen.
///
/// This host and virtual machines differ by who makes their lanes, and by whether the lanes share a kernel.
public struct Supervisor: Sendable {
    /// What is to be run on one machine.
    public struct Assignment: Sendable {
        /// The machine's name in the record.
        public var machine: String
        /// What is known of it.
        public var facts: HostFacts
        /// The samples.
        public var plan: RunPlan
        /// What makes its lanes.
        public var lanes: any LaneFactory

        /// Creates an assignment.
        public init(machine: String, facts: HostFacts, plan: RunPlan, lanes: any LaneFactory) {
            self.machine = machine
            self.facts = facts
            self.plan = plan
            self.lanes = lanes
        }
    }

    let settings: Settings
    private let report: @Sendable (RunEvent) -> Void

    /// Creates a supervisor.
    ///
    /// - Parameters:
    ///   - settings: How the run is to be made.
    ///   - report: Called with each event, from several threads at a time; the events of one sample come in order.
    public init(_ settings: Settings, report: @escaping @Sendable (RunEvent) -> Void) {
        self.settings = settings
        self.report = report
    }

    /// Runs the plans of some machines.
    ///
    /// It blocks until every sample is done or the run has stopped. This host comes first, alone: what runs on it would slow
    /// virtual machines down, and they it. Those share the jobs; where there are more of them than jobs, the later ones wait.
    ///
    /// What is found out about a sample after its result was reported (its machine panics just behind it) is reported as
    /// another result of it; of two the later counts.
    ///
    /// - Returns: Whether the run was stopped: by an interruption, or at a failure where that was asked for.
    /// - Throws: An error whose description says why there can be no lane at all on a machine.
    public func run(_ assignments: [Assignment]) throws -> Bool {
        let stop = StopFlag()
        let others = assignments.filter { !$0.lanes.sharesKernel }
        let stages = assignments.filter(\.lanes.sharesKernel).map { [$0] } + (others.isEmpty ? [] : [others])
        for stage in stages where !stop.isSet {
            let most = max(1, settings.jobs / stage.count)
            try withLanes(of: stage[...]) { machines in
                for isAlone in [false, true] {
                    let crews = machines.compactMap { Crew($0, alone: isAlone, most: most, makeLane: $1) }
                    work(crews, stop)
                }
            }
        }
        return stop.isSet
    }

    /// A machine, and what makes its lanes.
    private typealias Manned = (Assignment, @Sendable (Int) -> any SampleLane)

    /// Runs a closure while lanes can be made on all of some machines.
    private func withLanes(of assignments: ArraySlice<Assignment>, _ ready: [Manned] = [], _ body: ([Manned]) -> Void)
        throws
    {
        guard let next = assignments.first else { return body(ready) }
        let rest = assignments.dropFirst()
        guard next.isRunnable else {
            let none: @Sendable (Int) -> any SampleLane = { _ in preconditionFailure("nothing is to be run") }
            return try withLanes(of: rest, ready + [(next, none)], body)
        }
        try next.lanes.withLanes { makeLane in
            let watched: @Sendable (Int) -> any SampleLane = { settings.watched(makeLane($0), on: next.machine) }
            try withLanes(of: rest, ready + [(next, watched)], body)
        }
    }

    /// Has all lanes of some crews work, as many at a time as there are jobs, until no cell is left.
    private func work(_ crews: [Crew], _ stop: StopFlag) {
        let lanes = crews.flatMap { crew in (0..<crew.size).map { (crew, $0) } }
        let waiting = Mutex(lanes[...])
        // A thread a lane: a worker dies with the thread that started it.
        let threads = (0..<min(max(1, settings.jobs), lanes.count)).map { _ in
            WorkThread {
                while let (crew, index) = waiting.withLock({ $0.popFirst() }) { work(crew, index, stop) }
            }
        }
        for thread in threads { thread.join() }
    }

    /// Does a crew's cells on one of its lanes until none is left.
    private func work(_ crew: Crew, _ index: Int, _ stop: StopFlag) {
        let machine = crew.assignment.machine
        let runner = CellRunner(settings: settings, machine: machine, host: crew.assignment.facts)
        var lane: (any SampleLane)?
        var last: SampleHistory?
        func end(_ result: SampleResult) {
            report(.sampleEnded(result))
            if settings.stops(after: result) { stop.set() }
        }
        func note(_ doubt: MachineDoubt?) {
            guard let doubt, var history = last else { return }
            let before = history.result
            history.after.append(doubt)
            last = history
            let result = history.result
            if result != before { end(result) }
        }
        while !stop.isSet, let cell = crew.nextCell() {
            report(.sampleStarted(cell.planned(on: machine)))
            var usesLane = false
            let filled = runner.fill(
                cell,
                on: {
                    usesLane = true
                    let made = lane ?? crew.lane(index)
                    lane = made
                    return made
                }()
            )
            note(filled.doubt)
            if filled.interrupted {
                stop.set()
                break
            }
            end(filled.result)
            if usesLane { last = filled.history }
        }
        note(lane?.finish())
    }
}

/// Whether no further sample may begin.
private final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
