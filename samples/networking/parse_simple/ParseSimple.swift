import SampleKit
import SampleLab

/// Drops UDP datagrams to port 9, by one comparison of the frame's length and reads of its fields (direct packet access).
struct ParseSimple: PortNineSample {
    static let manifest = Manifest(
        summary: "a traffic control program drops UDP datagrams to port 9, read where they lie",
        oracle:
            "at a veth's ingress and egress and without a device, on each of up to four processors, of \(PortNineFrame.allCases.count) kinds of frames exactly "
            + "those are dropped that are whole IPv4 packets of UDP to port 9 without options, not fragments; behind a VLAN tag "
            + "only where the kernel takes it out; every other frame passes unchanged",
        kernSources: ["samples/bpf/parse_simple.c"],
        programTypes: ["SCHED_CLS"],
        needs: .trafficControl + .veth + ["kernel>=4.12"]
    )

    /// What the object's source drops.
    static let dropped: Set<PortNineFrame> = [
        .udp, .longUDP, .emptyUDP, .doNotFragment, .reservedFlag, .versionSix,
    ]

    static let mistakes = [
        PortNineMistake("a fragment dropped", dropping: [.firstFragment]),
        PortNineMistake("the header's length not looked at", dropping: [.decoy]),
        PortNineMistake("a cut datagram dropped", dropping: [.cut41]),
        PortNineMistake("an empty datagram passed", passing: [.emptyUDP]),
        PortNineMistake(
            "the source's port taken for the destination's",
            dropping: [.udpFrom],
            passing: [.udp, .longUDP, .emptyUDP]
        ),
        PortNineMistake("a header of less than 20 bytes accepted", dropping: [.shortHeader]),
        PortNineMistake("the frame's type not looked at", dropping: [.mistaken]),
        PortNineMistake("the port's bytes swapped", dropping: [.udpTo2304], passing: [.udp, .longUDP, .emptyUDP]),
    ]
}
