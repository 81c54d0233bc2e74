import CLibbpf
import Glibc
import LinuxHost

/// A ring buffer in the kernel that small programs of our own write to, a record a firing.
struct FiringRing: ~Copyable {
    /// A record is 24 bytes and a header of 8.
    private static let recordBytes = 32

    private let capacity: Int
    private let ring: OwnedDescriptor
    private let consumer: Consumer

    /// Makes a ring (`BPF_MAP_TYPE_RINGBUF`, Linux 5.8).
    init(capacity: Int, for subject: String) throws(SystemCallError) {
        let number = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "firings", 0, 0, UInt32(capacity), nil)
        try check(number, "bpf(BPF_MAP_CREATE, BPF_MAP_TYPE_RINGBUF)", on: subject)
        KernelObject.announce(.map, descriptor: number)
        let made = OwnedDescriptor(owning: number)
        consumer = try Consumer(of: number, for: subject)
        ring = made
        self.capacity = capacity
    }

    /// Loads a program that writes the time and two words.
    ///
    /// - Parameters:
    ///   - type: The program's type.
    ///   - first: Instructions that leave the first word in r1; r6 holds the context, and must afterwards.
    ///   - second: The same for the second word.
    ///   - subject: What messages are about.
    /// - Returns: The program's descriptor.
    /// - Throws: `SystemCallError` with `EPERM` without the privileges, `EINVAL` where the verifier refuses the program.
    func load(
        _ type: bpf_prog_type,
        first: [Instruction],
        second: [Instruction],
        for subject: String
    ) throws(SystemCallError) -> OwnedDescriptor {
        let code = program(first, second).map(\.raw)
        var options = bpf_prog_load_opts()
        options.sz = MemoryLayout<bpf_prog_load_opts>.size
        let number = bpf_prog_load(type, "recorder", "GPL", code, code.count, &options)
        try check(number, "bpf(BPF_PROG_LOAD)", on: subject)
        KernelObject.announce(.program, descriptor: number)
        return OwnedDescriptor(owning: number)
    }

    /// Takes what there is.
    ///
    /// The ring is read where it is mapped: no system call is made, so that whoever polls it disturbs nothing.
    func take(for subject: String) throws(SystemCallError) -> TracepointRecorder.Recording {
        consumer.firings = []
        let result = withExtendedLifetime(consumer) { ring_buffer__consume(consumer.raw) }
        try check(result, "ring_buffer__consume", on: subject)
        let isTorn = (consumer.firings.count + 1) * Self.recordBytes > capacity
        return TracepointRecorder.Recording(firings: consumer.firings, isTorn: isTorn)
    }

    /// libbpf's reader of the ring, which hands each record to this object.
    private final class Consumer {
        var firings: [TracepointRecorder.Firing] = []
        private(set) var raw: OpaquePointer?

        init(of ring: CInt, for subject: String) throws(SystemCallError) {
            let reader = ring_buffer__new(
                ring,
                { context, bytes, size in
                    guard let context, let bytes, size >= 24 else { return 0 }
                    let words = (0..<3).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
                    let firing = TracepointRecorder.Firing(time: words[0], first: words[1], second: words[2])
                    Unmanaged<Consumer>.fromOpaque(context).takeUnretainedValue().firings.append(firing)
                    return 0
                },
                Unmanaged.passUnretained(self).toOpaque(),
                nil
            )
            raw = try require(reader, "ring_buffer__new", on: subject)
        }

        deinit {
            if let raw { ring_buffer__free(raw) }
        }
    }

    /// The instructions of a recording program.
    ///
    /// `record = { bpf_ktime_get_ns(), first, second }; bpf_ringbuf_output(map, &record, 24, BPF_RB_NO_WAKEUP); return 0;`
    private func program(_ first: [Instruction], _ second: [Instruction]) -> [Instruction] {
        [
            .move(.r6, .r1),  // r6 = r1, the context
            .call(.nanoseconds),
            .store(.r0, at: .r10, -24),  // record.time = r0
        ] + first + [
            .store(.r1, at: .r10, -16)
        ] + second + [
            .store(.r1, at: .r10, -8),
            .move(.r1, map: ring.number), .upperHalf(of: 0),
            .move(.r2, .r10),  // r2 = &record
            .add(.r2, -24),
            .move(.r3, 24),
            .move(.r4, 1),  // BPF_RB_NO_WAKEUP
            .call(.ringOutput),
            .move(.r0, 0),
            .exit,
        ]
    }
}
