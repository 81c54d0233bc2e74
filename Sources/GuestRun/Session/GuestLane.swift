import Glibc
import GuestWire
import LinuxHost
import SystemPackage
public import WorkerWire

/// Guests of one kernel, one after another: a machine that is lost is replaced by a fresh one.
///
/// A lane belongs to the thread that uses it: QEMU dies with it.
public final class GuestLane: SampleLane {
    private let setup: GuestSetup
    private let number: Int
    private var guest: Guest?
    /// How many guests were started.
    private var guests = 0
    /// How many requests the present guest was sent.
    private var tries = 0
    private var serial = 0
    /// Why no guest can be started any more.
    private var defeat: MachineLoss?

    /// Creates a lane; its first guest is started for the first try.
    ///
    /// - Parameters:
    ///   - setup: What the guests are made of.
    ///   - number: The lane's number, for the names of logs.
    public init(_ setup: GuestSetup, number: Int = 0) {
        self.setup = setup
        self.number = number
    }

    /// Makes one try at a sample, in the present guest or in a fresh one.
    ///
    /// - Throws: An error whose description says why the worker could not be run at all.
    public func attempt(_ sample: String, objects: [String], isControl: Bool, timeout: Duration) throws -> WorkerOutcome
    {
        let objects = try objects.map { path in try number(of: path) }
        // What is emulated is slower than what the sample's time was meant for.
        let time = timeout * setup.machine.accelerator.slowness
        return try perform(time) { number, milliseconds in
            .run(number: number, sample: sample, objects: objects, isControl: isControl, milliseconds: milliseconds)
        }
    }

    /// Asks the guest's kernel what BPF it has.
    ///
    /// - Returns: What became of the worker that asked; its last frame holds the report.
    /// - Throws: An error whose description says why it could not be asked at all.
    public func probe(timeout: Duration = .seconds(60)) throws -> WorkerOutcome {
        try perform(timeout * setup.machine.accelerator.slowness) { number, milliseconds in
            .probe(number: number, milliseconds: milliseconds)
        }
    }

    /// Loads an object that is among the contents of the setup.
    public func load(_ object: String, timeout: Duration) throws -> WorkerOutcome {
        let object = try number(of: object)
        return try perform(timeout * setup.machine.accelerator.slowness) { number, milliseconds in
            .load(number: number, object: object, milliseconds: milliseconds)
        }
    }

    private func number(of object: String) throws(SystemCallError) -> Int {
        guard let number = setup.contents.number(of: object) else {
            throw SystemCallError("find a kern object in the guest", on: "'\(object)'", errno: .noSuchFileOrDirectory)
        }
        return number
    }

    private func perform(_ time: Duration, _ command: (Int, Int) -> GuestCommand) throws -> WorkerOutcome {
        let milliseconds =
            Int(time.components.seconds) * 1000 + Int(time.components.attoseconds / 1_000_000_000_000_000)
        var before: MachineLoss?
        // A guest that died in the meantime says nothing about this try: it is made in a fresh one.
        for _ in 0..<2 {
            do {
                let guest = try running()
                serial += 1
                tries += 1
                var outcome = try guest.perform(command(serial, milliseconds), number: serial, time: time)
                if outcome.loss != nil { self.guest = nil }
                if let before { outcome.doubt = MachineDoubt(splats: outcome.doubt?.splats ?? [], loss: before) }
                return outcome
            } catch let loss as MachineLoss {
                guest?.kill()
                guest = nil
                if defeat != nil || before != nil { return lost(loss, before) }
                before = loss
            } catch is Guest.Interrupted {
                guest = nil
                var outcome = WorkerOutcome(allowed: 0)
                outcome.interrupted = true
                return outcome
            }
        }
        return lost(MachineLoss(.boot, "two guests in a row were lost before they did anything"), before)
    }

    private func lost(_ loss: MachineLoss, _ before: MachineLoss?) -> WorkerOutcome {
        var outcome = WorkerOutcome(allowed: 0)
        outcome.loss = loss
        outcome.doubt = before.flatMap { $0 == loss ? nil : MachineDoubt(loss: $0) }
        return outcome
    }

    /// Ends the present guest in the agreed way.
    ///
    /// - Returns: What happened in it after the last try, if something did.
    public func finish() -> MachineDoubt? {
        defer { guest = nil }
        return try? guest?.finish(tries: tries)
    }

    /// The guest, started if there is none.
    ///
    /// - Throws: `MachineLoss` where none can be started, after bounded retries.
    private func running() throws -> Guest {
        if let guest { return guest }
        if let defeat { throw defeat }
        var failures: [MachineLoss] = []
        while true {
            do {
                let (fresh, hello) = try start()
                guest = fresh
                tries = 0
                setup.onHello(hello, failures)
                return fresh
            } catch let loss as MachineLoss {
                failures.append(loss)
                setup.onBootFailure(loss, failures.count)
                guard failures.count <= setup.bootRetries else {
                    var last = loss
                    if failures.count > 1 { last.message += " (\(failures.count) starts)" }
                    if let misfit = setup.misfit, loss.kind == .boot { last.message += "; \(misfit)" }
                    defeat = last
                    throw last
                }
            }
        }
    }

    private func start() throws -> (Guest, GuestHello) {
        guests += 1
        let key = GuestSetup.newKey()
        let log = ConsoleLog(setup.logFolder.map { "\($0)/console-\(setup.kernelRelease)-\(number).\(guests).log" })
        let fresh = try Guest(
            setup.program,
            setup.arguments,
            initramfs: [setup.base, Initramfs.run(setup.contents, key: key, release: setup.kernelRelease)],
            key: key,
            limits: setup.limits,
            interruption: setup.interruption
        ) { log.write($0) }
        return (fresh, try fresh.hello())
    }
}

/// The console's log as a file, written as it comes.
private final class ConsoleLog {
    private let file: CInt

    init(_ path: String?) {
        file = path.map { open($0, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0o644) } ?? -1
    }

    deinit {
        if file >= 0 { close(file) }
    }

    /// Writes what has come; a log that cannot be written is no reason to fail.
    func write(_ bytes: [UInt8]) {
        if file >= 0 { _ = Glibc.write(file, bytes, bytes.count) }
    }
}
