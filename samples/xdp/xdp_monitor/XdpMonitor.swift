import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Counts what becomes of frames that other XDP programs redirect, by the kernel's tracepoints.
struct XdpMonitor: SteppedSample {
    static let manifest = Manifest(
        summary:
            "programs on tracepoints count frames that XDP programs redirect to devices and processors, and what goes wrong there",
        oracle:
            "frames that other programs redirect to a device or a processor, one by one or at once, are counted on the processor that dealt with "
            + "them, those that cannot be sent by their error (EINVAL, ENETDOWN, EMSGSIZE, EOPNOTSUPP), and programs that give up by what they "
            + "returned; other interfaces are left out where some are named, and none is where none is named; all counts are exact beyond 2^32 too",
        kernSources: ["samples/bpf/xdp_monitor.bpf.c"],
        programTypes: ["TRACING"],
        needs: .redirects,
        oldestTree: .redirects
    )

    /// The programs whose frames are counted: redirects to an interface, and to a processor's queue.
    static let redirects = KernInstructions(
        maps: [.init("queues", MapShape(.processorMap, value: 4, capacity: 8192))],
        programs: ["right", "stray", "loopback", "other"].enumerated().map { place, name in
            // bpf_redirect(interface, 0)
            .init(
                name,
                .xdp,
                [
                    .move(.r1, parameter: Int32(place)), .upperHalf(of: 0), .move(.r2, 0), .call(Helper(rawValue: 23)),
                    .exit,
                ]
            )
        } + [
            // bpf_redirect_map(queues, processor, 0)
            .init(
                "processor",
                .xdp,
                [
                    .move(.r1, map: 0), .upperHalf(of: 0), .move(.r2, parameter: 4), .upperHalf(of: 0), .move(.r3, 0),
                    .call(Helper(rawValue: 51)), .exit,
                ]
            )
        ]
    )

    enum Step: String, CaseIterable, CustomStringConvertible {
        case strayGeneric = "an interface that is not there, generic"
        case generic
        case abortingGeneric = "a program that gives up, generic"
        case unknownGeneric = "a program that returns 77, generic"
        case strayNative = "an interface that is not there, native"
        case loopback = "an interface that takes no frames"
        case native
        case unnamedTarget = "an interface that is not named"
        case burst = "forty frames at once"
        case everywhere = "without names of interfaces"
        case abortingNative = "a program that gives up, native"
        case unknownNative = "a program that returns 77, native"
        case queue = "to a processor"
        case queueBurst = "forty frames at once to a processor"
        case otherQueues = "to a processor by another map"
        // From here on the right stays down.
        case deaf = "a host that is down"
        case down = "a port that is down"
        case detached

        var description: String { rawValue }
        var mode: BPFProgram.XDPMode {
            switch self {
            case .strayGeneric, .generic, .abortingGeneric, .unknownGeneric: .generic
            default: .native
            }
        }
        /// The program of ``redirects`` on the left, or what one without any other purpose returns.
        var program: String? {
            switch self {
            case .strayGeneric, .strayNative: "stray"
            case .loopback: "loopback"
            case .queue, .queueBurst, .otherQueues: "processor"
            case .unnamedTarget: "other"
            case .abortingGeneric, .abortingNative, .unknownGeneric, .unknownNative, .detached: nil
            default: "right"
            }
        }
    }

    static let steps = Step.allCases
    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    private static let expectations = RedirectExpectations(steps) { step, processors in
        frames(step, last: processors - 1)
    }

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies { expectations[step, facts] }

    static func notReached(_ facts: Tallies) -> [String] {
        SenderProcessors.notReached(facts) + [RedirectObject.deadEvents]
    }

    private static func frames(_ step: Step, last: Int) -> [RedirectBench.Frame] {
        let plain = RedirectBench.plainFrame.bytes
        var frames: [RedirectBench.Frame]
        switch step {
        case .generic, .native: frames = RedirectBench.forwarded(step.mode) { $0 }
        case .everywhere:
            frames = [
                .init("a frame", plain, arrivals: [(.host(.right), plain)], counts: RedirectBench.counts(1, .native))
            ]
        case .burst:
            let counts = RedirectBench.counts(40, .native)
            frames = [.init("one of forty", plain, burst: 40, arrivals: [(.host(.right), plain)], counts: counts)]
        case .queue, .queueBurst:
            let count = step == .queue ? 1 : 40
            var frame = RedirectBench.Frame(
                "a frame for a processor",
                plain,
                burst: step == .queue ? nil : count,
                arrivals: [(.stack(.left), plain)]
            )
            frame.counts = [
                "redirected processed": count, "queued for \(last) processed": count,
                // The kernel puts eight frames at most into a queue at once.
                "queued for \(last) issue": (count + 7) / 8,
            ]
            frame.elsewhere = [last: ["taken processed": count]]
            frames = [frame]
        case .unnamedTarget:
            // Only the redirect itself counts, which has a beginning and no end.
            frames = [
                .init("a frame", plain, arrivals: [(.host(.other), plain)], counts: ["redirected processed": 1])
            ]
        case .otherQueues:
            frames = [
                .init("a frame", plain, arrivals: [(.stack(.left), plain)], counts: ["redirected processed": 1])
            ]
        case .strayGeneric, .strayNative: frames = RedirectBench.lost(["not redirected, EINVAL dropped": 1])
        case .loopback: frames = RedirectBench.lost(["not redirected, EOPNOTSUPP dropped": 1])
        case .abortingGeneric, .abortingNative:
            frames =
                RedirectBench.lost(["exception ABORTED dropped": 1]) + [
                    // That interface is among those that frames go to alone.
                    .init("from the right", from: .right, plain)
                ]
        case .unknownGeneric, .unknownNative: frames = RedirectBench.lost(["exception unknown dropped": 1])
        case .deaf:
            let issues: Tallies = ["sent issue": 1, "left to right issue": 1]
            frames = RedirectBench.lost(RedirectBench.counts(1, .native, "dropped") + issues)
        case .down: frames = RedirectBench.lost(["not redirected, ENETDOWN dropped": 1])
        case .detached: frames = RedirectBench.passed
        }
        // Nobody counts what a program receives.
        for index in frames.indices {
            frames[index].counts = Tallies(frames[index].counts.counts.filter { !$0.key.hasPrefix("received") })
        }
        return frames
    }

    final class Bench {
        let bench: RedirectBench
        let named: RedirectObject
        /// The same without names of interfaces, which is how upstream runs it.
        let unnamed: RedirectObject
        let programs: LoadedInstructions

        init(_ arena: borrowing Arena) throws {
            let bench = try RedirectBench()
            let events = RedirectObject.deviceEvents + RedirectObject.processorEvents
            named = try RedirectObject(in: arena, events: events, from: bench.counted.from, to: bench.counted.to)
            unnamed = try RedirectObject(in: arena, events: events)
            let last = try SenderProcessors.available().last ?? 0
            let right = bench.index(.right)
            let loopback = try bench.network.interface("router", "lo").index
            var half = redirects
            half.maps[0].shape.capacity = UInt32(try Processors.possibleCount())
            programs = try half.load(
                parameters: [right, right + 1, loopback, bench.index(.other), last].map { Int64($0) },
                name: "the programs that are watched"
            )
            let queues = try programs.map("queues")
            // A queue has room for so many frames.
            try queues.update(UInt32(last), UInt32(192))
            self.bench = bench
        }
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        if step == .deaf { try bench.bench.setDown(.host(.right)) }
        if step == .down { try bench.bench.setDown(.stack(.right)) }
        let program = try step.program.map { try bench.programs.program($0) }
        let isAborting = step == .abortingGeneric || step == .abortingNative
        var placements: [RedirectBench.Placement] = [
            program.map { .init($0, .left) } ?? .init(returning: isAborting ? 0 : 77, .left),
            .init(try bench.programs.program("right"), .other),
            .init(returning: isAborting ? 0 : 2, .right),
        ]
        if step == .detached { placements = [] }
        let queues = try bench.programs.map("queues").id()
        try bench.named.loaded.setGlobal("cpumap_map_id", to: step == .otherQueues ? queues + 1 : queues)
        try bench.bench.place(placements, step.mode)
        let last = try SenderProcessors.available().count - 1
        return try bench.bench.send(
            Self.frames(step, last: last),
            counting: step == .everywhere ? bench.unnamed : bench.named,
            receiver: program,
            besideOthers: step == .everywhere,
            in: arena
        )
    }
}
