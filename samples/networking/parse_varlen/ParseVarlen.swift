import SampleKit
import SampleLab

/// Drops UDP of port 9 and TCP of port 80 behind IPv4 options, IPv6 and one tunnel, reading at offsets that it computes.
struct ParseVarlen: PortNineSample {
    static let manifest = Manifest(
        summary: "a traffic control program drops UDP of port 9 and TCP of port 80, behind headers of any length",
        oracle:
            "at a veth's ingress and egress and without a device, on each of up to four processors, of \(PortNineFrame.allCases.count) kinds of frames exactly "
            + "those are dropped that have UDP port 9 or TCP port 80 at either end, over IPv4 with options, over IPv6, or in one "
            + "tunnel of either in the other that the source looks into, and are no fragments; VLAN tags are looked behind only where "
            + "the kernel takes them out or their type has its bytes swapped, as the source compares it; every other frame passes unchanged",
        kernSources: ["samples/bpf/parse_varlen.c"],
        programTypes: ["SCHED_CLS"],
        needs: .trafficControl + .veth + ["kernel>=4.12"]
    )

    /// What the object's source drops.
    static let dropped: Set<PortNineFrame> = [
        .udp, .longUDP, .emptyUDP, .udpFrom, .tcp, .tcpFrom, .emptyTCP, .doNotFragment, .reservedFlag, .options,
        .mostOptions, .versionSix, .udp6, .udp6From, .tcp6, .tcp6From, .ipip, .ipipTCP, .ipipOptions, .ipipMostOptions,
        .ipipFragment,
        .ipip6, .ipip6Options, .ip6ip6, .ip6ip6TCP,
        // The source compares a frame's type with ETH_P_8021Q and ETH_P_8021AD without turning the bytes round.
        .swappedTag, .swappedServiceTag, .twoSwappedTags, .twoSwappedServiceTags,
    ]

    static let mistakes = [
        PortNineMistake("a fragment dropped", dropping: [.firstFragment]),
        PortNineMistake("a fragmented tunnel looked into", dropping: [.fragmentedIPIP]),
        PortNineMistake("the header's length not looked at", dropping: [.decoy], passing: [.options, .mostOptions]),
        PortNineMistake("the source's port not looked at", passing: [.udpFrom, .udp6From]),
        PortNineMistake("tunnels not looked into", passing: [.ipip, .ipip6, .ip6ip6]),
        PortNineMistake("the inner header's length not added", passing: [.ipipOptions]),
        PortNineMistake("a cut segment dropped", dropping: [.cutTCP]),
        PortNineMistake("a cut header in a tunnel looked into", dropping: [.cutHeader]),
        PortNineMistake("VLAN tags looked behind", dropping: [.tagged]),
        PortNineMistake("one tag looked behind, not two", passing: [.twoSwappedTags]),
    ]
}
