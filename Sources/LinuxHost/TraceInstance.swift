import CLinux
import Glibc
import Synchronization
import SystemPackage

/// A trace buffer of this process's own beside the machine's, which only chosen events are written to
/// (Documentation/trace/ftrace.rst in the kernel tree, "Instances").
///
/// Nobody else's reader takes lines away from it, and it takes none away from others; nor does it matter whether the machine's
/// own buffer is switched off (`tracing_on`). There is one at a time on a machine: who wants another waits for it. It does
/// not die with its process, so that who makes the next one, or `sweep(_:)`, removes what a dead process left.
public struct TraceInstance: ~Copyable {
    /// A line of the buffer.
    public struct Line: Sendable, Hashable {
        /// The name of the task that ran when it was written.
        public var task: String
        /// The number of that thread.
        public var thread: CInt
        /// The event.
        public var event: String
        /// What the event says.
        public var text: String

        /// Creates a line.
        public init(task: String, thread: CInt, event: String, text: String) {
            self.task = task
            self.thread = thread
            self.event = event
            self.text = text
        }
    }

    private static let name = "bpf-assay"

    private let path: String
    /// Holds the lock on the folder of all instances; it dies with the process, whatever becomes of the instance.
    private let lock: OwnedDescriptor
    private let reader: Reader

    /// Makes an instance that one event is written to.
    ///
    /// - Parameters:
    ///   - tracing: A tracefs; it may be mounted for this process alone.
    ///   - event: The event, such as `bpf_trace_printk`, which bpf_trace_printk() writes (Linux 5.9).
    ///   - category: The event's subsystem, such as `bpf_trace`.
    ///   - deadline: Until when another process's instance is waited for.
    /// - Throws: ``SystemCallError`` with `EWOULDBLOCK` where another process kept its own, `ENOENT` for an event that the kernel
    ///   does not have, `EPERM` or `EACCES` without the privileges.
    public init(
        in tracing: TraceFilesystem,
        event: String,
        of category: String,
        deadline: Deadline
    ) throws(SystemCallError) {
        let folder = "\(tracing.path)/instances"
        let held = try OwnedDescriptor.open(folder, O_RDONLY | O_DIRECTORY)
        let number = held.number
        guard deadline.poll(everyMilliseconds: 10, until: { flock(number, LOCK_EX | LOCK_NB) == 0 }) else {
            throw SystemCallError("flock(2)", on: "'\(folder)', for a trace buffer of our own", errno: .wouldBlock)
        }
        let made = "\(folder)/\(Self.name)"
        // A process that died a moment ago may still hold what it left.
        _ = deadline.poll(everyMilliseconds: 10) { rmdir(made) == 0 || errno == ENOENT }
        try SystemCallError.check(mkdir(made, 0o700), "mkdir(2)", on: "'\(made)'")
        do {
            try SmallFile.write("1", to: "\(made)/events/\(category)/\(event)/enable")
            reader = Reader(try OwnedDescriptor.open("\(made)/trace_pipe", O_RDONLY | O_NONBLOCK))
        } catch {
            rmdir(made)
            throw error
        }
        path = made
        lock = held
    }

    deinit {
        // An instance that is being read cannot be removed.
        reader.pipe = nil
        rmdir(path)
    }

    private final class Reader {
        var pipe: OwnedDescriptor?
        /// The beginning of a line whose end has not come yet.
        var pending: [UInt8] = []

        init(_ pipe: consuming OwnedDescriptor) { self.pipe = consume pipe }
    }

    /// Takes the lines that have come since the last call.
    ///
    /// A line is there as soon as the event has ended.
    ///
    /// - Throws: ``SystemCallError`` with what read(2) says.
    public func lines() throws(SystemCallError) -> [Line] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(reader.pipe?.number ?? -1, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { break }
            try SystemCallError.check(count, "read(2)", on: "'\(path)/trace_pipe'")
            if count == 0 { break }
            reader.pending += buffer[0..<count]
        }
        var found: [Line] = []
        for part in reader.pending.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            if let line = Self.line(String(decoding: part, as: UTF8.self)) { found.append(line) }
        }
        let rest = reader.pending.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        reader.pending.removeFirst(rest)
        return found
    }

    /// Reads a line `TASK-THREAD [CPU] FLAGS TIME: EVENT: TEXT`; `nil` for one that is none, such as one about lost events.
    ///
    /// A task's name may hold anything, blanks and brackets too; what stands behind it does not.
    public static func line(_ text: String) -> Line? {
        let fields = text.split(separator: ": ", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, let bracket = fields[0].lastIndex(of: "["),
            let dash = fields[0][..<bracket].lastIndex(of: "-")
        else { return nil }
        let thread = fields[0][fields[0].index(after: dash)..<bracket].filter { $0 != " " }
        guard let thread = CInt(thread) else { return nil }
        let task = fields[0][..<dash].drop { $0 == " " }
        return Line(task: String(task), thread: thread, event: String(fields[1]), text: String(fields[2]))
    }

    /// Removes what a process left that died without removing it; what a living one has stays.
    ///
    /// Where no tracefs is mounted, one is mounted for a moment, by a thread of its own and for nobody else to see.
    ///
    /// - Returns: The path of what was removed; `nil` for nothing, also where this process may not look.
    @discardableResult
    public static func sweep() -> String? {
        let usual = TraceFilesystem(path: "/sys/kernel/tracing")
        if access("\(usual.path)/instances", F_OK) == 0 { return sweep(usual) }
        let removed = Mutex<String?>(nil)
        WorkThread {
            guard (try? PrivateMounts.enter()) != nil else { return }
            for place in ["/mnt", "/tmp"] where (try? PrivateMounts.mount("tracefs", on: place)) != nil {
                let path = sweep(TraceFilesystem(path: place))
                removed.withLock { $0 = path }
                return
            }
        }.join()
        return removed.withLock { $0 }
    }

    /// Removes from one tracefs what a dead process left.
    static func sweep(_ tracing: TraceFilesystem) -> String? {
        let path = "\(tracing.path)/instances/\(name)"
        guard access(path, F_OK) == 0,
            let lock = try? OwnedDescriptor.open("\(tracing.path)/instances", O_RDONLY | O_DIRECTORY),
            flock(lock.number, LOCK_EX | LOCK_NB) == 0, rmdir(path) == 0
        else { return nil }
        return path
    }
}
