import LinuxHost
import RunModel
import SampleWorker
import WorkerWire

/// This host, as a place where tries are made one after another, each in a cgroup of its own.
final class HostLane: SampleLane {
    private let settings: WorkerProcess.Settings
    private let cgroup: ControlGroup
    private var tries = 0

    /// Creates a lane whose cgroups bear this name and a number.
    init(_ settings: WorkerProcess.Settings, _ cgroup: ControlGroup) {
        self.settings = settings
        self.cgroup = cgroup
    }

    func attempt(_ sample: String, objects: [String], isControl: Bool, timeout: Duration) throws -> WorkerOutcome {
        let own = nextGroup()
        let request = WorkerRequest(sample: sample, objects: objects, cgroup: own.path, isControl: isControl)
        return try WorkerProcess.run(arguments: request.arguments, settings, in: own, timeout: timeout)
    }

    func load(_ object: String, timeout: Duration) throws -> WorkerOutcome {
        try WorkerProcess.run(arguments: ["assay-worker", "load", object], settings, in: nextGroup(), timeout: timeout)
    }

    private func nextGroup() -> ControlGroup {
        tries += 1
        return ControlGroup(path: "\(cgroup.path).\(tries)")
    }

    func finish() -> MachineDoubt? { nil }
}
