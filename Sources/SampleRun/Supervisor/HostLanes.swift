import LinuxHost
import SampleWorker
public import WorkerWire

/// Lanes on this host: workers whose cgroups lie in one cgroup of the run, which a journal knows until it is gone.
public struct HostLanes: LaneFactory {
    private let worker: String
    private let run: String
    private let interruption: CInt

    /// Creates a factory.
    ///
    /// - Parameters:
    ///   - worker: The path of `assay-worker`.
    ///   - run: The run's name, which its cgroup and its resource journal bear.
    ///   - interruption: A descriptor that becomes readable when the run is to end at once, or -1.
    public init(worker: String, run: String, interruption: CInt = -1) {
        self.worker = worker
        self.run = run
        self.interruption = interruption
    }

    /// One kernel runs all of them.
    public var sharesKernel: Bool { true }

    /// Makes the run's cgroup, and removes it in the end.
    ///
    /// - Throws: `SystemCallError` where no worker can be run at all: no cgroup2, no right to write to `/run`.
    public func withLanes(_ body: (_ makeLane: @escaping @Sendable (Int) -> any SampleLane) throws -> Void) throws {
        let journal = try ResourceJournal(run: run)
        let group = try ControlGroup.own().child("\(ResourceJournal.cgroupPrefix)\(run)")
        do {
            try journal.note(group)
            try group.create()
        } catch {
            journal.finish()
            throw error
        }
        let settings = WorkerProcess.Settings(executable: worker, interruption: interruption)
        let outcome = Result { try body { HostLane(settings, group.child("\($0 + 1)")) } }
        // What cannot be removed now is in the journal, for the next start; the results must not be lost over it.
        let isGone = (try? group.remove(deadline: Deadline(after: .seconds(3)))) != nil
        if isGone { journal.finish() }
        try outcome.get()
    }
}
