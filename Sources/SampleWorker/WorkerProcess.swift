import CLinux
import Glibc
public import LinuxHost
import RunModel
import SystemPackage
public import WorkerWire

/// One worker from its birth to the last trace of it.
///
/// A guest's first process starts workers by the same code as the supervisor on a host, so that a verdict means the same.
public enum WorkerProcess {
    /// How to start workers.
    public struct Settings: Sendable {
        /// The path of `assay-worker`.
        public var executable: String
        /// The path of the program that makes objects to compare leaks with; another only where the worker is a stand-in.
        public var reference: String
        /// How long the kernel may take to free BPF objects, through several RCU grace periods, each of which is long on a busy
        /// host.
        public var reclaimTime = Duration.seconds(10)
        /// A descriptor that becomes readable when the run is to end at once, or -1.
        public var interruption: CInt

        /// Creates settings.
        public init(executable: String, interruption: CInt = -1) {
            self.executable = executable
            reference = executable
            self.interruption = interruption
        }
    }

    /// The most that is kept of a worker's frames; an observation has a few kilobytes.
    private static let mostFrameBytes = 16 << 20
    /// The most that is kept of what a worker prints.
    private static let mostOutputBytes = 64 << 10
    /// How long the kernel may take to free what a dead worker held.
    private static let freeingTime = Duration.seconds(3)

    /// Starts a worker, waits for its end and cleans up behind it.
    ///
    /// It must be called on a thread that lives as long as the run: the worker dies with the thread.
    ///
    /// - Parameters:
    ///   - arguments: What the worker is to do: see `WorkerRequest.arguments`.
    ///   - settings: How to start it.
    ///   - cgroup: A cgroup to make for it, which is gone afterwards.
    ///   - timeout: The time that it has.
    /// - Returns: What became of it.
    /// - Throws: `SystemCallError` where the worker cannot be started at all.
    public static func run(
        arguments: [String],
        _ settings: Settings,
        in cgroup: ControlGroup,
        timeout: Duration
    ) throws -> WorkerOutcome {
        try cgroup.create()
        let (seconds, attoseconds) = timeout.components
        var outcome = WorkerOutcome(allowed: Double(seconds) + Double(attoseconds) / 1e18)
        var made: [SampleResult.Leak] = []
        let start = time(nil)
        let log = try? KernelLog()
        let taint = KernelTaint()
        do {
            try supervise(arguments, settings, in: cgroup, timeout: timeout, &outcome, &made)
        } catch {
            try? cgroup.remove(deadline: Deadline(after: freeingTime))
            throw error
        }
        do {
            try cgroup.remove(deadline: Deadline(after: freeingTime))
        } catch {
            outcome.leaks.append(SampleResult.Leak(kind: "cgroup", subject: "\(error)"))
        }
        outcome.leaks += Leaks.remaining(of: made, deadline: Deadline(after: settings.reclaimTime))
        if !outcome.leaks.isEmpty, !outcome.interrupted {
            outcome.custody = custody(of: &outcome.leaks, since: start, settings, beside: cgroup)
        }
        let logged = log?.newLines() ?? []
        outcome.splats = logged.filter(KernelLog.isSplat)
        // The log may be closed to us, or not be kept at all (CONFIG_PRINTK).
        if outcome.splats.isEmpty { outcome.splats = KernelTaint().splats(since: taint) }
        outcome.memoryKills = logged.filter(KernelLog.isMemoryKill)
        return outcome
    }

    /// Finds out whether anybody can still hold what was leaked; what is gone when that is known is dropped.
    private static func custody(
        of leaks: inout [SampleResult.Leak],
        since start: Int,
        _ settings: Settings,
        beside cgroup: ControlGroup
    ) -> LeakCustody? {
        let (reference, failure) = reference(settings, ControlGroup(path: "\(cgroup.path)-reference"))
        // Whatever the comparison has waited for has ended for these as well.
        leaks = Leaks.others(leaks) + Leaks.remaining(of: leaks, deadline: Deadline(after: .zero))
        guard !leaks.isEmpty else { return nil }
        let left = Leaks.remaining(of: reference, deadline: Deadline(after: .zero))
        var custody = LeakCustody(of: leaks + left, since: start)
        if let failure {
            custody.doubts.append("nothing could be compared with it: \(failure)")
        } else if left.isEmpty {
            custody.evidence.append("\(reference.count) objects that another worker gave up in the same way are gone")
        } else if let bare = left.first(where: reference.prefix(Worker.unattachedReferences).contains) {
            custody.evidence.append(
                "even \(bare.kind) \(bare.subject) of another worker stays, which was never attached"
            )
        } else {
            custody.doubts.append("what another worker gave up in the same way is not freed yet either")
        }
        return custody
    }

    /// Has another worker make objects and give them up, and waits until they are gone.
    ///
    /// - Returns: What it made, in that order, and why it could not.
    private static func reference(
        _ settings: Settings,
        _ cgroup: ControlGroup
    ) -> (made: [SampleResult.Leak], failure: String?) {
        var outcome = WorkerOutcome(allowed: 0)
        var made: [SampleResult.Leak] = []
        var own = settings
        own.executable = settings.reference
        do {
            try cgroup.create()
            try supervise(["assay-worker", "reference"], own, in: cgroup, timeout: .seconds(5), &outcome, &made)
            try cgroup.remove(deadline: Deadline(after: freeingTime))
        } catch {
            try? cgroup.remove(deadline: Deadline(after: freeingTime))
            return ([], "\(error)")
        }
        guard outcome.end?.status == 0, made.count >= Worker.unattachedReferences else {
            return ([], outcome.said.last ?? "its worker ended without a word")
        }
        // The sample's objects had as long before.
        _ = Leaks.remaining(of: made, deadline: Deadline(after: settings.reclaimTime / 2))
        return (made, nil)
    }

    private static func supervise(
        _ arguments: [String],
        _ settings: Settings,
        in cgroup: ControlGroup,
        timeout: Duration,
        _ outcome: inout WorkerOutcome,
        _ made: inout [SampleResult.Leak]
    ) throws {
        var frames = Collector(limit: mostFrameBytes)
        var output = Collector(limit: mostOutputBytes)
        let process: ChildProcess
        do {
            let input = try OwnedDescriptor.open("/dev/null", O_RDONLY)
            let frameEnds = try OwnedDescriptor.pipe()
            let outputEnds = try OwnedDescriptor.pipe()
            let said = outputEnds.writer.number
            let plan = ChildProcess.Plan(
                path: settings.executable,
                arguments: arguments,
                environment: ["PATH=/usr/bin:/bin", "LANG=C", "SWIFT_BACKTRACE=enable=no"],
                descriptors: [input.number, said, said, frameEnds.writer.number],
                namespaces: UInt64(LX_NEWNET) | UInt64(LX_NEWNS),
                limits: limits(timeout)
            )
            let directory = try cgroup.open()
            process = try ChildProcess(plan, cgroup: directory)
            frames.adopt(try frameEnds.reader.duplicate())
            output.adopt(try outputEnds.reader.duplicate())
        }
        let deadline = Deadline(after: timeout)
        while outcome.end == nil, !outcome.timedOut, !outcome.interrupted {
            let ready = wait(
                [frames.number, output.number, process.descriptor.number, settings.interruption],
                deadline
            )
            frames.collect()
            output.collect()
            if ready.contains(settings.interruption) { outcome.interrupted = true }
            if ready.contains(process.descriptor.number) {
                outcome.end = try process.wait(deadline: deadline)
            } else if deadline.hasPassed {
                outcome.timedOut = true
            }
        }
        // Whatever the worker has started dies now. The end of both pipes says that all of it is dead.
        cgroup.kill()
        let drained = Deadline(after: freeingTime)
        while !(frames.isAtEnd && output.isAtEnd), !drained.hasPassed {
            _ = wait([frames.number, output.number].filter { $0 >= 0 }, drained)
            frames.collect()
            output.collect()
        }
        if outcome.end == nil { _ = try process.wait(deadline: Deadline(after: freeingTime)) }
        for line in frames.bytes.split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: line, as: UTF8.self)
            if let (kind, id) = WorkerFrame.made(in: line) {
                made.append(SampleResult.Leak(kind: kind, subject: "\(id)"))
            } else {
                outcome.said.append(line)
            }
        }
        outcome.output = String(decoding: output.bytes.suffix(4096), as: UTF8.self)
    }

    /// Memory for maps on kernels before 5.11 counts against RLIMIT_MEMLOCK; core files would outlive the worker.
    private static func limits(_ timeout: Duration) -> [(resource: CInt, value: UInt64)] {
        [
            (CInt(LX_RLIMIT_MEMLOCK), UInt64.max),
            (CInt(LX_RLIMIT_CORE), 0),
            (CInt(LX_RLIMIT_NOFILE), 4096),
            (CInt(LX_RLIMIT_FSIZE), 64 << 20),
            (CInt(LX_RLIMIT_CPU), UInt64(max(1, timeout.components.seconds)) * 2 + 1),
        ]
    }

    private static func wait(_ numbers: [CInt], _ deadline: Deadline) -> Set<CInt> {
        var requests = numbers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let count = poll(&requests, nfds_t(requests.count), deadline.milliseconds)
        guard count > 0 else { return [] }
        return Set(requests.filter { $0.revents != 0 }.map(\.fd))
    }
}

/// Takes in what comes out of a pipe, up to a limit; the rest is read and dropped, so that nobody blocks.
private struct Collector: ~Copyable {
    private(set) var bytes: [UInt8] = []
    private(set) var isAtEnd = false
    private let limit: Int
    private var descriptor: OwnedDescriptor?
    private(set) var number: CInt = -1

    init(limit: Int) {
        self.limit = limit
    }

    mutating func adopt(_ descriptor: consuming OwnedDescriptor) {
        number = descriptor.number
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        self.descriptor = consume descriptor
    }

    mutating func collect() {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while !isAtEnd {
            let count = Glibc.read(number, &buffer, buffer.count)
            if count > 0 {
                bytes += buffer[0..<min(count, max(0, limit - bytes.count))]
            } else if count == 0 {
                isAtEnd = true
                descriptor = nil
                number = -1
            } else if errno != EINTR {
                return
            }
        }
    }
}
