import RunModel
import SampleKit
import SampleLab

/// Drops UDP of port 9 and TCP of port 80 behind IPv4 options, IPv6 and one tunnel, reading at offsets that it computes.
struct ParseVarlen: Sample {
    typealias Observation = FilteredFrames

    static let manifest = Manifest(
        summary: "a traffic control program drops UDP of port 9 and TCP of port 80, behind headers of any length",
        oracle:
            "at a veth's ingress and egress and without a device, on each of up to four processors, of \(all.count) kinds of frames exactly "
            + "those are dropped that have UDP port 9 or TCP port 80 at either end, over IPv4 with options, over IPv6, or in one "
            + "tunnel of either in the other that the source looks into, and are no fragments; VLAN tags are looked behind only where "
            + "the kernel takes them out or their type has its bytes swapped, as the source compares it; every other frame passes unchanged",
        kernSources: ["samples/bpf/parse_varlen.c"],
        programTypes: ["SCHED_CLS"],
        needs: .trafficControl + .veth + ["kernel>=4.12"]
    )

    /// What the object's source drops.
    private static let dropped: Set<PortNineFrame> = [
        .udp, .longUDP, .emptyUDP, .udpFrom, .tcp, .tcpFrom, .emptyTCP, .doNotFragment, .reservedFlag, .options,
        .mostOptions, .versionSix, .udp6, .udp6From, .tcp6, .tcp6From, .ipip, .ipipTCP, .ipipOptions, .ipipMostOptions,
        .ipipFragment,
        .ipip6, .ipip6Options, .ip6ip6, .ip6ip6TCP,
        // The source compares a frame's type with ETH_P_8021Q and ETH_P_8021AD without turning the bytes round.
        .swappedTag, .swappedServiceTag, .twoSwappedTags, .twoSwappedServiceTags,
    ]
    /// What it drops once the kernel has taken the VLAN tag out, as for what comes in.
    private static let droppedWithoutTag: Set<PortNineFrame> = [.tagged]

    private static let all = PortNineFrame.all
    private static let ingress = PortNineFrame.titles(dropped.union(droppedWithoutTag))
    private static let egress = PortNineFrame.titles(dropped)
    private static let every = PortNineFrame.titles(PortNineFrame.allCases)
    private static let right = FilteredFrames(all, dropping: ingress, egress: egress)

    static let examples: [Example<Observation>] = [
        .accepted("the right frames dropped", right),
        .accepted(
            "the same on a second processor",
            FilteredFrames(all, dropping: ingress, egress: egress, rounds: 2)
        ),
        .rejected("nothing sent", Observation()),
        .rejected("nothing dropped", FilteredFrames(all, dropping: [], egress: [])),
        .rejected("everything dropped", FilteredFrames(all, dropping: every, egress: every)),
        .rejected("a fragment dropped", also([.firstFragment])),
        .rejected("a fragmented tunnel looked into", also([.fragmentedIPIP])),
        .rejected("the header's length not looked at", also([.decoy], passing: [.options, .mostOptions])),
        .rejected("the source's port not looked at", also([], passing: [.udpFrom, .udp6From])),
        .rejected("tunnels not looked into", also([], passing: [.ipip, .ipip6, .ip6ip6])),
        .rejected("the inner header's length not added", also([], passing: [.ipipOptions])),
        .rejected("a cut segment dropped", also([.cutTCP])),
        .rejected("VLAN tags looked behind", also([.tagged])),
        .rejected("one tag looked behind, not two", also([], passing: [.twoSwappedTags])),
    ]

    /// What a program does that also drops some frames, and passes others.
    private static func also(_ dropped: Set<PortNineFrame>, passing: Set<PortNineFrame> = []) -> Observation {
        let change = { (titles: Set<String>) in
            titles.union(PortNineFrame.titles(dropped)).subtracting(PortNineFrame.titles(passing))
        }
        return FilteredFrames(all, dropping: change(ingress), egress: change(egress))
    }

    func observe(in arena: borrowing Arena) throws -> Observation {
        try FilteredFrames(of: "handle_ingress", PortNineFrame.all, types: PortNineFrame.types, in: arena)
    }

    func judge(_ seen: Observation) -> Judgement {
        Judgement(
            seen.checks(Self.all, dropping: Self.ingress, egress: Self.egress),
            notReached: SenderProcessors.notReached(onOthers: seen.rounds - 1)
        )
    }
}
