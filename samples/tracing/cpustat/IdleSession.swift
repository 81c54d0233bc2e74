import CLinux
import Glibc
import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// One attempt: the kern half between two recorders, own sleeps on every processor, and the cells before and after.
final class IdleSession {
    private struct Sleep {
        let processor: Int
        let begin: UInt64
        let end: UInt64
    }

    private let object: LoadedObject
    private let processors: [Int]
    private var sleeps: [Sleep] = []
    /// Nanoseconds that the processors were idle by the record.
    private(set) var recordedIdle: UInt64 = 0
    /// Nanoseconds that they were idle by the kernel's own account, `/proc/stat`.
    private(set) var accountedIdle: UInt64 = 0

    init(_ object: consuming LoadedObject) throws {
        self.object = object
        processors = try Processors.online().map(Int.init).filter { $0 < IdleLedger.rows }
    }

    /// - Returns: What was seen; `nil` if the record was torn, so that nothing can be said.
    func run(in arena: borrowing Arena) throws -> Cpustat.Observation? {
        // Functions on a tracepoint run in the order in which they came, so the kern half's runs between the recorders'.
        let begin = Deadline.now
        try arrange()
        let before = try TracepointRecorder("cpu_idle")
        let frequencies = try TracepointRecorder("cpu_frequency", capacity: 1 << 16)
        let attached = Deadline.now
        let idleLink = try arena.attachTracepoint("bpf_prog1", of: object)
        let frequencyLink = try arena.attachTracepoint("bpf_prog2", of: object)
        let after = try TracepointRecorder("cpu_idle")
        // Attaching and detaching wait for the kernel, idle: only what both recorders saw is compared with the account.
        let opened = Deadline.now
        let accountedBefore = ProcessorAccount.idle(of: processors)
        let first = try readings()
        try arena.stimulate {
            for processor in first.keys.sorted() {
                try Processors.pinned(to: CInt(processor)) { burst(on: processor) }
            }
        }
        let last = try readings()
        let accountedAfter = ProcessorAccount.idle(of: processors)
        let closed = Deadline.now
        idleLink.detach()
        frequencyLink.detach()
        let (outer, inner) = (try before.finish(), try after.finish())
        let changed = try frequencies.finish()
        let end = Deadline.now
        // Programs are given another clock than user space then, or none that moves: no time can be compared.
        let strays = (outer.firings + inner.firings).count {
            $0.time + Self.clockSlack < begin || $0.time > end + Self.clockSlack
        }
        if strays > 0 { return Cpustat.Observation(strays: strays) }
        guard !outer.isTorn, !inner.isTorn, !changed.isTorn, Set(first.keys) == Set(last.keys) else { return nil }
        let ledger = IdleLedger(before: outer.firings, after: inner.firings)
        guard let cells = ledger.bounds(first, last) else { return nil }
        recordedIdle = processors.reduce(0) { $0 + ledger.idle($1, from: opened, to: closed) }
        accountedIdle = accountedAfter - min(accountedAfter, accountedBefore)
        var seen = Cpustat.Observation(cells: cells, frequencyChanges: changed.firings.count)
        seen.lead = (first.values.map(\.end).max() ?? attached) - attached
        seen.unread = processors.filter { first[$0] == nil }
        for (processor, reading) in last {
            guard let begin = first[processor], let window = ledger.window(processor, begin, reading) else {
                return nil
            }
            seen.processors[processor] = Cpustat.Processor(begin, reading, window)
            // The first change that the kern half ever sees of a processor only sets its time.
            let booking = begin.time == 0 ? Array(window.dropFirst()) : window
            let bounds = ledger.awake(booking, since: begin.frequencyTime)
            seen.frequencies[processor] = Cpustat.Frequency(processor, begin, reading, bounds)
            let expected = booking.isEmpty ? begin.frequencyTime : reading.time
            seen.frequencies[processor]?.expectedTime = expected
        }
        for sleep in sleeps {
            seen.processors[sleep.processor]?.sleeps += 1
            let idle = ledger.idle(sleep.processor, from: sleep.begin, to: sleep.end)
            if idle * 2 >= sleep.end - sleep.begin, idle > 0 { seen.processors[sleep.processor]?.idleSleeps += 1 }
        }
        let known = try object.map("my_map")
        for processor in 0..<IdleLedger.rows {
            let frequency = try known.lookup(UInt32(processor * 4 + 3), as: UInt64.self) ?? 0
            if frequency != Self.frequency(of: processor) { seen.changedFrequencies.append(processor) }
        }
        return seen
    }

    /// How far two readings of one clock may lie apart while the kernel adjusts it, in nanoseconds.
    private static let clockSlack: UInt64 = 1_000_000

    /// Writes what a change of each processor's frequency would have left, since no change need come, and begins all times.
    private func arrange() throws {
        let known = try object.map("my_map")
        for processor in 0..<IdleLedger.rows {
            try known.update(UInt32(processor * 4 + 2), Deadline.now)
            try known.update(UInt32(processor * 4 + 3), Self.frequency(of: processor))
        }
        for map in [try object.map("cstate_duration"), try object.map("pstate_duration")] {
            for cell in 0..<map.capacity { try map.update(cell, IdleLedger.start) }
        }
    }

    /// The frequency that a processor is said to run at.
    private static func frequency(of processor: Int) -> UInt64 {
        IdleLedger.frequencies[IdleLedger.frequencyColumn(processor)]
    }

    /// Sleeps in bursts, with work between: the processor goes idle in each, unless others need it.
    private func burst(on processor: Int) {
        for _ in 0..<5 {
            let begin = Deadline.now
            // Sleeping is the stimulus here.
            _ = poll(nil, 0, 4)
            sleeps.append(Sleep(processor: processor, begin: begin, end: Deadline.now))
            _ = lx_spin(1_000_000)
        }
    }

    /// Reads each processor's cells while keeping that processor awake, so that they cannot change meanwhile.
    ///
    /// A processor that this process may not run on is left out.
    private func readings() throws -> [Int: IdleLedger.Reading] {
        let (known, durations) = (try object.map("my_map"), try object.map("cstate_duration"))
        let frequencies = try object.map("pstate_duration")
        let read = { (map: BPFMap, cell: Int) in
            (try map.lookup(UInt32(cell), as: UInt64.self) ?? 0) &- IdleLedger.start
        }
        var found: [Int: IdleLedger.Reading] = [:]
        for processor in processors where lx_pin_to_cpu(CInt(processor)) >= 0 {
            // A processor leaves its idle state when this thread comes to it, and enters one when it goes: neither must have the
            // time of the reading, also where the clock moves with the timer tick only.
            let begin = Deadline.nextMoment
            let time = try known.lookup(UInt32(processor * 4), as: UInt64.self) ?? 0
            let state = try known.lookup(UInt32(processor * 4 + 1), as: UInt64.self) ?? 0
            let cells = try (0..<IdleLedger.columns).map { try read(durations, processor * IdleLedger.columns + $0) }
            let count = IdleLedger.frequencies.count
            let frequencyTime = try known.lookup(UInt32(processor * 4 + 2), as: UInt64.self) ?? 0
            let frequencyCells = try (0..<count).map { try read(frequencies, processor * count + $0) }
            found[processor] = IdleLedger.Reading(
                begin: begin,
                end: Deadline.now,
                time: time,
                state: state,
                cells: cells,
                frequencyTime: frequencyTime,
                frequencyCells: frequencyCells
            )
            _ = Deadline.nextMoment
        }
        _ = lx_unpin()
        return found
    }
}
