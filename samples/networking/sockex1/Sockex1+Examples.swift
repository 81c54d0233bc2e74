import SampleKit
import SampleLab

extension Sockex1 {
    static let examples: [Example<Observation>] = [
        .accepted("every byte counted", seen(tcp: 1544)),
        .accepted("one more acknowledgement, seen by both", seen(tcp: 1610, tapped: 1610)),
        .accepted("one processor", changed { ($0.rounds, $0.incoming, $0.wire) = (1, 4, Wire.wanted) }),
        .rejected("nothing sent", Observation()),
        .rejected("one reply lost", seen(icmp: 882, tcp: 1544)),
        .rejected("incoming frames counted too", seen(icmp: 1960, udp: 2 * 65975, tcp: 3088)),
        .rejected("headers not counted", seen(icmp: 560, udp: 65807, tcp: 1000)),
        .rejected("counted under the wrong protocol", seen(icmp: 65975, udp: 980, tcp: 1544)),
        .rejected("a segment not counted", seen(tcp: 1478)),
        .rejected("a length of 16 bits", seen(udp: 65975 - 65536, tcp: 1544)),
        .rejected("nothing sent over a veth", changed { ($0.rounds, $0.incoming, $0.wire) = (0, 0, [:]) }),
        .rejected("frames that come in counted on a veth", changed { $0.wire[17, default: 0] += 602 }),
        .rejected("no protocol above 127 counted", changed { $0.wire = $0.wire.filter { $0.key < 128 } }),
        .rejected("long frames cut", changed { $0.wire[200] = 2 * 1514 }),
        .rejected("a counter of 32 bits", changed { $0.wire[255] = 142 &- 1 << 32 }),
        .rejected("only one processor counted", changed { $0.wire = Wire.wanted }),
        .rejected("an addition lost between two processors", changed { $0.crowded -= 60 }),
        .rejected("no frame came in", changed { $0.incoming = 0 }),
        .rejected("frames let through", changed { $0.accepted = 1 }),
    ]

    private static func seen(
        icmp: UInt64 = 980,
        udp: UInt64 = 65975,
        tcp: UInt64,
        tapped: UInt64 = 1544
    ) -> Observation {
        Observation(
            echoes: 5,
            datagrams: 4,
            streamed: 1000,
            counted: [1: icmp, 6: tcp, 17: udp],
            tapped: [1: 980, 6: tapped, 17: 65975],
            rounds: 2,
            incoming: 8,
            wire: Wire.wanted.mapValues { 2 * $0 },
            crowd: 2,
            crowded: 480_000
        )
    }

    private static func changed(_ change: (inout Observation) -> Void) -> Observation {
        var seen = seen(tcp: 1544)
        change(&seen)
        return seen
    }
}
