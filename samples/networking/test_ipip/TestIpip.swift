import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Gives what is ICMP an address to go to in tunnels without keys, at devices that know of none.
///
/// Upstream's script chose between two hosts by the port of TCP. Its kern half lost that choice in Linux 5.10, and stands among the
/// tests of the kernel, in one file with that of `test_tunnel_bpf`.
struct TestIpip: SteppedSample {
    static let manifest = Manifest(
        summary: "traffic control programs give ICMP the addresses of tunnels without keys, IP in IP of both versions",
        oracle:
            "on each of up to four processors, echo requests that a host sends by a tunnel device arrive in a tunnel from 172.16.1.200 to "
            + "172.16.1.100, or from ::22 to ::11, with a lifetime of 64 and nothing changed inside; what is no ICMP of the device's version "
            + "gets no address, and arrives nowhere, or in IPv4 at the host itself; what comes in tunnels leaves the device unchanged, and "
            + "their senders are printed, once; echo requests in tunnels are answered in tunnels; without the programs nothing is sent or "
            + "printed; each program answers and prints what it must for a packet that came in no tunnel, or is none",
        kernSources: [
            KernFile("samples/bpf/tcbpf2_kern.c", or: "tools/testing/selftests/bpf/progs/test_tunnel_kern.c")
        ],
        programTypes: ["SCHED_CLS"],
        needs: .trafficControl + .veth + [
            "CONFIG_INET", "CONFIG_IPV6", "CONFIG_NET_NS", "CONFIG_BPF_EVENTS", "CONFIG_NET_IPIP", "CONFIG_IPV6_TUNNEL",
            // For a program of the object that is not loaded here.
            "CONFIG_XFRM",
            "kernel>=6.0", "helper:bpf_probe_read_kernel_str", "helper:bpf_skb_set_tunnel_key",
        ],
        unseenHelpers: Dictionary(
            uniqueKeysWithValues: [
                "bpf_skb_get_tunnel_opt", "bpf_skb_set_tunnel_opt", "bpf_map_lookup_elem", "bpf_trace_vprintk",
                "bpf_skb_get_xfrm_state", "bpf_csum_diff", "bpf_skb_store_bytes", "bpf_l3_csum_replace",
                "bpf_skb_change_type",
            ].map { ($0, "only programs of other tunnels call it, which are test_tunnel_bpf's") }
        ),
        oldestTree: Manifest.OldestTree(
            KernelVersion(6, 0),
            otherwise: "chooses a host by the port of TCP, which is another sample"
        ),
        timeout: .seconds(20)
    )

    enum Step: CustomStringConvertible, Sendable {
        /// Kinds of tunnels with their programs, or without them.
        case tunnels([Kind], withPrograms: Bool)
        /// Each program without a device.
        case alone([TunnelTrial])

        var description: String {
            switch self {
            case .tunnels(let kinds, let withPrograms): withPrograms ? kinds[0].rawValue : "without programs"
            case .alone: "without a device"
            }
        }
    }

    /// What fails at once comes first: what does not come by a device is waited for.
    static let steps: [Step] =
        [.alone(trials)] + Kind.allCases.map { .tunnels([$0], withPrograms: true) } + [
            .tunnels(Kind.allCases, withPrograms: false)
        ]
    static let countsTried = 2

    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2, TunnelRun.markFact: 0x1234]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        switch step {
        case .tunnels(let kinds, let withPrograms):
            Kind.expected(kinds, withPrograms: withPrograms, TunnelRun(facts)) * facts[SenderProcessors.fact]
        case .alone(let trials): TunnelTrial.expected(trials) * facts[SenderProcessors.fact]
        }
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }

    private static let programs = Set(Kind.allCases.flatMap { [$0.setter, "\($0.rawValue)_get_tunnel"] })

    /// They take the frame for a packet, which must be as long as a header.
    private static let trials =
        TunnelTrial.ofNoTunnel(programs)
        + Kind.allCases.map { kind in
            let short = TunnelTrial.framed(TunneledPacket.filling(4), type: 0x88b5)
            return TunnelTrial(kind.setter, "18 bytes", short, answer: 2, error: 1)
        }

    func prepare(in arena: borrowing Arena) throws -> TunnelBench<Kind> {
        try TunnelBench(arena, Kind.allCases, programs: Self.programs)
    }

    func facts(on bench: TunnelBench<Kind>, in arena: borrowing Arena) throws -> Tallies {
        try SenderProcessors.count() + bench.run.facts
    }

    func perform(_ step: Step, on bench: TunnelBench<Kind>, in arena: borrowing Arena) throws -> Tallies {
        switch step {
        case .tunnels(let kinds, let withPrograms): try bench.perform(kinds, withPrograms: withPrograms, in: arena)
        case .alone(let trials): try bench.perform(trials, in: arena)
        }
    }
}
