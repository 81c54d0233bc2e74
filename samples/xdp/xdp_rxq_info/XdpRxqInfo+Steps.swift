import LinuxHost
import SampleKit
import SampleLab

extension XdpRxqInfo {
    /// A configuration of the kern half and the frames that meet it.
    struct Step: Sendable {
        let title: String
        var action = Step.pass
        var options: UInt32 = 0
        var isOwnInterface = true
        /// How many frames have an EtherType, one of them 0x0600, and how many an 802.3 length, one of them 0x05ff.
        let counts: (typed: Int, untyped: Int)
        /// The number that tells this step's frames from all others'.
        let mark: UInt8

        // enum xdp_action of linux/bpf.h.
        static let drop: UInt32 = 1
        static let pass: UInt32 = 2
        static let sendBack: UInt32 = 3
        // enum cfg_options_flags of the kern half.
        static let readMemory: UInt32 = 1
        static let swapAddresses: UInt32 = 2

        static let all = [
            Step(title: "untouched", counts: (5, 2), mark: 1),
            Step(title: "another interface's index", isOwnInterface: false, counts: (4, 1), mark: 2),
            Step(title: "dropped", action: drop, counts: (3, 1), mark: 3),
            Step(title: "header read", options: readMemory, counts: (6, 2), mark: 4),
            Step(title: "addresses swapped", options: swapAddresses, counts: (7, 2), mark: 5),
            Step(title: "sent back", action: sendBack, options: swapAddresses, counts: (8, 2), mark: 6),
            Step(title: "sent back as it is", action: sendBack, counts: (3, 2), mark: 7),
            Step(title: "untouched again", counts: (2, 1), mark: 8),
        ]

        var isSwapping: Bool { options & Self.swapAddresses != 0 }

        /// What the maps must have got.
        var expected: Counts {
            let count = UInt64(counts.typed + counts.untyped)
            let all = Record(processed: count, issue: isOwnInterface ? 0 : count)
            return Counts(all: all, queue0: isOwnInterface ? Record(processed: count) : Record())
        }

        /// Frames of one look.
        struct Kind {
            let title: String
            let bytes: [UInt8]
            let count: Int
            /// Whether the kern half must abort them, so that they go nowhere.
            let isAborted: Bool

            var swapped: [UInt8] { Array(bytes[6..<12] + bytes[0..<6] + bytes[12...]) }
        }

        /// The step's frames, one for each EtherType at the boundary, the rest of type 0x88b6.
        func frames(
            from source: HardwareAddress = HardwareAddress(local: 2),
            to destination: HardwareAddress = HardwareAddress(local: 1)
        ) -> [Kind] {
            let make = { (type: UInt16) in
                let payload = [mark] + (0..<63).map { UInt8($0) }
                return EthernetFrame.make(from: source, to: destination, type: type, payload)
            }
            let typed = !isOwnInterface
            let untyped = !isOwnInterface || options != 0
            return [
                Kind(
                    title: "frames of length 0x40",
                    bytes: make(0x0040),
                    count: counts.untyped - 1,
                    isAborted: untyped
                ),
                Kind(title: "frames of length 0x05ff", bytes: make(0x05ff), count: 1, isAborted: untyped),
                Kind(title: "frames of type 0x0600", bytes: make(0x0600), count: 1, isAborted: typed),
                Kind(title: "frames of type 0x88b6", bytes: make(0x88b6), count: counts.typed - 1, isAborted: typed),
            ].filter { $0.count > 0 }
        }

        func frames(on pair: VethPair) -> [Kind] {
            frames(from: pair.farAddress, to: pair.nearAddress)
        }
    }

    static let examples: [Example<Observation>] = [
        .accepted("as configured", both(right)),
        .rejected("nothing sent", Observation()),
        .rejected("the native half never ran", Observation(generic: right, actions: [2, 0, 0])),
        .rejected("the generic half never ran", Observation(native: right, actions: [2, 0, 0])),
        .rejected(
            "dropped instead of aborted",
            Observation(generic: right, native: right, actions: [2, 1, 1])
        ),
        .rejected("one frame not counted", both(changed("untouched") { $0.all.processed = 6 })),
        .rejected("counted on queue 1", both(changed("untouched") { swap(&$0.queue0, &$0.otherQueues) })),
        .rejected("not counted on a queue", both(changed("untouched") { $0.queue0 = Record() })),
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
                    ($0.all, $0.queue0, $0.otherProcessors) = (Record(), Record(), $0.all + $0.queue0)
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

    private static func both(_ run: Run) -> Observation {
        Observation(generic: run, native: run, actions: [2, 0, 0])
    }

    /// The right run on two processors, with what the second one counted changed.
    private static func second(_ change: (Counts) -> Counts) -> Run {
        var run = right
        run.elsewhere[1] = run.steps.mapValues(change)
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
            for kind in step.frames().prefix(1) { run.seen.passed[Hexadecimal.text(kind.bytes), default: 0] += count }
        }
        return run
    }

    /// A whole run, right unless an action is treated as another, or addresses are not swapped.
    private static func sightings(treating: [UInt32: UInt32] = [:], swapping: Bool = true, markers: Int = 2) -> Run {
        var run = Run(seen: XDPSightings(markers: markers))
        for step in Step.all {
            run.steps[step.title] = step.expected
            for kind in step.frames() where !kind.isAborted {
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
