import FileBytes
public import GuestRun
import ObjectNeeds
public import RunModel
import SampleKit
public import SampleRun
import Synchronization
import WorkerWire

/// The virtual machines of a run: what their guests are made of, and what is told of their starts.
public final class GuestStations: Sendable {
    /// What a command line says of all guests.
    public struct Choice: Sendable {
        /// The memory of each, in MiB.
        public var memory: Int
        /// How many processors each has.
        public var processors: Int
        /// Extra kernel parameters.
        public var append: String
        /// What executes them.
        public var accelerator: AcceleratorWish
        /// Their architecture.
        public var architecture: GuestArchitecture

        /// Creates a choice.
        public init(
            memory: Int,
            processors: Int,
            append: String,
            accelerator: AcceleratorWish,
            architecture: GuestArchitecture
        ) {
            self.memory = memory
            self.processors = processors
            self.append = append
            self.accelerator = accelerator
            self.architecture = architecture
        }
    }

    private let worker: String
    private let objects: [String: KernObjectSource]
    private let wishes: Choice
    private let interruption: CInt
    private let logFolder: String
    private let note: @Sendable (String) -> Void
    private let report: @Sendable (RunEvent) -> Void
    /// What guests are executed by; found out with the first machine that runs something.
    private let choice = Mutex<AcceleratorChoice?>(nil)

    /// Creates what makes the guests of a run.
    ///
    /// - Parameters:
    ///   - worker: The path of `assay-worker`.
    ///   - objects: The kern objects by the samples' `<family>/<name>`.
    ///   - wishes: What the command line says of guests.
    ///   - interruption: A descriptor that becomes readable when the run is to end at once, or -1.
    ///   - logFolder: Where the consoles are logged.
    ///   - note: Takes what is worth saying of a machine.
    ///   - report: Told of each guest that has started, or has not.
    public init(
        worker: String,
        objects: [String: KernObjectSource],
        _ wishes: Choice,
        interruption: CInt,
        logFolder: String,
        note: @escaping @Sendable (String) -> Void,
        report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.worker = worker
        self.objects = objects
        self.wishes = wishes
        self.interruption = interruption
        self.logFolder = logFolder
        self.note = note
        self.report = report
    }

    /// What makes the lanes of a machine.
    public func lanes(on station: Station) -> GuestLanes { GuestLanes { [self] in try prepared(station) } }

    /// What the guests of a machine that runs something are made of.
    ///
    /// - Throws: What keeps guests from being started at all.
    private func prepared(_ station: Station) throws -> GuestSetup {
        var setup = try Self.setup(of: station, worker, wishes)
        setup.interruption = interruption
        setup.machine.accelerator = accelerator(trying: setup)
        if let misfit = setup.misfit { note("\(station.machine.id): \(misfit)") }
        setup.logFolder = logFolder
        setup.contents.modules = try station.guest?.modules(for: station.wanted) ?? []
        for entry in station.wanted {
            guard case .paths(let paths) = objects[entry.id] else { continue }
            for path in paths {
                setup.contents.objects[path] = try InputFile.read(path, limit: ObjectNeeds.mostBytes)
            }
        }
        let machine = station.machine.id
        let (report, note) = (report, note)
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
            Self.tell(of: hello, failures, on: machine, told, note)
        }
        return setup
    }

    private func accelerator(trying setup: GuestSetup) -> Accelerator {
        choice.withLock { choice in
            if let choice { return choice.accelerator }
            let made = AcceleratorChoice(wishes.accelerator, trying: setup, cache: .usual)
            choice = made
            note("virtual machines run by \(made.accelerator.rawValue): \(made.reason)")
            return made.accelerator
        }
    }

    /// What the guests of a machine are made of, without what belongs to a run.
    ///
    /// - Throws: `GuestSetupError`.
    public static func setup(of station: Station, _ worker: String, _ wishes: Choice) throws -> GuestSetup {
        guard let guest = station.guest else { preconditionFailure("this host is no guest") }
        var setup = try GuestSetup(
            kernel: guest.kernel,
            worker: worker,
            memory: wishes.memory,
            type: wishes.architecture.machineType
        )
        setup.machine.securityModules = guest.securityModules
        setup.machine.append = wishes.append
        setup.machine.processors = wishes.processors
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
        _ note: (String) -> Void
    ) {
        if told.withLock({ $0.insert("").inserted }) {
            let types = hello.hasTypes ? "" : ", without types (BTF)"
            note("\(machine): up after \(hello.bootSeconds) s\(types)")
        }
        for failure in failures { note("\(machine): a start failed: \(failure)") }
        for line in hello.failures + hello.splats.map({ "logged while it started: \($0)" })
        where told.withLock({ $0.insert(line).inserted }) {
            note("\(machine): \(line)")
        }
    }
}
