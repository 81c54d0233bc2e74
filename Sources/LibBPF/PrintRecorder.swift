import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// Records what programs print by `bpf_trace_printk`, by a small program of its own on the raw tracepoint `bpf_trace_printk`.
///
/// The machine's trace buffer is no witness: whoever reads it takes lines away from others, and `tracing_on` may be 0. A recorder
/// sees the lines of all programs on the machine; a sample tells its own by their thread, or by what they say. It dies with its
/// process, and any number of them run beside each other.
///
/// Needs Linux 5.9 (the tracepoint), `CAP_BPF` and `CAP_PERFMON`.
public struct PrintRecorder: ~Copyable {
    /// A record: `bpf_get_current_pid_tgid()`, `bpf_get_current_comm()`, and the line with its final 0, cut to what is left.
    private enum Layout {
        static let size: CInt = 256
        static let task: Int16 = 8
        static let taskSize: CInt = 16
        static let text: Int16 = 24
        static let textSize: CInt = 232
        /// In the ring it has a header of 8 bytes.
        static let inRing = Int(size) + 8
    }

    private let capacity: Int
    private let ring: OwnedDescriptor
    private let link: BPFLink

    /// A printed line.
    public struct Line: Sendable, Hashable {
        /// The name of the task that ran, at most 15 bytes.
        public var task: String
        /// The number of its thread, in the first pid namespace.
        public var thread: CInt
        /// What was printed, without its line feed, at most 231 bytes.
        public var text: String

        /// Creates a line.
        public init(task: String, thread: CInt, text: String) {
            self.task = task
            self.thread = thread
            self.text = text
        }
    }

    /// What was recorded.
    public struct Recording: Sendable, Hashable {
        /// The lines, in an order that is true for each processor.
        public var lines: [Line] = []
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
        link.detach()
        return try Self.take(from: ring.number, capacity)
    }

    /// Takes what there is so far, and goes on recording.
    public func take() throws(SystemCallError) -> Recording { try Self.take(from: ring.number, capacity) }

    private static func take(from ring: CInt, _ capacity: Int) throws(SystemCallError) -> Recording {
        let subject = "a recorder of printed lines"
        let found = Found()
        let pointer = Unmanaged.passUnretained(found).toOpaque()
        let reader = ring_buffer__new(
            ring,
            { context, bytes, size in
                guard let context, let bytes else { return 0 }
                let record = UnsafeRawBufferPointer(start: bytes, count: size)
                Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().add(record)
                return 0
            },
            pointer,
            nil
        )
        let consumer = try require(reader, "ring_buffer__new", on: subject)
        defer { ring_buffer__free(consumer) }
        let result = withExtendedLifetime(found) { ring_buffer__consume(consumer) }
        try check(result, "ring_buffer__consume", on: subject)
        return Recording(lines: found.lines, isTorn: (found.lines.count + 1) * Layout.inRing > capacity)
    }

    private final class Found {
        var lines: [Line] = []

        func add(_ record: UnsafeRawBufferPointer) {
            guard record.count == Int(Layout.size) else { return }
            func text(_ range: Range<Int>) -> String {
                String(decoding: record[range].prefix { $0 != 0 && $0 != 0x0a }, as: UTF8.self)
            }
            let task = Int(Layout.task)
            lines.append(
                Line(
                    task: text(task..<task + Int(Layout.taskSize)),
                    // The lower half is the thread's number.
                    thread: CInt(truncatingIfNeeded: record.loadUnaligned(as: UInt64.self)),
                    text: text(Int(Layout.text)..<record.count)
                )
            )
        }
    }

    /// The recording program's instructions.
    ///
    /// `line = bpf_ringbuf_reserve(map, 256, 0); if (line) { line->thread = bpf_get_current_pid_tgid();
    /// bpf_get_current_comm(line->task, 16); bpf_probe_read_kernel_str(line->text, 232, args[0]);
    /// bpf_ringbuf_submit(line, BPF_RB_NO_WAKEUP); } return 0;`
    private static func program(writingTo map: CInt) -> [Instruction] {
        [
            .load(.r6, from: .r1, 0),  // r6 = args[0], the line
            .move(.r1, map: map), .upperHalf(of: 0),
            .move(.r2, Layout.size),
            .move(.r3, 0),
            .call(.ringReserve),
            .jump(over: 15, if: .r0, .equal, 0),  // if r0 == 0 goto the end
            .move(.r7, .r0),  // r7 = r0
            .call(.currentThread),
            .store(.r0, at: .r7, 0),  // *(u64 *)r7 = r0
            .move(.r1, .r7),
            .add(.r1, CInt(Layout.task)),
            .move(.r2, Layout.taskSize),
            .call(.currentName),
            .move(.r1, .r7),
            .add(.r1, CInt(Layout.text)),
            .move(.r2, Layout.textSize),
            .move(.r3, .r6),
            .call(.probeReadKernelString),
            .move(.r1, .r7),
            .move(.r2, 1),  // BPF_RB_NO_WAKEUP
            .call(.ringSubmit),
            .move(.r0, 0),
            .exit,
        ]
    }
}
