/// Counts a tracepoint's firings on all processors, by a perf event for each that is on line.
///
/// The events are closed when this object is gone. A program that returns 0 on the *same* tracepoint stops the counting
/// (`trace_call_bpf`); count a neighbouring tracepoint then, such as `raw_syscalls/sys_enter` for `syscalls/sys_enter_open`.
public final class SystemWideCounter {
    private final class Single {
        let event: PerfEvent

        init(_ event: consuming PerfEvent) {
            self.event = event
        }
    }

    private let events: [Single]

    /// Starts counting.
    ///
    /// - Parameters:
    ///   - event: The tracepoint.
    ///   - condition: Which firings count, in the language of tracefs' filters, such as `id == 257`; `nil` for all.
    /// - Throws: ``SystemCallError`` with `EACCES` or `EPERM` without `CAP_PERFMON`, `EINVAL` for a condition that the kernel cannot
    ///   read, `EMFILE` where the machine has more processors than the process may open files.
    public init(_ event: TracepointEvent, where condition: String? = nil) throws(SystemCallError) {
        var events: [Single] = []
        for processor in try Processors.online() {
            let single = Single(try PerfEvent(.tracepoint(id: event.id), of: .processor(processor)))
            if let condition { try single.event.filter(condition) }
            events.append(single)
        }
        self.events = events
    }

    /// How many firings there were so far.
    ///
    /// The processors are read one after the other, not at one moment.
    public func count() throws(SystemCallError) -> UInt64 {
        var sum: UInt64 = 0
        for single in events { sum += try single.event.count() }
        return sum
    }
}
