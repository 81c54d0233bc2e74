import RunModel
import SampleKit
import SampleLab

/// Drops UDP datagrams to port 9, read by `LD_ABS`, which ends the program with 0 where a frame is too short.
struct ParseLdabs: Sample {
    typealias Observation = FilteredFrames

    static let manifest = Manifest(
        summary: "a traffic control program drops UDP datagrams to port 9, read by the instructions of classic BPF",
        oracle:
            "at a veth's ingress and egress and without a device, on each of up to four processors, of \(all.count) kinds of frames exactly "
            + "those are dropped that are IPv4 packets of UDP to port 9 without options, not fragments, and long enough for the port; "
            + "behind a VLAN tag only where the kernel takes it out; every other frame passes unchanged",
        kernSources: ["samples/bpf/parse_ldabs.c"],
        programTypes: ["SCHED_CLS"],
        needs: .trafficControl + .veth + ["kernel>=4.12"]
    )

    /// What the object's source drops.
    private static let dropped: Set<PortNineFrame> = [
        .udp, .longUDP, .emptyUDP, .cut41, .cut38, .doNotFragment, .reservedFlag,
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
        .rejected("the header's length not looked at", also([.decoy])),
        .rejected("the version not looked at", also([.versionSix])),
        .rejected("a datagram without a whole header passed", also([], passing: [.cut38])),
        .rejected("what is behind the end read as the port", also([.cut37])),
        .rejected("the port's bytes swapped", also([.udpTo2304], passing: [.udp, .longUDP, .emptyUDP])),
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
