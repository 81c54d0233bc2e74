import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// Records what the sockops programs of a cgroup answer, call by call, and what they print on the way.
///
/// The kernel calls all sockops programs of a socket's cgroup one after another, those of the cgroup itself before those of
/// its parents, and hands each the context that the one before has left. A recorder is the last of them: it reads the
/// operation, the reply and whose socket it is, and changes nothing. A second program of it, on the raw tracepoint
/// `bpf_trace_printk`, sees the lines that were printed before the reply was left.
///
/// Needs Linux 5.13 (`bpf_get_current_task` in such programs), `CAP_NET_ADMIN`, `CAP_BPF` and `CAP_PERFMON`.
public struct SocketOpsRecorder: ~Copyable {
    private let capacity: Int
    private let ring: OwnedDescriptor
    private let printLink: BPFLink
    private let opsLink: BPFLink

    /// A call of a cgroup's sockops programs.
    public struct Call: Codable, Sendable, Hashable {
        /// The operation, a number of `BPF_SOCK_OPS_…` in linux/bpf.h.
        public var operation: Int
        /// The reply that the programs left.
        public var reply: Int
        /// The address family of the socket.
        public var family = 0
        /// The port of this end.
        public var localPort = 0
        /// The port of the other end; 0 for a listener.
        public var remotePort = 0
        /// The callbacks that are on for the socket (`bpf_sock_ops_cb_flags`); 0 for a request that is no socket yet.
        public var callbacks = 0
        /// The processor that it happened on.
        public var processor = 0
        /// The lines that the programs printed, in their order.
        public var lines: [String] = []
        /// Whether it was served by a thread that serves others too (the network's softirq): the first lines may be others'.
        public var isShared = false

        /// Describes a call.
        public init(operation: Int, reply: Int, lines: [String] = [], callbacks: Int = 0, processor: Int = 0) {
            self.operation = operation
            self.reply = reply
            self.lines = lines
            self.callbacks = callbacks
            self.processor = processor
        }
    }

    /// Starts recording.
    ///
    /// - Parameters:
    ///   - cgroup: The cgroup; sockets of those below it are recorded too. Attach the programs that it shall look at to
    ///     cgroups below this one, or before.
    ///   - capacity: The buffer's bytes, a power of two and a multiple of the page's size; a call takes 72, a line 264.
    /// - Throws: `SystemCallError` with `EPERM` without the privileges, `ENOENT` before Linux 5.9, `EINVAL` where the verifier
    ///   refuses the recorder.
    public init(of cgroup: ControlGroup, capacity: Int = 1 << 20) throws(SystemCallError) {
        let subject = "a recorder of socket operations"
        let map = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "calls", 0, 0, UInt32(capacity), nil)
        try check(map, "bpf(BPF_MAP_CREATE, BPF_MAP_TYPE_RINGBUF)", on: subject)
        KernelObject.announce(.map, descriptor: map)
        let ring = OwnedDescriptor(owning: map)
        let printer = try Self.load(BPF_PROG_TYPE_RAW_TRACEPOINT, SocketOpsRecord.ofLine(in: ring.number), subject)
        let opened = bpf_raw_tracepoint_open("bpf_trace_printk", printer.number)
        try check(opened, "bpf(BPF_RAW_TRACEPOINT_OPEN)", on: "'bpf_trace_printk'")
        let printLink = BPFLink(descriptor: OwnedDescriptor(owning: opened))
        let program = try Self.load(BPF_PROG_TYPE_SOCK_OPS, SocketOpsRecord.ofCall(in: ring.number), subject)
        let directory = try cgroup.open()
        let made = bpf_link_create(program.number, directory.number, BPF_CGROUP_SOCK_OPS, nil)
        try check(made, "bpf(BPF_LINK_CREATE)", on: "cgroup '\(cgroup.path)'")
        opsLink = BPFLink(descriptor: OwnedDescriptor(owning: made))
        self.printLink = printLink
        self.ring = ring
        self.capacity = capacity
    }

    /// Takes the calls since the last time, in an order that is true for each processor.
    ///
    /// - Throws: `SystemCallError` with `ENOBUFS` where the buffer filled up and calls may be missing.
    public func take() throws(SystemCallError) -> [Call] {
        let subject = "a recorder of socket operations"
        let found = Found()
        let reader = ring_buffer__new(
            ring.number,
            { context, bytes, size in
                guard let context, let bytes else { return 0 }
                let record = UnsafeRawBufferPointer(start: bytes, count: size)
                Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().add(record)
                return 0
            },
            Unmanaged.passUnretained(found).toOpaque(),
            nil
        )
        let consumer = try require(reader, "ring_buffer__new", on: subject)
        defer { ring_buffer__free(consumer) }
        let result = withExtendedLifetime(found) { ring_buffer__consume(consumer) }
        try check(result, "ring_buffer__consume", on: subject)
        // Each record has a header of 8 bytes; what did not fit is not there.
        if found.bytes + Int(SocketOpsRecord.lineSize) + 8 > capacity {
            throw SystemCallError("ring_buffer__consume", on: subject, errno: .noBufferSpace)
        }
        return found.calls
    }

    private static func load(
        _ type: bpf_prog_type,
        _ instructions: [Instruction],
        _ subject: String
    ) throws(SystemCallError) -> OwnedDescriptor {
        let code = instructions.map(\.raw)
        var options = bpf_prog_load_opts()
        options.sz = MemoryLayout<bpf_prog_load_opts>.size
        let number = bpf_prog_load(type, "ops_recorder", "GPL", code, code.count, &options)
        try check(number, "bpf(BPF_PROG_LOAD)", on: subject)
        KernelObject.announce(.program, descriptor: number)
        return OwnedDescriptor(owning: number)
    }

    /// Joins each call with the lines that its processor's thread printed since the call before.
    private final class Found {
        /// Who printed or called.
        private struct Context: Hashable {
            let processor: UInt64
            let task: UInt64
        }

        var calls: [Call] = []
        var bytes = 0
        private var printed: [Context: (lines: [String], process: UInt64)] = [:]

        func add(_ record: UnsafeRawBufferPointer) {
            bytes += record.count + 8
            guard record.count >= Int(SocketOpsRecord.callSize) else { return }
            let words = record.bindMemory(to: UInt64.self)
            let context = Context(processor: words[0] & 0xffff_ffff, task: words[1])
            guard record.count == Int(SocketOpsRecord.callSize) else {
                let text = record[Int(SocketOpsRecord.text)...].prefix { $0 != 0 && $0 != 0x0a }
                printed[context, default: ([], 0)].lines.append(String(decoding: text, as: UTF8.self))
                // The upper half of bpf_get_current_pid_tgid() is the process.
                printed[context]?.process = words[2] >> 32
                return
            }
            let fields = UnsafeRawBufferPointer(rebasing: record[16...]).bindMemory(to: UInt32.self)
            let before = printed.removeValue(forKey: context)
            var call = Call(operation: Int(fields[0]), reply: Int(Int32(bitPattern: fields[1])))
            call.family = Int(fields[2])
            // The kernel leaves it in network order.
            call.remotePort = Int(UInt32(bigEndian: fields[3]))
            call.localPort = Int(fields[4])
            call.callbacks = Int(fields[5])
            call.processor = Int(context.processor)
            call.lines = before?.lines ?? []
            call.isShared = before.map { $0.process != UInt64(getpid()) } ?? false
            calls.append(call)
        }
    }
}

/// The records of a `SocketOpsRecorder`, and the programs that write them.
private enum SocketOpsRecord {
    /// The processor, the task's address, then what `fields` names.
    static let callSize: CInt = 64
    /// The processor, the task's address, `bpf_get_current_pid_tgid()`, and the line with its final 0.
    static let lineSize: CInt = 256
    static let text: Int16 = 24

    /// Where `struct bpf_sock_ops` (linux/bpf.h) has the operation, the reply, the family, the ports and the callbacks.
    private static let fields: [Int16] = [0, 4, 20, 64, 68, 84]

    static func ofCall(in map: CInt) -> [Instruction] {
        let copies = fields.enumerated().flatMap { index, offset -> [Instruction] in
            [
                .load(.r1, from: .r6, offset, width: .word),
                .store(.r1, at: .r7, 16 + 4 * Int16(index), width: .word),
            ]
        }
        return written(copies, in: map, size: callSize, returning: 1)
    }

    static func ofLine(in map: CInt) -> [Instruction] {
        let copies: [Instruction] = [
            .call(.currentThread),
            .store(.r0, at: .r7, 16),
            .load(.r3, from: .r6, 0),  // r3 = args[0], the line
            .move(.r1, .r7),
            .add(.r1, CInt(text)),
            .move(.r2, lineSize - CInt(text)),
            .call(.probeReadKernelString),
        ]
        return written(copies, in: map, size: lineSize, returning: 0)
    }

    /// The instructions of a recording program.
    ///
    /// `record = bpf_ringbuf_reserve(map, size, 0); if (record) { record->processor = bpf_get_smp_processor_id();
    /// record->task = bpf_get_current_task(); …; bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP); } return …;`
    private static func written(
        _ body: [Instruction],
        in map: CInt,
        size: CInt,
        returning result: CInt
    ) -> [Instruction] {
        let record =
            [
                .move(.r7, .r0),  // r7 = r0, the record
                .call(.processorNumber),
                .store(.r0, at: .r7, 0),
                .call(.currentTask),
                .store(.r0, at: .r7, 8),
            ] + body + [
                .move(.r1, .r7),
                .move(.r2, 1),  // BPF_RB_NO_WAKEUP
                .call(.ringSubmit),
            ]
        return [
            .move(.r6, .r1),  // r6 = r1, the context
            .move(.r1, map: map), .upperHalf(of: 0),
            .move(.r2, size),
            .move(.r3, 0),
            .call(.ringReserve),
            .jump(over: Int16(record.count), if: .r0, .equal, 0),
        ] + record + [
            .move(.r0, result),
            .exit,
        ]
    }
}
