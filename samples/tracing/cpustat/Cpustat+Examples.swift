import SampleKit
import SampleLab

extension Cpustat {
    static let examples: [Example<Observation>] = [
        .accepted("every duration booked", seen(added: 20_100_000)),
        .accepted("at the very edge", seen(added: 20_250_000)),
        .accepted("frequencies change too", seen(added: 20_100_000, changes: 2, frequency: 0)),
        .rejected("nothing stimulated", Observation()),
        .rejected("a clock of programs that stands still", Observation(strays: 40)),
        .rejected("only the background idled", seen(added: 20_100_000, idleSleeps: 0)),
        .rejected("never ran", seen(added: 0, time: 0, state: 0)),
        .rejected("durations not added", seen(added: 0)),
        .rejected("the last duration missing", seen(added: 16_100_000)),
        .rejected("added twice", seen(added: 40_200_000)),
        .rejected("busy time booked as idle", seen(added: 25_100_000)),
        .rejected("booked under another state", seen(added: 0, elsewhere: 20_100_000)),
        .rejected("time since boot booked by the first change", seen(added: 20_100_000, initial: 9_000_000_000)),
        .rejected("time stamps not kept", seen(added: 20_100_000, time: 900)),
        .rejected("state not kept", seen(added: 20_100_000, state: 1)),
        .rejected("time awake not booked", seen(added: 20_100_000, frequency: 0)),
        .rejected("idle time booked at a frequency", seen(added: 20_100_000, frequency: 30_000_000)),
        .rejected("booked at another frequency", seen(added: 20_100_000) { $0.frequencies[0]?.elsewhere = 10_000_000 }),
        .rejected("booked again from the same time", seen(added: 20_100_000) { $0.frequencies[0]?.time = 900_000 }),
        .rejected("a frequency changed by nothing", seen(added: 20_100_000) { $0.changedFrequencies = [3] }),
        .rejected("no test run", seen(added: 20_100_000) { $0.handed = [] }),
        .rejected("no room for half of the processors", handed { ($0.before, $0.after, $0.added) = ([], [], [:]) }),
        .rejected("a test run missing", seen(added: 20_100_000) { $0.handed.removeLast() }),
        .rejected("a change that leaves nothing", handed { $0.added = [:] }),
        .rejected(
            "a duration of 32 bits",
            handed { $0.added = $0.added.mapValues { UInt64(UInt32(truncatingIfNeeded: $0)) } }
        ),
        .rejected("a nanosecond too many", handed { $0.added = $0.added.mapValues { $0 + 1 } }),
        .rejected("another processor's cells", handed { $0.strays = 1 }),
        .rejected("another clock", handed { ($0.begin, $0.end) = ($0.begin - 100_000, $0.end - 100_000) }),
        .rejected("the frequency not kept", handed { if !$0.after.isEmpty { $0.after[3] = $0.before[3] } }),
        .rejected(
            "a state with a sign",
            handed {
                if !$0.after.isEmpty { $0.after[1] = UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: $0.after[1]))) }
            }
        ),
    ]

    private static func seen(
        added: Int64,
        elsewhere: Int64 = 0,
        idleSleeps: Int = 5,
        time: UInt64 = 1_000_000,
        state: UInt64 = UInt64(IdleLedger.awake),
        changes: Int = 0,
        frequency: Int64 = 10_000_000,
        initial: UInt64 = 30_000,
        _ change: (inout Observation) -> Void = { _ in }
    ) -> Observation {
        let awake = UInt64(IdleLedger.awake)
        let booked = IdleLedger.Bounds(low: 9_990_000, high: 10_010_000, durations: 5, added: frequency)
        var seen = Observation(
            cells: [
                0: IdleLedger.Bounds(added: elsewhere),
                1: IdleLedger.Bounds(low: 20_000_000, high: 20_200_000, durations: 10, added: added, initial: initial),
            ],
            processors: [
                0: Processor(
                    sleeps: 5,
                    idleSleeps: idleSleeps,
                    time: time,
                    earliest: 999_000,
                    latest: 1_001_000,
                    state: state,
                    expectedState: awake
                )
            ],
            lead: 100_000,
            frequencyChanges: changes,
            frequencies: [0: Frequency(booked: booked, time: time, expectedTime: time)],
            handed: handedExample
        )
        change(&seen)
        return seen
    }

    private static func handed(_ change: (inout HandedChange.Outcome) -> Void) -> Observation {
        seen(added: 20_100_000) { seen in for index in seen.handed.indices { change(&seen.handed[index]) } }
    }
}
