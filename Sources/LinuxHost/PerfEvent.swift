import CLinux
import Glibc

/// A perf event (perf_event_open(2)), closed when this value ends.
///
/// A program attached to it is then detached.
public struct PerfEvent: ~Copyable {
    /// The event's descriptor.
    public let descriptor: OwnedDescriptor

    /// What an event counts or samples.
    public enum Kind: Sendable, Hashable {
        /// `PERF_COUNT_SW_CPU_CLOCK`: a timer, sampled so many times a second.
        case cpuClock(hertz: UInt64)
        /// A tracepoint by its id in tracefs. Needs `CONFIG_PERF_EVENTS` and `CONFIG_EVENT_TRACING`.
        case tracepoint(id: UInt64)
        /// An entry into a function of the kernel (`CONFIG_KPROBE_EVENTS`, Linux 4.17), by the number in
        /// `/sys/bus/event_source/devices/kprobe/type`.
        case kernelFunction(String, source: UInt32)
        /// A return from a function of the kernel; `bit` is the bit of `config` that says so (``EventSource/bit(_:)``).
        case kernelFunctionReturn(String, source: UInt32, bit: UInt64)
        /// An instruction of a program (`CONFIG_UPROBE_EVENTS`, Linux 4.17), by the number in
        /// `/sys/bus/event_source/devices/uprobe/type`.
        case code(CodePosition, source: UInt32)
    }

    /// Whose events count.
    public enum Scope: Sendable, Hashable {
        /// The calling thread's, on whatever processor it runs.
        case thisThread
        /// Everybody's on one processor. Needs `CAP_PERFMON`.
        case processor(CInt)
    }

    /// Takes an event over.
    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = consume descriptor
    }

    /// Opens an event.
    ///
    /// It counts from now on unless `enabled` is false.
    ///
    /// - Throws: ``SystemCallError`` with `EACCES` or `EPERM` without the right to (`kernel.perf_event_paranoid`), or with
    ///   `ENOENT` for an event that the kernel does not have.
    public init(_ kind: Kind, of scope: Scope, enabled: Bool = true) throws(SystemCallError) {
        var attributes = perf_event_attr()
        attributes.size = UInt32(MemoryLayout<perf_event_attr>.size)
        attributes.disabled = enabled ? 0 : 1
        let subject: String
        var text: String?
        switch kind {
        case .cpuClock(let hertz):
            attributes.type = UInt32(PERF_TYPE_SOFTWARE.rawValue)
            attributes.config = UInt64(PERF_COUNT_SW_CPU_CLOCK.rawValue)
            attributes.freq = 1
            attributes.sample_freq = hertz
            subject = "the CPU clock at \(hertz) Hz"
        case .tracepoint(let id):
            attributes.type = UInt32(PERF_TYPE_TRACEPOINT.rawValue)
            attributes.config = id
            attributes.sample_period = 1
            subject = "tracepoint \(id)"
        case .kernelFunction(let name, let source):
            attributes.type = source
            text = name
            subject = "the kernel's function \(name)"
        case .kernelFunctionReturn(let name, let source, let bit):
            attributes.type = source
            attributes.config = 1 << bit
            text = name
            subject = "the return of the kernel's function \(name)"
        case .code(let position, let source):
            attributes.type = source
            text = position.file
            attributes.config2 = position.offset
            subject = "offset \(position.offset) of '\(position.file)'"
        }
        let (pid, cpu): (CInt, CInt) =
            switch scope {
            case .thisThread: (0, -1)
            case .processor(let cpu): (-1, cpu)
            }
        let number =
            if let text {
                text.withCString { text in
                    attributes.config1 = UInt64(UInt(bitPattern: text))
                    return lx_perf_event_open(&attributes, pid, cpu, -1)
                }
            } else {
                lx_perf_event_open(&attributes, pid, cpu, -1)
            }
        try SystemCallError.checkNegated(number, "perf_event_open(2)", on: subject)
        descriptor = OwnedDescriptor(owning: number)
    }

    /// Lets only those events of a tracepoint count whose fields satisfy a condition, such as `id == 257`.
    ///
    /// A program that is attached to the event runs all the same; the condition is for counters
    /// (`PERF_EVENT_IOC_SET_FILTER`, Documentation/trace/events.rst in the kernel tree).
    ///
    /// - Throws: ``SystemCallError`` with `EINVAL` for a condition that the kernel cannot read, or an event of another kind.
    public func filter(_ condition: String) throws(SystemCallError) {
        let result = lx_perf_set_filter(descriptor.number, condition)
        try SystemCallError.checkNegated(result, "ioctl(PERF_EVENT_IOC_SET_FILTER)", on: "'\(condition)'")
    }

    /// Lets a program run at the event, until the event is closed (`PERF_EVENT_IOC_SET_BPF`, Linux 4.1).
    ///
    /// - Parameter program: The program's descriptor.
    /// - Throws: ``SystemCallError`` with `EINVAL` for a program of another type.
    public func run(_ program: CInt) throws(SystemCallError) {
        let result = lx_perf_set_program(descriptor.number, program)
        try SystemCallError.checkNegated(result, "ioctl(PERF_EVENT_IOC_SET_BPF)", on: "a perf event")
    }

    /// Gives the descriptor up without closing it, for whoever closes it instead.
    public consuming func surrender() {
        _ = descriptor.release()
    }

    /// How many events there were so far.
    public func count() throws(SystemCallError) -> UInt64 {
        var value: UInt64 = 0
        let size = read(descriptor.number, &value, MemoryLayout<UInt64>.size)
        try SystemCallError.check(size, "read(2)", on: "a perf event")
        return value
    }
}

/// The processors of this machine.
public enum Processors {
    /// The numbers of the processors that are on line, from `/sys/devices/system/cpu/online`.
    ///
    /// - Throws: ``SystemCallError`` where `/sys` is not mounted.
    public static func online() throws(SystemCallError) -> [CInt] {
        parse(list: try SmallFile.text("/sys/devices/system/cpu/online"))
    }

    /// How many values an array with one for each processor must have: one more than the greatest number that a processor may
    /// ever get, from `/sys/devices/system/cpu/possible`.
    ///
    /// - Throws: ``SystemCallError`` where `/sys` is not mounted.
    public static func possibleCount() throws(SystemCallError) -> Int {
        Int(parse(list: try SmallFile.text("/sys/devices/system/cpu/possible")).max() ?? 0) + 1
    }

    /// Reads a list such as `0-3,8`; parts that are none are left out.
    static func parse(list: String) -> [CInt] {
        list.split(whereSeparator: { $0 == "," || $0.isWhitespace }).flatMap { part -> [CInt] in
            let ends = part.split(separator: "-").compactMap { CInt($0) }
            guard let first = ends.first, let last = ends.last, first <= last, first >= 0, last < 8192 else {
                return []
            }
            return Array(first...last)
        }
    }

    /// Whether the calling thread may run on a processor (sched_getaffinity(2)).
    public static func isAllowed(_ processor: CInt) -> Bool { lx_may_run_on(processor) > 0 }

    /// Restricts the calling thread to one processor until the closure returns.
    ///
    /// - Throws: ``SystemCallError`` with `EINVAL` for a processor that is off line or not allowed, or what the closure throws.
    public static func pinned<Result>(to processor: CInt, _ body: () throws -> Result) throws -> Result {
        try SystemCallError.checkNegated(lx_pin_to_cpu(processor), "sched_setaffinity(2)", on: "processor \(processor)")
        defer { _ = lx_unpin() }
        return try body()
    }
}
