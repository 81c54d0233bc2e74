import FileBytes
import GuestRun
import LinuxHost
import RunModel
import SampleKit
import SampleRun
import Synchronization
import WorkerWire

/// Running plans in virtual machines.
enum GuestStation {
    /// What the guests of a machine are made of, without what belongs to a run.
    ///
    /// - Throws: `GuestSetupError`.
    static func setup(of station: Station, _ worker: String, _ options: RunOptions) throws -> GuestSetup {
        guard let guest = station.guest else { preconditionFailure("this host is no guest") }
        var setup = try GuestSetup(
            kernel: guest.kernel,
            worker: worker,
            memory: options.guests.memory,
            type: options.guests.arch.machineType
        )
        setup.machine.securityModules = guest.securityModules
        setup.machine.append = options.guests.append
        setup.machine.processors = options.guests.cpus
        setup.misfit = guest.misfit
        setup.contents.config = guest.settings
        return setup
    }

    /// Runs the plans of some machines, as many guests at once as the settings allow jobs.
    ///
    /// - Returns: Whether the run was interrupted.
    /// - Throws: What keeps guests from being started at all.
    static func run(
        _ stations: [Station],
        _ settings: Supervisor.Settings,
        _ options: RunOptions,
        _ folder: ResultsFolder,
        _ report: @escaping @Sendable (RunEvent) -> Void
    ) throws -> Bool {
        guard !stations.isEmpty else { return false }
        var prepared: [(Station, GuestSetup)] = []
        var choice: AcceleratorChoice?
        for station in stations {
            var setup = try setup(of: station, settings.worker, options)
            let running = station.plan.cells.contains { $0.action == .run }
            if running, choice == nil {
                setup.interruption = settings.interruption
                let made = AcceleratorChoice(options.guests.accel, trying: setup, cache: .usual)
                choice = made
                options.talk.note("virtual machines run by \(made.accelerator.rawValue): \(made.reason)")
            }
            if let accelerator = choice?.accelerator { setup.machine.accelerator = accelerator }
            if running, let misfit = setup.misfit { options.talk.note("\(station.machine.id): \(misfit)") }
            setup.logFolder = folder.path
            setup.interruption = settings.interruption
            setup.contents.modules = try station.guest?.modules(for: station.wanted) ?? []
            for entry in station.wanted {
                guard case .path(let path) = settings.objects[entry.id] else { continue }
                setup.contents.objects[path] = try InputFile.read(path, limit: ObjectCheck.mostBytes)
            }
            let machine = station.machine.id
            let told = Mutex(Set<String>())
            setup.onBootFailure = { loss, _ in
                report(.guestStarted(GuestStart(machine: machine, failure: loss.message)))
            }
            setup.onHello = { hello, failures in
                report(
                    .guestStarted(
                        GuestStart(
                            machine: machine,
                            seconds: hello.bootSeconds,
                            splats: hello.splats,
                            troubles: hello.failures
                        )
                    )
                )
                tell(of: hello, failures, on: machine, told, options.talk)
            }
            prepared.append((station, setup))
        }
        // One kernel has all processors, several share them.
        let jobs = max(1, settings.jobs)
        let machines = prepared.count
        let queue = Mutex(prepared[...])
        let interrupted = Atomic(false)
        let order = Mutex(())
        let serialized: @Sendable (RunEvent) -> Void = { event in order.withLock { _ in report(event) } }
        let threads = (0..<min(jobs, prepared.count)).map { _ in
            WorkThread {
                while !interrupted.load(ordering: .relaxed), let (station, setup) = queue.withLock({ $0.popFirst() }) {
                    var own = settings
                    own.machine = station.machine.id
                    own.jobs = max(1, jobs / machines)
                    let supervisor = LaneSupervisor(
                        own,
                        on: station.facts,
                        makeLane: { GuestLane(setup, number: $0) },
                        report: serialized
                    )
                    if supervisor.run(station.plan) { interrupted.store(true, ordering: .relaxed) }
                }
            }
        }
        for thread in threads { thread.join() }
        return interrupted.load(ordering: .relaxed)
    }

    /// Says how a guest started: that the first of a machine is up, and whatever is new of the others.
    private static func tell(
        of hello: GuestHello,
        _ failures: [MachineLoss],
        on machine: String,
        _ told: borrowing Mutex<Set<String>>,
        _ talk: TalkOptions
    ) {
        if told.withLock({ $0.insert("").inserted }) {
            let types = hello.hasTypes ? "" : ", without types (BTF)"
            talk.note("\(machine): up after \(hello.bootSeconds) s\(types)")
        }
        for failure in failures { talk.note("\(machine): a start failed: \(failure)") }
        for line in hello.failures + hello.splats.map({ "logged while it started: \($0)" })
        where told.withLock({ $0.insert(line).inserted }) {
            talk.note("\(machine): \(line)")
        }
    }
}
