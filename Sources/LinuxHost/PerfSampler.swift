import CLinux
import Glibc
import SystemPackage

/// Takes samples of where one processor is, by its clock, into a ring that only this value reads.
///
/// It is a perf event of its own beside any that carries a program: a program that returns 0 keeps its event from writing
/// records, and one on a tracepoint keeps *every* perf event on that tracepoint from counting (`trace_call_bpf`).
public struct PerfSampler: ~Copyable {
    /// What one tick of the clock found.
    public struct Sample: Sendable, Hashable {
        /// The instruction's address, of the program or the kernel.
        public let address: UInt64
        /// Nanoseconds of `CLOCK_MONOTONIC`.
        public let time: UInt64

        /// Creates a sample.
        public init(address: UInt64, time: UInt64) {
            self.address = address
            self.time = time
        }
    }

    /// All that a ring held when the sampling stopped.
    public struct Recording: Sendable, Hashable {
        /// The samples, the oldest first.
        public var samples: [Sample] = []
        /// Samples that the kernel had no room for.
        public var lost: UInt64 = 0
        /// How often the kernel held the sampling up because there was too much of it.
        public var throttled = 0

        /// Creates an empty recording.
        public init() {}
    }

    /// Bytes of the ring behind its first page; a power of two of pages.
    ///
    /// A sample takes 24.
    private static let ringBytes = 32 * Int(getpagesize())

    private let event: OwnedDescriptor
    private let memory: UnsafeMutableRawPointer

    /// Starts sampling a processor so many times a second, in user and kernel mode.
    ///
    /// - Throws: ``SystemCallError`` with `EINVAL` for more than `kernel.perf_event_max_sample_rate`, `EACCES` or `EPERM` without
    ///   `CAP_PERFMON`, or with `ENOMEM` or `EPERM` where no ring can be had.
    public init(hertz: UInt64, on processor: CInt) throws(SystemCallError) {
        var attributes = perf_event_attr()
        attributes.size = UInt32(MemoryLayout<perf_event_attr>.size)
        attributes.type = UInt32(PERF_TYPE_SOFTWARE.rawValue)
        attributes.config = UInt64(PERF_COUNT_SW_CPU_CLOCK.rawValue)
        attributes.freq = 1
        attributes.sample_freq = hertz
        attributes.sample_type = UInt64(PERF_SAMPLE_IP.rawValue | PERF_SAMPLE_TIME.rawValue)
        lx_perf_use_monotonic_clock(&attributes)
        let number = lx_perf_event_open(&attributes, -1, processor, -1)
        try SystemCallError.checkNegated(number, "perf_event_open(2)", on: "the clock of processor \(processor)")
        let opened = OwnedDescriptor(owning: number)
        memory = try Self.map(number)
        event = opened
    }

    private static func map(_ event: CInt) throws(SystemCallError) -> UnsafeMutableRawPointer {
        let memory = mmap(nil, Int(getpagesize()) + ringBytes, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0)
        let code = errno
        guard let memory, memory != MAP_FAILED else {
            throw SystemCallError("mmap(2)", on: "a perf event's ring", errno: Errno(rawValue: code))
        }
        return memory
    }

    deinit {
        munmap(memory, Int(getpagesize()) + Self.ringBytes)
    }

    /// Stops the sampling and takes what there is.
    public consuming func finish() throws(SystemCallError) -> Recording {
        // The kernel stops the event on its own processor before it answers, so that nothing is written any more.
        try SystemCallError.checkNegated(
            lx_perf_disable(event.number),
            "ioctl(PERF_EVENT_IOC_DISABLE)",
            on: "a perf event"
        )
        let head = memory.assumingMemoryBound(to: perf_event_mmap_page.self).pointee.data_head
        let ring = memory + Int(getpagesize())
        // Nothing is ever taken out before the end, so the kernel drops new samples when the ring is full.
        let used = min(Int(head), Self.ringBytes)
        var found = Self.recording(from: Array(UnsafeRawBufferPointer(start: ring, count: used)))
        // The kernel tells of what it dropped when there is room again, which in a full ring there never is.
        if used + 64 > Self.ringBytes { found.lost += 1 }
        return found
    }

    /// Reads a ring's records (`enum perf_event_type` in linux/perf_event.h); kinds that are not asked for are passed over.
    static func recording(from bytes: [UInt8]) -> Recording {
        var found = Recording()
        bytes.withUnsafeBytes { bytes in
            func word(_ offset: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
            var at = 0
            while at + 8 <= bytes.count {
                let type = bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)
                let size = Int(bytes.loadUnaligned(fromByteOffset: at + 6, as: UInt16.self))
                guard size >= 8, at + size <= bytes.count else { break }
                if type == UInt32(PERF_RECORD_SAMPLE.rawValue), size >= 24 {
                    found.samples.append(Sample(address: word(at + 8), time: word(at + 16)))
                } else if type == UInt32(PERF_RECORD_LOST.rawValue), size >= 24 {
                    found.lost += word(at + 16)
                } else if type == UInt32(PERF_RECORD_THROTTLE.rawValue) {
                    found.throttled += 1
                }
                at += size
            }
        }
        return found
    }
}
