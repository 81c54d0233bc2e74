import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// Records what programs print by `bpf_trace_printk`, by a small program of its own on the raw tracepoint `bpf_trace_printk`.
///
/// The machine's trace buffer is no witness: whoever reads it takes lines away from others, and `tracing_on` may be 0. A recorder
/// sees the lines of all programs on the machine; a sample must print something that tells its own.
///
/// Needs Linux 5.9 (the tracepoint), `CAP_BPF` and `CAP_PERFMON`.
public struct PrintRecorder: ~Copyable {
    /// The bytes that are kept of a line, its final 0 included.
    private static let lineBytes: CInt = 256
    /// A record has a header of 8 bytes.
    private static let recordBytes = Int(lineBytes) + 8

    private let capacity: Int
    private let ring: OwnedDescriptor
    private let link: BPFLink

    /// What was recorded.
    public struct Recording: Sendable, Hashable {
        /// The lines without their line feeds, in an order that is true for each processor; a long one is cut.
        public var lines: [String] = []
        /// Whether the buffer filled up, so that later lines may be missing.
        public var isTorn = false
    }

    /// Starts recording.
    ///
    /// - Parameter capacity: The buffer's bytes, a power of two and a multiple of the page's size; a line takes 264.
    /// - Throws: `SystemCallError` with `ENOENT` before Linux 5.9, `EPERM` without the privileges.
    public init(capacity: Int = 1 << 20) throws(SystemCallError) {
        let subject = "a recorder of printed lines"
        let map = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "lines", 0, 0, UInt32(capacity), nil)
        try check(map, "bpf(BPF_MAP_CREATE, BPF_MAP_TYPE_RINGBUF)", on: subject)
        KernelObject.announce(.map, descriptor: map)
        let ring = OwnedDescriptor(owning: map)
        let code = Self.program(writingTo: ring.number).map(\.raw)
        var options = bpf_prog_load_opts()
        options.sz = MemoryLayout<bpf_prog_load_opts>.size
        let loaded = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "print_recorder", "GPL", code, code.count, &options)
        try check(loaded, "bpf(BPF_PROG_LOAD)", on: subject)
        KernelObject.announce(.program, descriptor: loaded)
        let program = OwnedDescriptor(owning: loaded)
        let attached = bpf_raw_tracepoint_open("bpf_trace_printk", program.number)
        try check(attached, "bpf(BPF_RAW_TRACEPOINT_OPEN)", on: "'bpf_trace_printk'")
        self.capacity = capacity
        self.ring = ring
        link = BPFLink(descriptor: OwnedDescriptor(owning: attached))
    }

    /// Stops recording and takes what there is.
    public consuming func finish() throws(SystemCallError) -> Recording {
        let subject = "a recorder of printed lines"
        link.detach()
        let found = Found()
        let pointer = Unmanaged.passUnretained(found).toOpaque()
        let reader = ring_buffer__new(
            ring.number,
            { context, bytes, size in
                guard let context, let bytes else { return 0 }
                let text = UnsafeRawBufferPointer(start: bytes, count: size).prefix { $0 != 0 && $0 != 0x0a }
                Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().lines.append(
                    String(decoding: text, as: UTF8.self)
                )
                return 0
            },
            pointer,
            nil
        )
        let consumer = try require(reader, "ring_buffer__new", on: subject)
        defer { ring_buffer__free(consumer) }
        let result = withExtendedLifetime(found) { ring_buffer__consume(consumer) }
        try check(result, "ring_buffer__consume", on: subject)
        return Recording(lines: found.lines, isTorn: (found.lines.count + 1) * Self.recordBytes > capacity)
    }

    private final class Found {
        var lines: [String] = []
    }

    /// The recording program's instructions.
    ///
    /// `line = bpf_ringbuf_reserve(map, 256, 0); if (line) { bpf_probe_read_kernel_str(line, 256, args[0]);
    /// bpf_ringbuf_submit(line, BPF_RB_NO_WAKEUP); } return 0;`
    private static func program(writingTo map: CInt) -> [Instruction] {
        [
            Instruction(code: 0x79, destination: 6, source: 1, offset: 0),  // r6 = args[0], the line
            // r1 = the map, a constant of two slots.
            Instruction(code: 0x18, destination: 1, source: UInt8(BPF_PSEUDO_MAP_FD), immediate: map),
            Instruction(code: 0x00),
            Instruction(code: 0xb7, destination: 2, immediate: lineBytes),
            Instruction(code: 0xb7, destination: 3, immediate: 0),
            Instruction(code: 0x85, immediate: CInt(BPF_FUNC_ringbuf_reserve.rawValue)),
            Instruction(code: 0x15, destination: 0, offset: 8),  // if r0 == 0 goto the end
            Instruction(code: 0xbf, destination: 7, source: 0),  // r7 = r0
            Instruction(code: 0xbf, destination: 1, source: 0),
            Instruction(code: 0xb7, destination: 2, immediate: lineBytes),
            Instruction(code: 0xbf, destination: 3, source: 6),
            Instruction(code: 0x85, immediate: CInt(BPF_FUNC_probe_read_kernel_str.rawValue)),
            Instruction(code: 0xbf, destination: 1, source: 7),
            Instruction(code: 0xb7, destination: 2, immediate: 1),  // BPF_RB_NO_WAKEUP
            Instruction(code: 0x85, immediate: CInt(BPF_FUNC_ringbuf_submit.rawValue)),
            Instruction(code: 0xb7, destination: 0, immediate: 0),
            Instruction(code: 0x95),
        ]
    }
}
