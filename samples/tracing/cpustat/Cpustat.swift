import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Adds up how long each processor spends in each idle state and at each frequency.
struct Cpustat: Sample {
    struct Observation: Codable, Equatable {
        /// What was added to the idle times, by cell, and what must have been.
        var cells: [Int: IdleLedger.Bounds] = [:]
        /// What happened on each processor that could be read.
        var processors: [Int: Processor] = [:]
        /// Processors on line that this process may not run on.
        var unread: [Int] = []
        /// Nanoseconds from before the attachment until the first reading was made.
        var lead: UInt64 = 0
        /// Changes of frequency that a recorder saw.
        var frequencyChanges = 0
        /// What was booked at the frequency that each processor is said to run at.
        var frequencies: [Int: Frequency] = [:]
        /// Processors whose frequency was changed.
        var changedFrequencies: [Int] = []
        /// Changes that programs saw at a time that lies outside of the run by `CLOCK_MONOTONIC`; nothing else is said then.
        var strays = 0
        /// What came of ``HandedChange/all``, in their order.
        var handed: [HandedChange.Outcome] = []
    }

    static let manifest = Manifest(
        summary: "tracepoint programs add up each processor's time by idle state and by frequency",
        oracle:
            "on processors 0 to 7, while own sleeps let them idle, each cell grows by what two recorders of power/cpu_idle, "
            + "called before and after the program, allow (5 us a duration), the last change is theirs, and "
            + "at least 3 own sleeps are idle in the record, else the kernel's own account says that the processors were busy; "
            + "programs and user space have one clock; without a change of frequency the time between is booked at the one frequency that "
            + "is set before; every time goes on from 2^32-1; and test runs of both programs with every state and frequency, on each of "
            + "eight processors and beyond, leave exactly the cells that they must, by the time that they leave there themselves",
        kernSources: ["samples/bpf/cpustat_kern.c"],
        programTypes: ["TRACEPOINT"],
        needs: .tracing + .eventBuffers + [
            // Test runs with arguments.
            "kernel>=5.10", "idle-processors", "layout:power/cpu_idle", "layout:power/cpu_frequency",
        ],
        timeout: .seconds(15),
        // A sample that burns a processor beside it would leave nothing to measure.
        runsAlone: true
    )

    /// Own sleeps in which the processor must have gone idle, over all processors.
    static let fewest = 3
    /// Attempts in a row that must be wrong for the kernel or the object to be at fault: such faults do not come and go.
    static let mostWrong = 3
    /// How much a duration may lie outside of the recorders' bounds, in nanoseconds.
    ///
    /// Where somebody else traced `cpu_idle` already, the kern half is called before both recorders. And the clock that
    /// programs read may step by some nanoseconds while the kernel adjusts it.
    static let slack: Int64 = 5000

    func observe(in arena: borrowing Arena) throws -> Observation {
        let handing = try HandedSession(arena)
        var handed: [HandedChange.Outcome] = []
        try arena.stimulate { handed = try HandedChange.all.map { try handing.outcome(of: $0) } }
        let alone = Observation(handed: handed)
        // What is wrong there is so however busy the processors are.
        guard arena.isControl || Self.handedChecks(alone).allSatisfy(\.held) else { return alone }
        var seen = try observeIdleness(in: arena)
        seen.handed = handed
        return seen
    }

    private func observeIdleness(in arena: borrowing Arena) throws -> Observation {
        let deadline = Deadline(after: .seconds(8))
        var best: Observation?
        var idle: (recorded: UInt64, accounted: UInt64) = (0, 0)
        var wrong = 0
        repeat {
            let session = try IdleSession(try arena.loadObject())
            guard let seen = try session.run(in: arena) else { continue }
            if arena.isControl || seen.strays > 0 { return seen }
            // What is wrong on a busy processor is wrong all the same, but not what happens once: where another run traces the
            // same events, a hypervisor that takes the processor away between two programs moves one of their times.
            guard alwaysChecked(seen).allSatisfy(\.held) else {
                wrong += 1
                if wrong == Self.mostWrong { return seen }
                best = best ?? seen
                continue
            }
            wrong = 0
            if Self.idleSleeps(seen) >= Self.fewest { return seen }
            idle.recorded += session.recordedIdle
            idle.accounted += session.accountedIdle
            best = seen
        } while !deadline.hasPassed
        guard let best else { throw TornIdleRecord() }
        // A tracepoint that does not fire is no excuse.
        guard Self.wereBusy(recorded: idle.recorded, accounted: idle.accounted) else { return best }
        let sleeps = best.processors.values.reduce(0) { $0 + $1.sleeps }
        throw UnmetNeed(
            .idleProcessors,
            "other work kept the processors busy for 8 seconds",
            evidence: [
                "\(Self.idleSleeps(best)) of the last \(sleeps) sleeps were idle in the record of power/cpu_idle",
                "idle by the record: \(idle.recorded / 1_000_000) ms; by /proc/stat: \(idle.accounted / 1_000_000) ms",
            ]
        )
    }

    /// Whether the kernel's own account agrees with the record that there was hardly any idle time.
    ///
    /// The account counts in ticks of 10 ms, on some kernels by what a timer tick happens to find.
    static func wereBusy(recorded: UInt64, accounted: UInt64) -> Bool {
        accounted <= 2 * recorded + 400_000_000
    }

    private static func idleSleeps(_ seen: Observation) -> Int {
        seen.processors.values.reduce(0) { $0 + $1.idleSleeps }
    }

    func judge(_ seen: Observation) -> Judgement {
        let checks: [Check] =
            [
                .atLeast(
                    "own sleeps in which the processor was idle",
                    bound: Self.fewest,
                    observed: Self.idleSleeps(seen)
                )
            ] + alwaysChecked(seen) + [
                .atLeast(
                    "durations added",
                    bound: Self.fewest,
                    observed: seen.cells.values.reduce(0) { $0 + $1.durations }
                )
            ] + Self.handedChecks(seen)
        return Judgement(
            checks,
            notReached: seen.unread.map { "processor \($0), which this process may not run on" } + [
                seen.frequencyChanges == 0
                    ? "tracepoint/power/cpu_frequency, which did not fire; bpf_prog2 was attached and ran in test runs only"
                    : "the times by frequency of real changes, which are not recomputed"
            ]
        )
    }

    /// What must hold whether the processors went idle or not.
    private func alwaysChecked(_ seen: Observation) -> [Check] {
        var checks: [Check] = [
            .equal("changes at a time outside of the run by CLOCK_MONOTONIC", expected: 0, observed: seen.strays)
        ]
        for (processor, now) in seen.processors.sorted(by: { $0.key < $1.key }) {
            checks.append(
                .within(
                    "time of processor \(processor)'s last change",
                    now.earliest...max(now.earliest, now.latest),
                    observed: now.time
                )
            )
            checks.append(
                .equal("idle state of processor \(processor)", expected: now.expectedState, observed: now.state)
            )
        }
        for (cell, bounds) in seen.cells.sorted(by: { $0.key < $1.key }) {
            let slack = Self.slack * Int64(max(1, bounds.durations))
            let range = (bounds.low - slack)...max(bounds.low - slack, bounds.high + slack)
            checks.append(.within("nanoseconds added to cell \(cell)", range, observed: bounds.added))
        }
        // A cell takes its own processor's durations and those that spill from the rows before.
        let most = seen.lead * UInt64(IdleLedger.rows)
        checks.append(
            .atMost(
                "nanoseconds in a cell at first",
                bound: most,
                observed: seen.cells.values.map(\.initial).max() ?? 0
            )
        )
        if seen.frequencyChanges == 0 {
            checks.append(
                .equal("processors whose frequency was changed", expected: [], observed: seen.changedFrequencies)
            )
            for (processor, frequency) in seen.frequencies.sorted(by: { $0.key < $1.key }) {
                let booked = frequency.booked
                let slack = Self.slack * Int64(max(1, booked.durations))
                checks += [
                    .within(
                        "nanoseconds added at the frequency of processor \(processor)",
                        (booked.low - slack)...max(booked.low - slack, booked.high + slack),
                        observed: booked.added
                    ),
                    .equal(
                        "nanoseconds added at others, processor \(processor)",
                        expected: 0,
                        observed: frequency.elsewhere
                    ),
                    .equal(
                        "the time from which processor \(processor)'s frequency counts",
                        expected: frequency.expectedTime,
                        observed: frequency.time
                    ),
                ]
            }
        }
        return checks
    }

    /// What the kern half booked at the frequency of one processor.
    struct Frequency: Codable, Equatable {
        /// What was added at it, and what must have been.
        var booked = IdleLedger.Bounds()
        /// What was added at other frequencies.
        var elsewhere: UInt64 = 0
        /// The time from which the next duration counts.
        var time: UInt64 = 0
        /// The time that it must be: that of the last change, whichever it is.
        var expectedTime: UInt64 = 0
    }

    /// What happened on one processor.
    struct Processor: Codable, Equatable {
        /// Own sleeps on it.
        var sleeps = 0
        /// Own sleeps during at least half of which it was idle, by the record.
        var idleSleeps = 0
        /// The time of the last change, as the kern half has it.
        var time: UInt64 = 0
        /// The earliest that it can be.
        var earliest: UInt64 = 0
        /// The latest that it can be.
        var latest: UInt64 = 0
        /// The last state, as the kern half has it.
        var state: UInt64 = 0
        /// The last state by the record.
        var expectedState: UInt64 = 0
    }
}

extension Cpustat.Frequency {
    /// What two readings and the bounds of what must have been added between them say.
    init(_ processor: Int, _ first: IdleLedger.Reading, _ last: IdleLedger.Reading, _ bounds: IdleLedger.Bounds) {
        self.init(booked: bounds, time: last.frequencyTime)
        for (column, pair) in zip(first.frequencyCells, last.frequencyCells).enumerated() {
            if column == IdleLedger.frequencyColumn(processor) {
                booked.added = Int64(bitPattern: pair.1 &- pair.0)
                booked.initial = pair.0
            } else {
                elsewhere &+= pair.1
            }
        }
    }
}

extension Cpustat.Processor {
    /// What two readings and the changes between them say.
    init(_ first: IdleLedger.Reading, _ last: IdleLedger.Reading, _ window: [IdleLedger.Change]) {
        let slack = UInt64(Cpustat.slack)
        self.init(
            time: last.time,
            earliest: first.time,
            latest: first.time,
            state: last.state,
            expectedState: first.state
        )
        if let change = window.last {
            earliest = change.before - slack
            latest = (change.after ?? change.before) + slack
            expectedState = UInt64(change.state)
        }
    }
}

/// No attempt gave a whole record.
struct TornIdleRecord: Error, CustomStringConvertible {
    var description: String {
        "record power/cpu_idle: in 8 seconds every record was torn; end what else traces or changes processors on this machine"
    }
}
