import CLinux
import Glibc

/// A child process held by a pidfd.
///
/// It must be waited for with ``wait(deadline:)`` until that says how it ended; until then it is a zombie once dead.
public struct ChildProcess: ~Copyable {
    /// Its process id.
    public let pid: CInt
    /// Its pidfd, readable once it has ended.
    public let descriptor: OwnedDescriptor

    /// How to start a child.
    public struct Plan: Sendable {
        /// The program's path.
        public var path: String
        /// All arguments, the program's name included.
        public var arguments: [String]
        /// Lines `NAME=value`.
        public var environment: [String]
        /// `descriptors[i]` becomes descriptor i of the child; it has no others.
        public var descriptors: [CInt]
        /// Namespaces to be born in: `LX_NEWNET | LX_NEWNS`.
        public var namespaces: UInt64
        /// Limits of setrlimit(2).
        public var limits: [(resource: CInt, value: UInt64)]

        /// Creates a plan.
        public init(
            path: String,
            arguments: [String],
            environment: [String] = [],
            descriptors: [CInt],
            namespaces: UInt64 = 0,
            limits: [(resource: CInt, value: UInt64)] = []
        ) {
            self.path = path
            self.arguments = arguments
            self.environment = environment
            self.descriptors = descriptors
            self.namespaces = namespaces
            self.limits = limits
        }
    }

    /// Starts a child in a session and, if one is given, a cgroup of its own.
    ///
    /// The child gets SIGKILL when the *thread* that calls this ends, so call it from a thread that outlives the child.
    ///
    /// - Throws: ``SystemCallError`` with `ENOENT` for a missing program, `EPERM` without `CAP_SYS_ADMIN` for
    ///   namespaces, `ENOSYS` on kernels before 5.7.
    public init(_ plan: Plan, cgroup: borrowing OwnedDescriptor) throws(SystemCallError) {
        try self.init(plan, cgroupNumber: cgroup.number)
    }

    /// Starts a child in a session of its own and in the caller's cgroup.
    ///
    /// The child gets SIGKILL when the *thread* that calls this ends, so call it from a thread that outlives the child.
    ///
    /// - Throws: ``SystemCallError`` with `ENOENT` for a missing program, `ENOSYS` on kernels before 5.3.
    public init(_ plan: Plan) throws(SystemCallError) {
        try self.init(plan, cgroupNumber: -1)
    }

    private init(_ plan: Plan, cgroupNumber: CInt) throws(SystemCallError) {
        let arguments = CStrings(plan.arguments)
        let environment = CStrings(plan.environment)
        let limits = plan.limits.map { lx_limit(resource: $0.resource, value: $0.value) }
        var pidfd: CInt = -1
        let result = limits.withUnsafeBufferPointer { limits in
            plan.descriptors.withUnsafeBufferPointer { descriptors in
                plan.path.withCString { path in
                    var args = lx_spawn_args()
                    args.path = path
                    args.argv = UnsafePointer(arguments.pointer)
                    args.envp = UnsafePointer(environment.pointer)
                    args.descriptors = descriptors.baseAddress
                    args.descriptor_count = CInt(descriptors.count)
                    args.limits = limits.baseAddress
                    args.limit_count = CInt(limits.count)
                    args.cgroup = cgroupNumber
                    args.parent_death_signal = SIGKILL
                    args.namespaces = plan.namespaces
                    return lx_spawn(&args, &pidfd)
                }
            }
        }
        try SystemCallError.checkNegated(result, "clone3(2) and execve(2)", on: "'\(plan.path)'")
        pid = result
        descriptor = OwnedDescriptor(owning: pidfd)
    }

    /// How a child ended.
    public struct End: Sendable, Hashable, Codable {
        /// Its exit status, or `nil` if a signal ended it.
        public let status: CInt?
        /// The signal that ended it, or `nil`.
        public let signal: CInt?
        /// Processor time it used, user and system together, in seconds.
        public let cpuSeconds: Double
        /// The most memory it had resident, in KiB.
        public let peakKiB: Int

        /// Creates a description of an end.
        public init(status: CInt?, signal: CInt?, cpuSeconds: Double, peakKiB: Int) {
            self.status = status
            self.signal = signal
            self.cpuSeconds = cpuSeconds
            self.peakKiB = peakKiB
        }
    }

    /// Waits until the child has ended, and reaps it.
    ///
    /// - Returns: `nil` if it still runs at the deadline.
    /// - Throws: ``SystemCallError`` with `ECHILD` if it was reaped before.
    public func wait(deadline: Deadline) throws(SystemCallError) -> End? {
        _ = deadline.waitReadable(descriptor.number)
        var code: CInt = 0
        var status: CInt = 0
        var cpu = timeval()
        var peak = 0
        let result = lx_wait_pidfd(descriptor.number, 0, &code, &status, &cpu, &peak)
        try SystemCallError.checkNegated(result, "waitid(2)", on: "process \(pid)")
        guard result == 1 else { return nil }
        // CLD_EXITED is 1 (asm-generic/siginfo.h).
        return End(
            status: code == 1 ? status : nil,
            signal: code == 1 ? nil : status,
            cpuSeconds: Double(cpu.tv_sec) + Double(cpu.tv_usec) / 1e6,
            peakKiB: peak
        )
    }
}

/// A NULL-terminated array of C strings, freed with this value.
private final class CStrings {
    private var strings: [UnsafeMutablePointer<CChar>?]
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    init(_ texts: [String]) {
        strings = texts.map { strdup($0) } + [nil]
        pointer = .allocate(capacity: strings.count)
        pointer.initialize(from: strings, count: strings.count)
    }

    deinit {
        for string in strings { free(string) }
        pointer.deallocate()
    }
}
