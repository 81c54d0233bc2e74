import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Sends what comes in at one port out at another, by the interface's index, with exchanged hardware addresses.
struct XdpRedirect: SteppedSample {
    static let manifest = Manifest(
        summary: "an XDP program redirects frames to an interface that it knows by its index",
        oracle:
            "in generic and in native mode, on each of up to four processors, each frame from the left arrives once on the right and nowhere "
            + "else, its hardware addresses exchanged; frames that are too long, for an interface that is not there or down, and those that the "
            + "far end does not take, are counted for what they are; every processor's counters, those of the kernel's tracepoints among them, "
            + "are exact beyond 2^32 too",
        kernSources: ["samples/bpf/xdp_redirect.bpf.c"],
        programTypes: ["XDP", "TRACING"],
        needs: .redirects,
        oldestTree: .redirects
    )

    enum Step: String, CaseIterable, CustomStringConvertible {
        case strayGeneric = "an interface that is not there, generic"
        case generic
        case abortingGeneric = "a program that gives up, generic"
        case strayNative = "an interface that is not there, native"
        case native
        case burst = "forty frames at once"
        case abortingNative = "a program that gives up, native"
        // From here on the right stays down.
        case deaf = "a host that is down"
        case down = "a port that is down"
        case detached

        var description: String { rawValue }
        var mode: BPFProgram.XDPMode {
            switch self {
            case .strayGeneric, .generic, .abortingGeneric: .generic
            default: .native
            }
        }
        var isStray: Bool { self == .strayGeneric || self == .strayNative }
        var isAborting: Bool { self == .abortingGeneric || self == .abortingNative }
    }

    static let steps = Step.allCases
    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    private static let expectations = RedirectExpectations(steps) { step, _ in frames(step) }

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies { expectations[step, facts] }

    static func notReached(_ facts: Tallies) -> [String] {
        SenderProcessors.notReached(facts) + [RedirectObject.deadEvents, RedirectObject.unusedEvents]
    }

    private static func frames(_ step: Step) -> [RedirectBench.Frame] {
        let sent = RedirectBench.plainFrame.bytes
        switch step {
        case .generic, .native: return RedirectBench.forwarded(step.mode, RedirectBench.swapped)
        case .burst:
            let (back, counts) = (RedirectBench.swapped(sent), RedirectBench.counts(40, .native))
            return [.init("one of forty", sent, burst: 40, arrivals: [(.host(.right), back)], counts: counts)]
        case .strayGeneric, .strayNative:
            return RedirectBench.lost(["received processed": 1, "not redirected, EINVAL dropped": 1])
        case .abortingGeneric, .abortingNative: return RedirectBench.lost(["exception ABORTED dropped": 1])
        case .deaf:
            let issues: Tallies = ["sent issue": 1, "left to right issue": 1]
            return RedirectBench.lost(RedirectBench.counts(1, .native, "dropped") + issues)
        case .down:
            return RedirectBench.lost(["received processed": 1, "not redirected, ENETDOWN dropped": 1])
        case .detached: return RedirectBench.passed
        }
    }

    final class Bench {
        let bench: RedirectBench
        let object: RedirectObject
        /// The same with an interface that nobody has.
        let stray: RedirectObject

        init(_ arena: borrowing Arena) throws {
            let bench = try RedirectBench()
            let load = { (arena: borrowing Arena, index: CInt) in
                try RedirectObject(in: arena, from: bench.counted.from, to: bench.counted.to) { opened in
                    try opened.setGlobal("ifindex_out", to: index)
                }
            }
            object = try load(arena, bench.index(.right))
            stray = try load(arena, bench.index(.right) + 1)
            self.bench = bench
        }
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        let object = step.isStray ? bench.stray : bench.object
        let program = try object.loaded.program("xdp_redirect_prog")
        if step == .deaf { try bench.bench.setDown(.host(.right)) }
        if step == .down { try bench.bench.setDown(.stack(.right)) }
        let placements: [RedirectBench.Placement] = [
            step.isAborting ? .init(returning: 0, .left) : .init(program, .left),
            .init(try bench.object.loaded.program("xdp_redirect_prog"), .other),
            .init(try bench.object.loaded.program("xdp_redirect_dummy_prog"), .right),
        ]
        try bench.bench.place(step == .detached ? [] : placements, step.mode)
        return try bench.bench.send(Self.frames(step), counting: object, receiver: program, in: arena)
    }
}
