import SampleKit
import SampleLab

extension Sockex3 {
    static let examples: [Example<Observation>] = [
        .accepted("every packet counted", seen()),
        .accepted(
            "IPv4 below a label counted, by a source that tells it from IPv6",
            seen { counted(&$0, "IPv4 below a label") }
        ),
        .rejected("nothing sent", Observation()),
        .rejected("nothing counted", seen(loopback: [:]) { $0 = (first: [:], second: [:]) }),
        .rejected("only what goes out counted on lo", seen(loopback: [loopbackFlow: Tally(5, 260)])),
        .rejected("headers not counted", seen(loopback: [loopbackFlow: Tally(10, 100)])),
        .rejected(
            "the addresses in the other byte order",
            seen(loopback: ["0100007f>0100007f:9c400009/17": Tally(10, 520)])
        ),
        .rejected("the ports swapped", seen(loopback: ["7f000001>7f000001:00099c40/17": Tally(10, 520)])),
        .rejected("the ports lost", seen(loopback: ["7f000001>7f000001:00000000/17": Tally(10, 520)])),
        .rejected("another flow on lo", seen(loopback: [loopbackFlow: Tally(10, 520), "0>0:0/1": Tally(1, 42)])),
        .rejected("still counting without the program for IPv4", seen(without: [loopbackFlow: Tally(20, 1040)])),
        .rejected("still counting IPv6 without its program", seen { $0.second = $0.first }),
        .rejected("nothing counted without the program for IPv6", seen { $0.second = [:] }),
        .rejected("a VLAN tag not looked behind", seen { lose(&$0, "a VLAN tag") }),
        .rejected("MPLS not looked below", seen { lose(&$0, "IPv6 below an MPLS label") }),
        .rejected("a long chain of tail calls cut", seen { lose(&$0, "IPv6 below 20 labels") }),
        .rejected("an endless chain of tail calls", seen { $0.first[flow("IPv6 below 40 labels")] = Tally(1, 261) }),
        .rejected("a fragment counted", seen { counted(&$0, "a later fragment") }),
        .rejected("a tunnel's outer flow counted", seen { $0.first["0a080001>0a090001:00000000/4"] = Tally(1, 89) }),
        .rejected("counted twice", seen { $0.first[flow("UDP")] = Tally(2, 108) }),
        .rejected("a flow of many lost", changed { $0.many -= 1 }),
        .rejected("room for more than there should be", changed { $0.beyond = 1 }),
        .accepted("flags of GRE in the right order", changed { $0.flagged = Probe.wanted(exchanged: false) }),
        .rejected("flags of GRE not looked at", changed { $0.flagged = [:] }),
        .rejected(
            "a version of GRE not looked at",
            changed { seen in
                for frame in Probe.flagged { seen.flagged[frame.probe.flow] = frame.probe.once }
            }
        ),
        .rejected("an addition lost between two processors", changed { $0.crowded.packets -= 1 }),
        .rejected("another processor's frames not counted", changed { $0.elsewhere[1] = [:] }),
        .rejected("a frame of another processor lost", changed { $0.elsewhere[1]?[flow("UDP")] = nil }),
        .rejected(
            "every processor taken for the first",
            changed { $0.halfMade = [0: Probe.last(on: 1).flow, 1: "00000000>00000000:00000000/0"] }
        ),
        .rejected("a half-made flow in another's place", changed { $0.strayFlows = ["3: 0>0:0/17"] }),
        .rejected("no half-made flow at all", changed { ($0.elsewhere, $0.halfMade) = ([:], [:]) }),
        .accepted("a single processor", changed { ($0.elsewhere, $0.halfMade[1]) = ([:], nil) }),
        .rejected("a datagram lost", seen(datagrams: [5, 4])),
        .rejected("frames let through", seen(accepted: 1)),
    ]

    private typealias Counted = (first: [String: Tally], second: [String: Tally])

    private static func seen(
        datagrams: [Int] = [5, 5],
        loopback: [String: Tally] = [loopbackFlow: Tally(10, 520)],
        without: [String: Tally]? = nil,
        accepted: Int = 0,
        _ change: (inout Counted) -> Void = { _ in }
    ) -> Observation {
        var counts: Counted = ([:], [:])
        for probe in Probe.all where probe.fate == .counted {
            counts.first[probe.flow] = Tally(1, Int64(probe.bytes.count))
            if !probe.needsIPv6, probe.hasPorts { counts.second[probe.flow] = Tally(1, Int64(probe.bytes.count)) }
        }
        change(&counts)
        return Observation(
            datagrams: datagrams,
            loopback: loopback,
            loopbackWithoutIPv4: without ?? loopback,
            frames: counts.first,
            framesWithoutIPv6: counts.second,
            elsewhere: [1: counts.first],
            halfMade: [0: Probe.last(on: 0).flow, 1: Probe.last(on: 1).flow],
            many: room,
            flagged: Probe.wanted(exchanged: true),
            crowd: 2,
            crowded: Tally(8001, 8001 * Int64(Probe.numbered(0).bytes.count)),
            accepted: accepted
        )
    }

    private static func changed(_ change: (inout Observation) -> Void) -> Observation {
        var observation = seen()
        change(&observation)
        return observation
    }

    private static func flow(_ title: String) -> String {
        Probe.all.first { $0.title == title }?.flow ?? ""
    }

    private static func lose(_ counts: inout Counted, _ title: String) {
        counts.first[flow(title)] = nil
        counts.second[flow(title)] = nil
    }

    private static func counted(_ counts: inout Counted, _ title: String) {
        for probe in Probe.all where probe.title == title {
            counts.first[probe.flow] = Tally(1, Int64(probe.bytes.count))
            counts.second[probe.flow] = counts.first[probe.flow]
        }
    }
}
