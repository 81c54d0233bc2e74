import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Tells user space of each packet: its length and the first 64 bytes, by a perf event of the processor that it came in on.
struct XdpSamplePkts: SteppedSample {
    static let manifest = Manifest(
        summary: "an XDP program hands the first bytes of each packet to user space by a perf event",
        oracle:
            "on a veth, in generic and in native mode, on each of up to four processors, of every frame of 14 to 3014 bytes exactly one sample "
            + "comes, from that processor's ring, with the cookie, the frame's length and exactly its first 64 bytes, or all of them; none is lost, and "
            + "every frame passes unchanged; without rings the program says in a printed line for each frame that it could not, and passes it; once detached nothing comes",
        kernSources: ["samples/bpf/xdp_sample_pkts_kern.c"],
        programTypes: ["XDP"],
        needs: .xdp + .eventBuffers + [
            "CONFIG_PERF_EVENTS", "CONFIG_BPF_EVENTS", "helper:bpf_probe_read_kernel_str",
        ]
    )

    /// Where the frames come in.
    enum Step: Sendable, Hashable, CustomStringConvertible {
        /// Nowhere, with no ring in the map yet.
        case withoutRings
        /// At a device with the program in a mode.
        case device(BPFProgram.XDPMode)
        /// Nowhere, with the rings in place.
        case alone

        var description: String {
            switch self {
            case .withoutRings: "without a device and without rings"
            case .device(let mode): mode.rawValue
            case .alone: "without a device"
            }
        }
    }

    static let steps: [Step] = [.withoutRings] + BPFProgram.XDPMode.allCases.map { .device($0) } + [.alone]
    static let countsTried = 6
    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 1], [SenderProcessors.fact: 2]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        var all: Tallies = [:]
        if case .device = step { all["frames that pass without it"] = 2 }
        for frame in Frame.all {
            for rank in 0..<max(0, facts[SenderProcessors.fact]) {
                switch step {
                case .withoutRings:
                    all.add("printed: perf_event_output failed: -2")
                    all.add("answered 2")
                case .alone:
                    all.add("processor \(rank): \(frame.title)")
                    all.add("answered 2")
                case .device:
                    all.add("processor \(rank): \(frame.title)", rank + 1)
                    all.add("passed: \(frame.title)", rank + 1)
                }
            }
        }
        return all
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        switch step {
        case .withoutRings: try bench.runWithoutRings(in: arena)
        case .device(let mode): try bench.expose(to: mode, in: arena)
        case .alone: try bench.runAlone(in: arena)
        }
    }
}
