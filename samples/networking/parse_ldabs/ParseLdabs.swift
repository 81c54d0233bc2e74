import SampleKit
import SampleLab

/// Drops UDP datagrams to port 9, read by `LD_ABS`, which ends the program with 0 where a frame is too short.
struct ParseLdabs: PortNineSample {
    static let manifest = Manifest(
        summary: "a traffic control program drops UDP datagrams to port 9, read by the instructions of classic BPF",
        oracle:
            "at a veth's ingress and egress and without a device, on each of up to four processors, of \(PortNineFrame.allCases.count) kinds of frames exactly "
            + "those are dropped that are IPv4 packets of UDP to port 9 without options, not fragments, and long enough for the port; "
            + "behind a VLAN tag only where the kernel takes it out; every other frame passes unchanged",
        kernSources: ["samples/bpf/parse_ldabs.c"],
        programTypes: ["SCHED_CLS"],
        needs: .trafficControl + .veth + ["kernel>=4.12"]
    )

    /// What the object's source drops.
    static let dropped: Set<PortNineFrame> = [
        .udp, .longUDP, .emptyUDP, .cut41, .cut38, .doNotFragment, .reservedFlag,
    ]

    static let mistakes = [
        PortNineMistake("a fragment dropped", dropping: [.firstFragment]),
        PortNineMistake("the header's length not looked at", dropping: [.decoy]),
        PortNineMistake("a header of less than 20 bytes accepted", dropping: [.shortHeader]),
        PortNineMistake("the version not looked at", dropping: [.versionSix]),
        PortNineMistake("a datagram without a whole header passed", passing: [.cut38]),
        PortNineMistake("what is behind the end read as the port", dropping: [.cut37]),
        PortNineMistake("the port's bytes swapped", dropping: [.udpTo2304], passing: [.udp, .longUDP, .emptyUDP]),
    ]
}
