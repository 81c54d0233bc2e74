import GuestWire
import LinuxHost
import RunModel
import SystemPackage
import WorkerWire

/// One booted guest: QEMU, what it says on its ports, and what its end means.
///
/// It belongs to the thread that made it.
final class Guest {
    /// The run was interrupted.
    struct Interrupted: Error {}

    /// How long a guest may take.
    struct Limits: Sendable {
        /// From the start to the first byte on the console: firmware and the kernel's first lines.
        var firstByte = Duration.seconds(30)
        /// The longest silence on the console while it starts.
        var silence = Duration.seconds(60)
        /// From the start to its first frame.
        var hello = Duration.seconds(180)
        /// What is added to a try's own time before the guest counts as hung.
        var grace = Duration.seconds(30)
        /// How long a shell may go on when its input has ended.
        var afterInput = Duration.seconds(600)

        /// The limits that are usual; a trial has shorter ones.
        init() {}
    }

    private let emulator: Emulator
    private let limits: Limits
    private let interruption: CInt
    private let onConsole: ([UInt8]) -> Void
    private var reader: FrameReader
    private var writer: FrameWriter
    private var watch = ConsoleWatch()
    private var control = ControlPort()
    private var talk: [UInt8] = []
    private var waiting: [JSONValue] = []
    private var streamFailure: String?
    private var isDone = false
    /// How the guest said that it would end.
    private var agreedEnd = GuestLayout.End.off
    /// When QEMU was started.
    private let started = Deadline.now

    /// Starts a guest.
    ///
    /// - Parameters:
    ///   - program: The path of QEMU.
    ///   - arguments: All arguments of QEMU, its name included.
    ///   - initramfs: The segments of the root, the guest's own last.
    ///   - key: The key that is in it.
    ///   - limits: How long things may take.
    ///   - interruption: A descriptor that becomes readable when the run is to end at once, or -1.
    ///   - onConsole: Takes what the console shows.
    /// - Throws: `SystemCallError` where QEMU cannot be started.
    init(
        _ program: String,
        _ arguments: [String],
        initramfs: [[UInt8]],
        key: [UInt8],
        limits: Limits = Limits(),
        interruption: CInt = -1,
        onConsole: @escaping ([UInt8]) -> Void = { _ in }
    ) throws {
        guard let tags = MessageTag(key: key) else {
            throw SystemCallError("make a key", on: "a guest", errno: .invalidArgument)
        }
        let root = try MemoryFile.make("initramfs", initramfs)
        emulator = try Emulator(program, arguments, initramfs: root)
        reader = FrameReader(tags, from: .guest)
        writer = FrameWriter(tags, as: .host)
        self.limits = limits
        self.interruption = interruption
        self.onConsole = onConsole
        emulator.command(ControlPort.greeting)
    }

    /// Waits until the guest is up.
    ///
    /// - Throws: `MachineLoss`, of kind `boot` or `stream`; ``Interrupted``.
    func hello() throws -> GuestHello {
        let whole = Deadline(after: limits.hello)
        let hello = try booted(.hello, whole)
        let seconds = Double((Deadline.now - started) / 1_000_000) / 1000
        let ready = try booted(.ready, whole)
        guard let hello = GuestHello(hello, ready, bootSeconds: seconds) else {
            throw MachineLoss(.stream, "its first records are none of this version")
        }
        return hello
    }

    /// The next record of a guest that starts; the silence of its console counts.
    private func booted(_ kind: GuestRecord, _ whole: Deadline) throws -> JSONValue {
        var seen = watch.count
        var silent = Deadline(after: seen == 0 ? limits.firstByte : limits.silence)
        while waiting.isEmpty {
            do {
                try step(whole.nanoseconds < silent.nanoseconds ? whole : silent)
            } catch let loss as MachineLoss {
                throw loss.kind == .stream || loss.kind == .outOfMemory ? loss : loss.whileBooting
            }
            if watch.count != seen {
                seen = watch.count
                silent = Deadline(after: limits.silence)
            }
            guard waiting.isEmpty, whole.hasPassed || silent.hasPassed else { continue }
            let seconds = (Deadline.now - started) / 1_000_000_000
            emulator.kill()
            let what = watch.count == 0 ? "its console showed nothing" : "it said nothing on its result port"
            throw MachineLoss(.boot, "\(what) for \(seconds) s", excerpt: watch.lines.suffix(12))
        }
        let record = waiting.removeFirst()
        guard record["record"]?.stringValue == kind.rawValue else {
            throw MachineLoss(
                .stream,
                "a record '\(record["record"]?.stringValue ?? "?")' came where '\(kind.rawValue)' was due"
            )
        }
        return record
    }

    /// Asks for something and waits until it has ended.
    ///
    /// - Parameters:
    ///   - command: What is asked for.
    ///   - number: Its number.
    ///   - time: The time that the guest gives it.
    /// - Returns: What became of it. A machine that was lost is part of that.
    /// - Throws: `MachineLoss` where the guest was lost before it had begun; ``Interrupted``; ``Refused``.
    func perform(_ command: GuestCommand, number: Int, time: Duration) throws -> WorkerOutcome {
        let (seconds, attoseconds) = time.components
        var outcome = WorkerOutcome(allowed: Double(seconds) + Double(attoseconds) / 1e18)
        emulator.send(writer.frame(command.payload), deadline: Deadline(after: .seconds(10)))
        let begun = try record(.began, number, Deadline(after: limits.grace))
        outcome.doubt = MachineDoubt(splats: begun["splats"]?.strings ?? [])
        let doubt = outcome.doubt
        do {
            // The guest measures time by its own clock, and has more to do than to wait.
            let ended = try record(.ended, number, Deadline(after: time + limits.grace))
            guard let told = ended["outcome"] else { throw MachineLoss(.stream, "an end without an outcome") }
            outcome = try told.decoded(as: WorkerOutcome.self)
            outcome.doubt = doubt
        } catch let loss as MachineLoss {
            outcome.loss = loss
        } catch let error as DecodingError {
            outcome.loss = MachineLoss(.stream, "an outcome cannot be read: \(DecodingFailure.text(of: error))")
        }
        if outcome.loss != nil { emulator.kill() }
        return outcome
    }

    /// Has the guest open a shell on its console, and joins a terminal to it until the shell ends.
    ///
    /// - Throws: `MachineLoss` where the guest was lost meanwhile; ``Interrupted``; ``Refused``.
    func interact(number: Int, _ terminal: Terminal) throws {
        emulator.send(writer.frame(GuestCommand.shell(number: number).payload), deadline: Deadline(after: .seconds(10)))
        _ = try record(.began, number, Deadline(after: limits.grace))
        var end: Deadline?
        while waiting.isEmpty {
            emulator.wait([terminal.number, interruption], end ?? Deadline(after: .seconds(3600)))
            let typed = terminal.read()
            if !typed.isEmpty { emulator.type(typed, deadline: Deadline(after: .seconds(10))) }
            if terminal.isAtEnd, end == nil { end = Deadline(after: limits.afterInput) }
            try step(Deadline(after: .zero))
            if waiting.isEmpty, end?.hasPassed == true {
                throw MachineLoss(.hang, "its shell did not end after its input had", excerpt: watch.lines.suffix(12))
            }
        }
        _ = try record(.ended, number, Deadline(after: .zero))
    }

    /// The guest could not do what it was asked for.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Has the guest say that nothing follows, and waits until it is off.
    ///
    /// - Parameter tries: How often something was asked of it.
    /// - Returns: What happened since the last try, if something did.
    /// - Throws: ``Interrupted``.
    func finish(tries: Int) throws -> MachineDoubt? {
        defer { emulator.kill() }
        do {
            emulator.send(writer.frame(GuestCommand.finish.payload), deadline: Deadline(after: .seconds(10)))
            let done = try record(.done, nil, Deadline(after: limits.grace))
            guard done["tries"]?.wholeNumber == tries else {
                throw MachineLoss(
                    .stream,
                    "it counted \(done["tries"]?.wholeNumber ?? -1) tries where \(tries) were made"
                )
            }
            isDone = true
            agreedEnd = done["end"]?.stringValue.flatMap(GuestLayout.End.init) ?? .off
            let doubt = MachineDoubt(splats: done["splats"]?.strings ?? [])
            let off = Deadline(after: limits.grace)
            while emulator.end == nil, !off.hasPassed { try step(off, toEnd: true) }
            guard emulator.end != nil else { throw MachineLoss(.hang, "it did not switch itself off when it was done") }
            if let loss = loss() { throw loss }
            guard reader.isWhole, waiting.isEmpty else {
                throw MachineLoss(.stream, "something follows its last record")
            }
            return doubt
        } catch let loss as MachineLoss {
            return MachineDoubt(loss: loss)
        }
    }

    /// Ends the guest as it is.
    func kill() { emulator.kill() }

    // MARK: Records

    private func record(_ kind: GuestRecord, _ number: Int?, _ deadline: Deadline) throws -> JSONValue {
        while waiting.isEmpty {
            try step(deadline)
            if waiting.isEmpty, deadline.hasPassed {
                let words = kind == .began ? "it did not answer" : "nothing came from it any more"
                throw watch.panic == nil
                    ? MachineLoss(.hang, words, excerpt: watch.lines.suffix(12))
                    : MachineLoss(.panic, watch.panicLine ?? "", excerpt: watch.panic ?? [])
            }
        }
        let record = waiting.removeFirst()
        if record["record"]?.stringValue == GuestRecord.broke.rawValue, record["number"]?.wholeNumber == number {
            throw Refused(description: record["message"]?.stringValue ?? "no reason given")
        }
        guard record["record"]?.stringValue == kind.rawValue, number == nil || record["number"]?.wholeNumber == number
        else {
            throw MachineLoss(
                .stream,
                "a record '\(record["record"]?.stringValue ?? "?")' came where '\(kind.rawValue)' was due"
            )
        }
        return record
    }

    /// Waits for something to happen, and takes it in.
    ///
    /// - Throws: `MachineLoss` where the machine is there no more or its stream is broken, and nothing more is to be read;
    ///   ``Interrupted``.
    private func step(_ deadline: Deadline, toEnd: Bool = false) throws {
        emulator.wait([interruption], deadline)
        if interruption >= 0, Deadline(after: .zero).waitReadable(interruption) {
            emulator.kill()
            throw Interrupted()
        }
        let came = emulator.collect()
        if !came.console.isEmpty { onConsole(came.console) }
        watch.take(came.console)
        control.take(came.control)
        talk = (talk + came.talk).suffix(4096)
        do {
            for payload in try reader.take(came.results) {
                waiting.append(try JSONValue(parsing: payload))
            }
        } catch {
            streamFailure = streamFailure ?? (error is JSONFault ? "a frame is not valid JSON: \(error)" : "\(error)")
        }
        if emulator.end != nil { watch.finish() }
        guard waiting.isEmpty, !toEnd else { return }
        if let streamFailure { throw MachineLoss(.stream, streamFailure) }
        if let loss = loss() { throw loss }
    }

    /// What the end of QEMU says; `nil` while it runs, and for the end that was agreed on.
    private func loss() -> MachineLoss? {
        guard let end = emulator.end else { return nil }
        if let streamFailure { return MachineLoss(.stream, streamFailure) }
        if let signal = end.signal { return MachineLoss(.emulator, "QEMU was killed by signal \(signal)") }
        let agreed = CInt(GuestLayout.exitValue) << 1 | 1
        if isDone, end.status == agreed || end.status == 0 && control.shutdownReason == "guest-shutdown" { return nil }
        if isDone, agreedEnd == .reset, end.status == 0, control.shutdownReason == "guest-reset", watch.panic == nil {
            return nil
        }
        if let panic = watch.panic, end.status == 0,
            control.shutdownReason == "guest-reset" || control.shutdownReason == nil
        {
            let line = watch.panicLine ?? ""
            let isMemory = line.contains("Out of memory") || line.contains("deadlocked on memory")
            return MachineLoss(isMemory ? .outOfMemory : .panic, line, excerpt: panic)
        }
        let tail = watch.lines.suffix(12)
        switch (end.status, control.shutdownReason) {
        case (agreed, _):
            return MachineLoss(.powerOff, "it ended itself before its work was done", excerpt: Array(tail))
        case (0, "guest-shutdown"): return MachineLoss(.powerOff, "it switched itself off", excerpt: Array(tail))
        case (0, "guest-reset"): return MachineLoss(.reset, "it reset itself, without a panic", excerpt: Array(tail))
        default:
            let words = String(decoding: talk, as: UTF8.self).split(separator: "\n").last.map { ": \($0)" } ?? ""
            let reason = control.shutdownReason.map { " (\($0))" } ?? ""
            return MachineLoss(
                .emulator,
                "QEMU ended with status \(end.status ?? -1)\(reason)\(words)",
                excerpt: Array(tail)
            )
        }
    }
}

extension MachineLoss {
    /// The loss of a machine that was not up yet.
    fileprivate var whileBooting: MachineLoss {
        let words =
            switch kind {
            case .panic: "its kernel panicked while it started: \(message)"
            default: message
            }
        return MachineLoss(kind == .emulator ? .emulatorBoot : .boot, words, excerpt: excerpt)
    }
}
