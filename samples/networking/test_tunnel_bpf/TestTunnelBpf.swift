import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Describes tunnels to the kernel, packet by packet, at devices that know of none themselves, and reads what tunnels packets came in.
///
/// Upstream keeps the kern half among the tests of the kernel since Linux 4.18. Its programs of IP in IP are those of `test_ipip`.
struct TestTunnelBpf: SteppedSample {
    static let manifest = Manifest(
        summary:
            "traffic control programs give packets the keys and options of GRE, ERSPAN, VXLAN and GENEVE tunnels over both versions, and read them",
        oracle:
            "on each of up to four processors, packets of both versions that a host sends by a tunnel device arrive in the tunnel that the "
            + "device's program describes, exact to the bit: outer addresses, lifetime, flow label, key or network, sequence number, group "
            + "policy, index and options, and valid checksums where the program asks for any; what comes in tunnels with other keys, "
            + "options, flags and labels leaves the device unchanged, and is printed as it came, once; echo requests in tunnels are answered "
            + "in tunnels, but not those whose tunnels a program refuses; without the programs nothing is sent or printed. "
            + "VXLAN to another address of the host is turned to the first one, and nothing else is; the association of what came in ESP is read; "
            + "each program answers and prints what it must for a packet that came in no tunnel",
        kernSources: [
            KernFile("samples/bpf/tcbpf2_kern.c", or: "tools/testing/selftests/bpf/progs/test_tunnel_kern.c")
        ],
        programTypes: ["SCHED_CLS"],
        needs: .trafficControl + .veth + [
            "CONFIG_INET", "CONFIG_IPV6", "CONFIG_NET_NS", "CONFIG_BPF_EVENTS", "CONFIG_NET_IPGRE_DEMUX",
            "CONFIG_NET_IPGRE", "CONFIG_IPV6_GRE",
            "CONFIG_VXLAN", "CONFIG_GENEVE", "CONFIG_XFRM", "CONFIG_XFRM_USER", "CONFIG_INET_ESP", "CONFIG_CRYPTO_NULL",
            "CONFIG_CRYPTO_AUTHENC", "kernel>=6.0", "helper:bpf_probe_read_kernel_str", "helper:bpf_skb_set_tunnel_key",
        ],
        oldestTree: Manifest.OldestTree(
            KernelVersion(6, 0),
            otherwise: "has other programs for VXLAN, without a map of the local address"
        ),
        timeout: .seconds(30)
    )

    enum Step: CustomStringConvertible, Sendable {
        /// Kinds of tunnels with their programs, or without them.
        case tunnels(String, [Kind], withPrograms: Bool)
        /// What comes in at the device below the tunnels: VXLAN to another address, and ESP.
        case port
        /// Each program without a device.
        case alone([TunnelTrial])

        var description: String {
            switch self {
            case .tunnels(let name, _, _): name
            case .port: "below the tunnels"
            case .alone: "without a device"
            }
        }
    }

    /// What fails at once comes first: what does not come by a device is waited for.
    static let steps: [Step] =
        [.alone(trials)]
        + [
            ("gre", [.gre]), ("ip6gre", [.ip6gre, .ip6gretap]), ("erspan", [.erspan]), ("ip6erspan", [.ip6erspan]),
            ("vxlan", [.vxlan, .vxlanBack]), ("ip6vxlan", [.ip6vxlan, .ip6vxlanBack]), ("geneve", [.geneve]),
            ("ip6geneve", [.ip6geneve]),
        ].map { .tunnels($0.0, $0.1, withPrograms: true) } + [
            .port, .tunnels("without programs", Kind.both, withPrograms: false),
        ]
    static let countsTried = 1

    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2, TunnelRun.markFact: 0xfedc]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        let run = TunnelRun(facts)
        let once: Tallies
        switch step {
        case .tunnels(_, let kinds, let withPrograms):
            once = Kind.expected(kinds.filter { !withPrograms || run.canJudge($0) }, withPrograms: withPrograms, run)
        case .port:
            let read = Tallies(Dictionary(Secret.all(run).flatMap(\.outcome).map { ($0, 1) }) { first, _ in first })
            once = read.named("ESP: ") + Below.all(run).reduce(into: [:]) { $0 = $0 + $1.outcome }.named("VXLAN: ")
        case .alone(let trials): once = TunnelTrial.expected(trials)
        }
        return once * facts[SenderProcessors.fact]
    }

    static func notReached(_ facts: Tallies) -> [String] {
        let run = TunnelRun(facts)
        let options = run.takesOptions ? [] : ["options of GENEVE that come in: this kernel warns of each"]
        let mirrored =
            run.canJudge(.erspan) ? [] : ["programs for ERSPAN: those of this tree reach outside of its header"]
        return SenderProcessors.notReached(facts) + options + mirrored
    }

    private static let programs = Set(
        Kind.allCases.flatMap { [$0.setter, $0.getter].compactMap(\.self) } + ["veth_set_outer_dst", "xfrm_get_state"]
    )

    private static let trials: [TunnelTrial] = {
        let cut = EthernetFrame.ipv4(
            from: TunnelAddress.far4,
            to: TunnelAddress.second4,
            proto: 17,
            Array(EthernetFrame.udp(from: 4001, to: 4789, []).prefix(7))
        )
        let others = ["veth_set_outer_dst", "xfrm_get_state"]
        return TunnelTrial.ofNoTunnel(programs.subtracting(others))
            + others.map { TunnelTrial($0, "IPv4", TunnelTrial.whole, answer: 0) } + [
                TunnelTrial("veth_set_outer_dst", "7 bytes of UDP", TunnelTrial.framed(cut), answer: 2, error: 0)
            ]
    }()

    func prepare(in arena: borrowing Arena) throws -> TunnelBench<Kind> {
        let bench = try TunnelBench(arena, Kind.allCases, programs: Self.programs)
        bench.run.facts[TunnelRun.hasShortOptions] = TunnelRun.hasShortOptions(bench.object)
        bench.run.facts[TunnelRun.warnsOfOptions] = try TunnelRun.whetherKernelWarns()
        let port = try bench.network.interface(TunnelHost.near.rawValue, TunnelHost.port)
        try bench.network.configure(TunnelHost.near.rawValue) { try $0.addFilterQueue(to: port) }
        try Self.addAssociations(on: bench)
        return bench
    }

    func facts(on bench: TunnelBench<Kind>, in arena: borrowing Arena) throws -> Tallies {
        try SenderProcessors.count() + bench.run.facts
    }

    func perform(_ step: Step, on bench: TunnelBench<Kind>, in arena: borrowing Arena) throws -> Tallies {
        switch step {
        case .tunnels(_, let kinds, let withPrograms):
            let local = try bench.object.map("local_ip_map")
            let judged = kinds.filter { !withPrograms || bench.run.canJudge($0) }
            return try bench.perform(judged, withPrograms: withPrograms, in: arena) { kind in
                try local.update(UInt32(0), kind.local(bench.run))
            }
        case .port:
            if bench.isBroken { return [:] }
            let found =
                try decrypted(on: bench, in: arena).named("ESP: ") + below(on: bench, in: arena).named("VXLAN: ")
            bench.note(found, expected: Self.expected(step, try facts(on: bench, in: arena)), in: arena)
            return found
        case .alone(let trials): return try bench.perform(trials, in: arena)
        }
    }
}
