import SampleKit
import SampleLab

extension XdpRxqInfo {
    static let examples: [Example<Observation>] = [
        .accepted("as configured", both(right)),
        .rejected("nothing sent", Observation()),
        .rejected("the native half never ran", Observation(generic: right, trials: trials)),
        .rejected("the generic half never ran", Observation(native: right, trials: trials)),
        .accepted("on a kernel that knows no context of a test run", both(right, nil)),
        .rejected("no trial made", both(right, [:])),
        .rejected("one trial left out", tried { $0["queue 63"] = nil }),
        .rejected("a queue beyond the last counted for itself", tried { $0["queue 65"] = $0["queue 63"] }),
        .rejected("no issue beyond the last queue", tried { $0["queue 64"]?.queues = [64: Record(processed: 1)] }),
        .rejected("an issue on the last queue of its own", tried { $0["queue 63"]?.queues[63]?.issue = 1 }),
        .rejected("dropped instead of aborted", tried { $0["index + 65536"]?.action = 1 }),
        .rejected("an index of which 16 bits are right", tried { $0["index + 65536"] = $0["queue 0"] }),
        .rejected("an action cut to eight bits", tried { $0["action 305419896"]?.action = 0x78 }),
        .rejected("unknown options read the header", tried { $0["options 4, type 05ff"]?.action = 0 }),
        .rejected("addresses of an aborted frame swapped", tried { $0["options 2, type 05ff"]?.isSwapped = true }),
        .rejected("the type read as a signed number", tried { $0["options 1, type ffff"]?.action = 0 }),
        .rejected(
            "a counter of 32 bits",
            tried { $0["queue 1"]?.all.processed = 1 &- 1 << 32 }
        ),
        .accepted("a queue for each processor", Observation(generic: second { $0 }, native: queued(1), trials: trials)),
        .rejected("all queues taken for one", Observation(generic: second { $0 }, native: queued(0), trials: trials)),
        .rejected("one frame not counted", both(changed("untouched") { $0.all.processed = 6 })),
        .rejected("counted on queue 1", both(changed("untouched") { $0.queues = [1: Record(processed: 7)] })),
        .rejected("not counted on a queue", both(changed("untouched") { $0.queues = [:] })),
        .accepted("the same on a second processor", both(second { $0 })),
        .rejected(
            "a second processor's frames counted on the first",
            both(
                second { _ in
                    Counts(otherProcessors: Record(processed: 14))
                }
            )
        ),
        .rejected("nothing counted on a second processor", both(second { _ in Counts() })),
        .rejected(
            "counted on another processor",
            both(
                changed("untouched") {
                    ($0.all, $0.queues, $0.otherProcessors) = (Record(), [:], Record(processed: 14))
                }
            )
        ),
        .rejected("the wrong index not noticed", both(changed("another interface's index") { $0.all.issue = 0 })),
        .rejected("the wrong index counted once", both(changed("another interface's index") { $0.all.issue = 1 })),
        .rejected("the right index refused", both(changed("untouched") { $0.all.issue = 7 })),
        .rejected("a frame of the wrong index passed", both(leaking("another interface's index", 1))),
        .rejected("dropped frames passed", both(leaking("dropped", 3))),
        .rejected("frames without EtherType passed where the header is read", both(leaking("header read", 2))),
        .rejected("all dropped", both(Run(steps: right.steps, seen: XDPSightings(markers: 2)))),
        .rejected("passed instead of sent back", both(sightings(treating: [Step.sendBack: Step.pass]))),
        .rejected("sent back instead of passed", both(sightings(treating: [Step.pass: Step.sendBack]))),
        .rejected("never swapped", both(sightings(swapping: false))),
        .rejected("still attached after its detachment", both(sightings(markers: 0))),
    ]

    private static let right = sightings()

    private static let trials = Dictionary(uniqueKeysWithValues: Trial.all.map { ($0.title, $0.expected) })

    private static func both(_ run: Run, _ tried: [String: Outcome]? = trials) -> Observation {
        Observation(generic: run, native: run, trials: tried)
    }

    private static func tried(_ change: (inout [String: Outcome]) -> Void) -> Observation {
        var tried = trials
        change(&tried)
        return both(right, tried)
    }

    /// A run with a queue for each processor, in which the second processor's frames were counted on a queue.
    private static func queued(_ queue: Int) -> Run {
        var run = second(onQueue: queue) { $0 }
        run.queues = 4
        return run
    }

    /// The right run on two processors, with what the second one counted changed.
    private static func second(onQueue queue: Int = 0, _ change: (Counts) -> Counts) -> Run {
        var run = right
        for step in Step.all { run.elsewhere[1, default: [:]][step.title] = change(step.expected(onQueue: queue)) }
        run.seen.passed = run.seen.passed.mapValues { 2 * $0 }
        run.seen.returned = run.seen.returned.mapValues { 2 * $0 }
        return run
    }

    private static func changed(_ title: String, _ change: (inout Counts) -> Void) -> Run {
        var run = right
        change(&run.steps[title, default: Counts()])
        return run
    }

    /// The right run, but some of a step's frames that ought to have gone nowhere passed.
    private static func leaking(_ title: String, _ count: Int) -> Run {
        var run = right
        for step in Step.all where step.title == title {
            for kind in step.frames.prefix(1) { run.seen.passed[Hexadecimal.text(kind.bytes), default: 0] += count }
        }
        return run
    }

    /// A whole run, right unless an action is treated as another, or addresses are not swapped.
    private static func sightings(treating: [UInt32: UInt32] = [:], swapping: Bool = true, markers: Int = 2) -> Run {
        var run = Run(seen: XDPSightings(markers: markers))
        for step in Step.all {
            run.steps[step.title] = step.expected(onQueue: 0)
            for kind in step.frames where !kind.isAborted {
                let arrival = Hexadecimal.text(swapping && step.isSwapping ? kind.swapped : kind.bytes)
                switch treating[step.action] ?? step.action {
                case Step.pass: run.seen.passed[arrival] = kind.count
                case Step.sendBack: run.seen.returned[arrival] = kind.count
                default: break
                }
            }
        }
        return run
    }
}
