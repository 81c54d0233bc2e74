import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Forwards packets between two ports by the kernel's own routes, without the network stack.
struct XdpFwd: SteppedSample {
    static let manifest = Manifest(
        summary: "an XDP program forwards packets by the kernel's routes and neighbours to the ports of a device map",
        oracle:
            "of frames of every kind, in generic and in native mode, on each of up to four processors, exactly those with a route, a "
            + "neighbour, a TTL above 1 and a port in the map arrive once, with new hardware addresses, a TTL less by 1 and a valid checksum, "
            + "and the stack never sees them; frames cut in their IP header arrive nowhere; rules by "
            + "sender, protocol, type of service and entrance and the length of packets are heeded as far as the source asks for them; the stack gets all others unchanged",
        kernSources: ["samples/bpf/xdp_fwd_kern.c"],
        programTypes: ["XDP"],
        needs: .xdp + [
            "CONFIG_INET", "CONFIG_IPV6", "CONFIG_NET_NS", "CONFIG_IP_MULTIPLE_TABLES", "CONFIG_IPV6_MULTIPLE_TABLES",
        ]
    )

    /// A program in a mode; the last step has none any more.
    struct Step: CustomStringConvertible, Sendable {
        var program: String?
        var mode = BPFProgram.XDPMode.generic

        var description: String { program.map { "\($0), \(mode)" } ?? "detached" }
        /// Whether the program asks for the main table alone.
        var isDirect: Bool { program == "xdp_fwd_direct_prog" }
        var frames: [Frame] { program == nil ? Array(Frame.all.prefix(1)) : Frame.all }
    }

    static let steps =
        ["xdp_fwd_prog", "xdp_fwd_direct_prog"].flatMap { program in
            BPFProgram.XDPMode.allCases.map { Step(program: program, mode: $0) }
        } + [Step()]

    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 1], [SenderProcessors.fact: 2]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        step.frames.reduce(into: [:]) { all, frame in all = all + frame.outcome(step) } * facts[SenderProcessors.fact]
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try bench.expose(to: step, in: arena)
    }
}
