import FileBytes
import GuestRun
import LinuxHost
import RunModel
import SampleKit
import SampleRun
import Synchronization
import WorkerWire

/// The virtual machines of a run: what their guests are made of, and what is told of their starts.
final class GuestStations: Sendable {
    private let worker: String
    private let objects: [String: KernObjectSource]
    private let options: RunOptions
    private let interruption: CInt
    private let folder: ResultsFolder
    private let report: @Sendable (RunEvent) -> Void
    /// What guests are executed by; found out with the first machine that runs something.
    private let choice = Mutex<AcceleratorChoice?>(nil)

    /// Creates what makes the guests of a run.
    ///
    /// - Parameters:
    ///   - worker: The path of `assay-worker`.
    ///   - objects: The kern objects by the samples' `<family>/<name>`.
    ///   - options: The run's options.
    ///   - interruption: A descriptor that becomes readable when the run is to end at once, or -1.
    ///   - folder: Where the consoles are logged.
    ///   - report: Told of each guest that has started, or has not.
    init(
        worker: String,
        objects: [String: KernObjectSource],
        _ options: RunOptions,
        _ interruption: CInt,
        _ folder: ResultsFolder,
        _ report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.worker = worker
        self.objects = objects
        self.options = options
        self.interruption = interruption
        self.folder = folder
        self.report = report
    }

    /// What makes the lanes of a machine.
    func lanes(on station: Station) -> GuestLanes { GuestLanes { [self] in try prepared(station) } }

    /// What the guests of a machine that runs something are made of.
    ///
    /// - Throws: What keeps guests from being started at all.
    private func prepared(_ station: Station) throws -> GuestSetup {
        var setup = try Self.setup(of: station, worker, options)
        setup.interruption = interruption
        setup.machine.accelerator = accelerator(trying: setup)
        if let misfit = setup.misfit { options.talk.note("\(station.machine.id): \(misfit)") }
        setup.logFolder = folder.path
        setup.contents.modules = try station.guest?.modules(for: station.wanted) ?? []
        for entry in station.wanted {
            guard case .paths(let paths) = objects[entry.id] else { continue }
            for path in paths {
                setup.contents.objects[path] = try InputFile.read(path, limit: ObjectCheck.mostBytes)
            }
        }
        let machine = station.machine.id
        let (report, talk) = (report, options.talk)
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
            Self.tell(of: hello, failures, on: machine, told, talk)
        }
        return setup
    }

    private func accelerator(trying setup: GuestSetup) -> Accelerator {
        choice.withLock { choice in
            if let choice { return choice.accelerator }
            let made = AcceleratorChoice(options.guests.accel, trying: setup, cache: .usual)
            choice = made
            options.talk.note("virtual machines run by \(made.accelerator.rawValue): \(made.reason)")
            return made.accelerator
        }
    }

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
