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
        /// What the event counted: nanoseconds of a clock, or how often something happened.
        public var count: UInt64 = 0

        /// How many samples each address has.
        public var histogram: [UInt64: Int] { samples.reduce(into: [:]) { $0[$1.address, default: 0] += 1 } }

        /// Creates an empty recording.
        public init() {}
    }

    /// Bytes of the ring behind its first page; a power of two of pages.
    ///
    /// A sample takes 24.
    private static let ringBytes = 32 * Int(getpagesize())

    private let source: Source
    private let event: OwnedDescriptor
    private let memory: UnsafeMutableRawPointer

    /// What is sampled.
    public enum Source: Sendable, Hashable {
        /// A processor, so many times a second, in user and kernel mode.
        case clock(hertz: UInt64, processor: CInt)
        /// Each page fault of the calling thread in user mode.
        case ownPageFaults
    }

    /// Prepares to sample; ``start()`` starts it, and all events of its group at the same moment.
    ///
    /// - Throws: ``SystemCallError`` with `EINVAL` for more than `kernel.perf_event_max_sample_rate`, `EACCES` or `EPERM` without
    ///   `CAP_PERFMON`, or with `ENOMEM` or `EPERM` where no ring can be had.
    public init(_ source: Source) throws(SystemCallError) {
        var attributes = source.attributes
        attributes.disabled = 1
        attributes.sample_type = UInt64(PERF_SAMPLE_IP.rawValue | PERF_SAMPLE_TIME.rawValue)
        let number = source.open(&attributes, group: -1)
        try SystemCallError.checkNegated(number, "perf_event_open(2)", on: source.subject)
        let opened = OwnedDescriptor(owning: number)
        memory = try Self.map(number)
        event = opened
        self.source = source
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

    /// Opens an event of the same kind in this one's group, for a program to be attached to.
    ///
    /// The two start and stop together, so that they see the same: two clocks of a group tick side by side, and where a
    /// processor is taken off both miss the same ticks.
    ///
    /// - Throws: ``SystemCallError`` as ``init(_:)`` does.
    public func makeSibling() throws(SystemCallError) -> PerfEvent {
        var attributes = source.attributes
        let number = source.open(&attributes, group: event.number)
        try SystemCallError.checkNegated(number, "perf_event_open(2)", on: "\(source.subject), in a group")
        return PerfEvent(OwnedDescriptor(owning: number))
    }

    /// Starts the sampling, and with it that of the group.
    public func start() throws(SystemCallError) {
        try SystemCallError.checkNegated(
            lx_perf_enable(event.number),
            "ioctl(PERF_EVENT_IOC_ENABLE)",
            on: source.subject
        )
    }

    /// Stops the sampling, and that of the group, and takes what there is.
    public consuming func finish() throws(SystemCallError) -> Recording {
        // The kernel stops the event on its own processor before it answers, so that nothing is written any more.
        try SystemCallError.checkNegated(
            lx_perf_disable(event.number),
            "ioctl(PERF_EVENT_IOC_DISABLE)",
            on: "a perf event"
        )
        var count: UInt64 = 0
        try SystemCallError.check(read(event.number, &count, MemoryLayout<UInt64>.size), "read(2)", on: source.subject)
        let head = memory.assumingMemoryBound(to: perf_event_mmap_page.self).pointee.data_head
        let ring = memory + Int(getpagesize())
        // Nothing is ever taken out before the end, so the kernel drops new samples when the ring is full.
        let used = min(Int(head), Self.ringBytes)
        var found = Self.recording(from: Array(UnsafeRawBufferPointer(start: ring, count: used)))
        // The kernel reports what it dropped when there is room again, which in a full ring there never is.
        if used + 64 > Self.ringBytes { found.lost += 1 }
        found.count = count
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

extension PerfSampler.Source {
    fileprivate var attributes: perf_event_attr {
        var attributes = perf_event_attr()
        attributes.size = UInt32(MemoryLayout<perf_event_attr>.size)
        attributes.type = UInt32(PERF_TYPE_SOFTWARE.rawValue)
        // The events of a group must have one clock.
        lx_perf_use_monotonic_clock(&attributes)
        switch self {
        case .clock(let hertz, _):
            attributes.config = UInt64(PERF_COUNT_SW_CPU_CLOCK.rawValue)
            attributes.freq = 1
            attributes.sample_freq = hertz
        case .ownPageFaults:
            attributes.config = UInt64(PERF_COUNT_SW_PAGE_FAULTS.rawValue)
            attributes.sample_period = 1
            attributes.exclude_kernel = 1
        }
        return attributes
    }

    fileprivate func open(_ attributes: inout perf_event_attr, group: CInt) -> CInt {
        switch self {
        case .clock(_, let processor): lx_perf_event_open(&attributes, -1, processor, group)
        case .ownPageFaults: lx_perf_event_open(&attributes, 0, -1, group)
        }
    }

    fileprivate var subject: String {
        switch self {
        case .clock(let hertz, let processor): "the clock of processor \(processor) at \(hertz) Hz"
        case .ownPageFaults: "page faults"
        }
    }
}
