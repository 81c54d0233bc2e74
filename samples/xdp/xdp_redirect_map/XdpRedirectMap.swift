import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Sends what comes in at one port out at another, by a device map, with exchanged hardware addresses.
struct XdpRedirectMap: SteppedSample {
    static let manifest = Manifest(
        summary:
            "an XDP program redirects frames to the port in a device map, where another may rewrite their source address",
        oracle:
            "in generic and in native mode, on each of up to four processors, each frame from the left arrives once on the right and nowhere "
            + "else, its hardware addresses exchanged, or with the port's address as its source where the port has a program; frames that are too "
            + "long, that find no port in the map or a port that is down, and those that the far end does not take, are counted for what they "
            + "are; every processor's counters, those of the kernel's tracepoints among them, are exact beyond 2^32 too",
        kernSources: ["samples/bpf/xdp_redirect_map.bpf.c"],
        programTypes: ["XDP", "TRACING"],
        needs: .redirects,
        oldestTree: .redirects
    )

    enum Step: String, CaseIterable, CustomStringConvertible {
        case emptyGeneric = "no port in the map, generic"
        case generic
        case emptyNative = "no port in the map, native"
        case native
        case egress = "native, with a program at the port"
        case burst = "forty frames at once"
        // From here on the right stays down.
        case deaf = "a host that is down"
        case down = "a port that is down"
        case detached

        var description: String { rawValue }
        var mode: BPFProgram.XDPMode {
            switch self {
            case .generic, .emptyGeneric: .generic
            default: .native
            }
        }
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
        case .egress: return RedirectBench.forwarded(step.mode, fromPort)
        case .burst:
            let counts = RedirectBench.counts(40, .native)
            return [.init("one of forty", sent, burst: 40, arrivals: [(.host(.right), fromPort(sent))], counts: counts)]
        case .emptyGeneric, .emptyNative:
            return RedirectBench.lost(["received processed": 1, "exception ABORTED dropped": 1])
        case .deaf:
            let issues: Tallies = ["sent issue": 1, "left to right issue": 1]
            return RedirectBench.lost(RedirectBench.counts(1, .native, "dropped") + issues)
        case .down:
            return RedirectBench.lost(["received processed": 1, "not redirected, ENETDOWN dropped": 1])
        case .detached: return RedirectBench.passed
        }
    }

    /// A frame to its sender, from the port to the right.
    private static func fromPort(_ frame: [UInt8]) -> [UInt8] {
        Array(frame[6..<12] + RedirectBench.hardware(.right) + frame[12...])
    }

    final class Bench {
        let bench: RedirectBench
        let object: RedirectObject

        init(_ arena: borrowing Arena) throws {
            let bench = try RedirectBench()
            object = try RedirectObject(in: arena, from: bench.counted.from, to: bench.counted.to) { opened in
                try opened.setGlobal("tx_mac_addr", toBytes: RedirectBench.hardware(.right))
            }
            self.bench = bench
        }

        /// Puts the port into the maps and the programs on the ports, and what is to be down is set down.
        func prepare(_ step: Step) throws {
            let (general, native) = (try object.loaded.map("tx_port_general"), try object.loaded.map("tx_port_native"))
            let egress = try object.loaded.program("xdp_redirect_map_egress")
            let port = bench.index(.right)
            try bench.network.inside("router") {
                switch step {
                case .generic: try general.update(UInt32(0), port)
                case .native: try native.update(UInt32(0), SIMD2(port, 0))
                case .egress: try native.update(UInt32(0), SIMD2(port, egress.descriptor))
                default: break
                }
            }
            if step == .deaf { try bench.setDown(.host(.right)) }
            if step == .down { try bench.setDown(.stack(.right)) }
            if step == .detached { return try bench.place([], .native) }
            let program = "xdp_redirect_map_\(step.mode == .generic ? "general" : "native")"
            let placements: [RedirectBench.Placement] = [
                .init(try object.loaded.program(program), .left, .other),
                .init(try object.loaded.program("xdp_redirect_dummy_prog"), .right),
            ]
            try bench.place(placements, step.mode)
        }
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try bench.prepare(step)
        let receiver = try bench.object.loaded.program("xdp_redirect_map_native")
        return try bench.bench.send(Self.frames(step), counting: bench.object, receiver: receiver, in: arena)
    }
}
