import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// Records every firing of a tracepoint with its time and arguments, by a small program of its own on the raw tracepoint.
///
/// perf and ftrace are no witnesses for a program under test: one that returns 0 keeps every perf event on the same
/// tracepoint from counting, and ftrace's buffers are the whole machine's. The functions on a tracepoint are called in
/// the order of their registration, so that what is attached between two recorders runs between them.
///
/// Needs Linux 5.8 (`BPF_MAP_TYPE_RINGBUF`), `CAP_BPF` and `CAP_PERFMON`.
public struct TracepointRecorder: ~Copyable {
    /// One firing.
    public struct Firing: Sendable, Hashable, Codable {
        /// What `bpf_ktime_get_ns` said, nanoseconds of `CLOCK_MONOTONIC`.
        public var time: UInt64
        /// The tracepoint's first argument.
        public var first: UInt64
        /// The tracepoint's second argument.
        public var second: UInt64

        /// Creates a firing.
        public init(time: UInt64, first: UInt64, second: UInt64) {
            self.time = time
            self.first = first
            self.second = second
        }
    }

    /// What was recorded.
    public struct Recording: Sendable, Hashable {
        /// The firings, in an order that is true for each processor.
        public var firings: [Firing] = []
        /// Whether the buffer filled up, so that later firings may be missing.
        public var isTorn = false
    }

    private let name: String
    private let ring: FiringRing
    private let link: BPFLink

    /// Starts recording a tracepoint.
    ///
    /// - Parameters:
    ///   - tracepoint: Its name without the category, such as `cpu_idle`.
    ///   - arguments: How many of its arguments are recorded, 1 or 2; the tracepoint must have as many.
    ///   - capacity: The buffer's bytes, a power of two and a multiple of the page's size; a firing takes 32.
    /// - Throws: `SystemCallError` with `ENOENT` for a tracepoint that the kernel does not have, `EINVAL` before Linux 5.8 or
    ///   for one with fewer arguments, `EPERM` without the privileges.
    public init(_ tracepoint: String, arguments: Int = 2, capacity: Int = 1 << 21) throws(SystemCallError) {
        let subject = "a recorder of '\(tracepoint)'"
        let ring = try FiringRing(capacity: capacity, for: subject)
        // r6 holds the arguments.
        let reads = [
            [Instruction.load(.r1, from: .r6, 0)],  // r1 = args[0]
            arguments > 1
                ? [Instruction.load(.r1, from: .r6, 8)]  // r1 = args[1]
                : [Instruction.move(.r1, 0)],
        ]
        let program = try ring.load(BPF_PROG_TYPE_RAW_TRACEPOINT, first: reads[0], second: reads[1], for: subject)
        let attached = bpf_raw_tracepoint_open(tracepoint, program.number)
        try check(attached, "bpf(BPF_RAW_TRACEPOINT_OPEN)", on: "'\(tracepoint)'")
        name = tracepoint
        self.ring = ring
        link = BPFLink(descriptor: OwnedDescriptor(owning: attached))
    }

    /// Takes what there is so far, and goes on recording: what was taken is not there in the end.
    public func take() throws(SystemCallError) -> Recording {
        try ring.take(for: "a recorder of '\(name)'")
    }

    /// Stops recording and takes what there is.
    public consuming func finish() throws(SystemCallError) -> Recording {
        link.detach()
        return try ring.take(for: "a recorder of '\(name)'")
    }
}
