import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Puts packets for virtual addresses and ports into tunnels, and sends them out where they came in.
///
/// Too little room before a frame, for which the program drops it, is not reached: the kernel makes more.
struct XdpTxIptunnel: SteppedSample {
    static let manifest = Manifest(
        summary: "an XDP program puts packets for some addresses and ports into tunnels, and sends them back out",
        oracle:
            "on a veth, in generic and in native mode, on each of up to four processors, of frames of every kind exactly those whose address, "
            + "port, family and protocol are in a full hash, with a tunnel of their own version, come back once: to the tunnel's hardware "
            + "address, in a header with its addresses, a TTL of 8, the right length and checksum, and nothing changed inside; each counts on its "
            + "processor under its protocol, in native mode from 2^32-1 on; frames cut in their headers go nowhere; all others pass unchanged. "
            + "As the source does, ports are read 20 bytes behind the start of IPv4 also where options or a later fragment stand there, "
            + "a length wraps around at 65536, IPv4's identification is what the memory held, and the checksum of an object that folds its sum once may lack the last carry",
        kernSources: ["samples/bpf/xdp_tx_iptunnel_kern.c"],
        programTypes: ["XDP"],
        needs: .bpf + .veth + ["kernel>=5.18"]
    )

    /// The program in a mode.
    struct Step: CustomStringConvertible, Sendable {
        var mode: BPFProgram.XDPMode

        var description: String { mode.rawValue }
        /// What every counter is at the beginning: one of less than 64 bits loses what is added in native mode.
        var start: Int { mode == .native ? 1 << 32 - 1 : 0 }
    }

    static let steps = BPFProgram.XDPMode.allCases.map { Step(mode: $0) }
    static let countsTried = 8

    /// Whether the object takes frames in several buffers, as those of Linux 5.18 and later do.
    static let takesFragments = "takes fragments"
    static let exampleFacts: [Tallies] = [
        [SenderProcessors.fact: 1], [SenderProcessors.fact: 2, takesFragments: 1],
    ]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        let services = Service.all.count
        var all: Tallies = ["entries taken": services, "entries refused": 1, "frames that pass without it": 2]
        for frame in Frame.all(facts[takesFragments] > 0) {
            for rank in 0..<max(0, facts[SenderProcessors.fact]) {
                switch frame.fate {
                case .passed: all.add("passed: \(frame.title)", rank + 1)
                case .dropped: break
                case .sentBack(let tunnel):
                    all.add("came back: \(frame.title)", rank + 1)
                    all.add("processor \(rank): protocol \(tunnel.proto)", rank + 1)
                }
            }
        }
        return all
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try SenderProcessors.count() + [Self.takesFragments: bench.takesFragments ? 1 : 0]
    }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try bench.expose(to: step, in: arena)
    }
}
