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

    /// A record is 24 bytes and a header of 8.
    private static let recordBytes = 32

    private let name: String
    private let capacity: Int
    private let ring: OwnedDescriptor
    private let link: BPFLink

    /// Starts recording a tracepoint with at least two arguments.
    ///
    /// - Parameters:
    ///   - tracepoint: Its name without the category, such as `cpu_idle`.
    ///   - capacity: The buffer's bytes, a power of two and a multiple of the page's size; a firing takes 32.
    /// - Throws: `SystemCallError` with `ENOENT` for a tracepoint that the kernel does not have, `EINVAL` before Linux 5.8 or
    ///   for one with fewer arguments, `EPERM` without the privileges.
    public init(_ tracepoint: String, capacity: Int = 1 << 21) throws(SystemCallError) {
        let ring = try Self.ring(of: capacity, for: tracepoint)
        let program = try Self.load(writingTo: ring.number, for: tracepoint)
        let attached = bpf_raw_tracepoint_open(tracepoint, program.number)
        try check(attached, "bpf(BPF_RAW_TRACEPOINT_OPEN)", on: "'\(tracepoint)'")
        name = tracepoint
        self.capacity = capacity
        self.ring = ring
        link = BPFLink(descriptor: OwnedDescriptor(owning: attached))
    }

    private static func ring(of capacity: Int, for tracepoint: String) throws(SystemCallError) -> OwnedDescriptor {
        let number = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "firings", 0, 0, UInt32(capacity), nil)
        try check(number, "bpf(BPF_MAP_CREATE, BPF_MAP_TYPE_RINGBUF)", on: "a recorder of '\(tracepoint)'")
        KernelObject.announce(.map, descriptor: number)
        return OwnedDescriptor(owning: number)
    }

    private static func load(writingTo map: CInt, for tracepoint: String) throws(SystemCallError) -> OwnedDescriptor {
        let code = program(writingTo: map).map(\.raw)
        var options = bpf_prog_load_opts()
        options.sz = MemoryLayout<bpf_prog_load_opts>.size
        let number = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "recorder", "GPL", code, code.count, &options)
        try check(number, "bpf(BPF_PROG_LOAD)", on: "a recorder of '\(tracepoint)'")
        KernelObject.announce(.program, descriptor: number)
        return OwnedDescriptor(owning: number)
    }

    /// Stops recording and takes what there is.
    public consuming func finish() throws(SystemCallError) -> Recording {
        let subject = "a recorder of '\(name)'"
        link.detach()
        let found = Found()
        let pointer = Unmanaged.passUnretained(found).toOpaque()
        let reader = ring_buffer__new(
            ring.number,
            { context, bytes, size in
                guard let context, let bytes, size >= 24 else { return 0 }
                let words = (0..<3).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
                let firing = Firing(time: words[0], first: words[1], second: words[2])
                Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().firings.append(firing)
                return 0
            },
            pointer,
            nil
        )
        let consumer = try require(reader, "ring_buffer__new", on: subject)
        defer { ring_buffer__free(consumer) }
        let result = withExtendedLifetime(found) { ring_buffer__consume(consumer) }
        try check(result, "ring_buffer__consume", on: subject)
        return Recording(firings: found.firings, isTorn: (found.firings.count + 1) * Self.recordBytes > capacity)
    }

    private final class Found {
        var firings: [Firing] = []
    }

    /// The recording program's instructions.
    ///
    /// `record = { bpf_ktime_get_ns(), args[0], args[1] }; bpf_ringbuf_output(map, &record, 24, BPF_RB_NO_WAKEUP); return 0;`
    private static func program(writingTo map: CInt) -> [Instruction] {
        [
            Instruction(code: 0xbf, destination: 6, source: 1),  // r6 = r1, the arguments
            Instruction(code: 0x85, immediate: CInt(BPF_FUNC_ktime_get_ns.rawValue)),
            Instruction(code: 0x7b, destination: 10, source: 0, offset: -24),  // record.time = r0
            Instruction(code: 0x79, destination: 1, source: 6, offset: 0),  // r1 = args[0]
            Instruction(code: 0x7b, destination: 10, source: 1, offset: -16),
            Instruction(code: 0x79, destination: 1, source: 6, offset: 8),  // r1 = args[1]
            Instruction(code: 0x7b, destination: 10, source: 1, offset: -8),
            // r1 = the map, a constant of two slots.
            Instruction(code: 0x18, destination: 1, source: UInt8(BPF_PSEUDO_MAP_FD), immediate: map),
            Instruction(code: 0x00),
            Instruction(code: 0xbf, destination: 2, source: 10),  // r2 = &record
            Instruction(code: 0x07, destination: 2, immediate: -24),
            Instruction(code: 0xb7, destination: 3, immediate: 24),
            Instruction(code: 0xb7, destination: 4, immediate: 1),  // BPF_RB_NO_WAKEUP
            Instruction(code: 0x85, immediate: CInt(BPF_FUNC_ringbuf_output.rawValue)),
            Instruction(code: 0xb7, destination: 0, immediate: 0),
            Instruction(code: 0x95),
        ]
    }
}
