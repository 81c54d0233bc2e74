import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Counts the bytes of each IP protocol that go out through an interface, seen from a packet socket.
struct Sockex1: Sample {
    struct Observation: Codable, Equatable {
        /// Echo requests over `lo` that were answered, of 56 bytes each.
        var echoes = 0
        /// Datagrams over `lo` that arrived, of 100 bytes each.
        var datagrams = 0
        /// Bytes that arrived over a TCP connection on `lo`.
        var streamed = 0
        /// What the kern half counted, in bytes by protocol; protocols that it counted nothing for are left out.
        var counted: [Int: UInt64] = [:]
        /// What a packet socket without a program saw go out meanwhile, in bytes by protocol.
        var tapped: [Int: UInt64] = [:]
    }

    static let manifest = Manifest(
        summary: "a socket filter on a packet socket counts outgoing bytes by IP protocol",
        oracle:
            "on lo, 5 echoes of 56 bytes count 980 ICMP bytes, 3 datagrams of 100 bytes 426 UDP bytes, a TCP connection "
            + "the bytes that a packet socket beside it saw, and no other protocol anything",
        kernSources: ["samples/bpf/sockex1_kern.c"],
        programTypes: ["SOCKET_FILTER"],
        needs: ["CONFIG_BPF_SYSCALL", "CONFIG_INET", "CONFIG_PACKET"]
    )

    static let examples: [Example<Observation>] = [
        .accepted("every byte counted", seen(icmp: 980, udp: 426, tcp: 1544)),
        .accepted("one more acknowledgement, seen by both", seen(icmp: 980, udp: 426, tcp: 1610, tapped: 1610)),
        .rejected("nothing sent", Observation()),
        .rejected("one reply lost", seen(icmp: 882, udp: 426, tcp: 1544)),
        .rejected("incoming frames counted too", seen(icmp: 1960, udp: 852, tcp: 3088)),
        .rejected("headers not counted", seen(icmp: 560, udp: 300, tcp: 1000)),
        .rejected("counted under the wrong protocol", seen(icmp: 426, udp: 980, tcp: 1544)),
        .rejected("a segment not counted", seen(icmp: 980, udp: 426, tcp: 1478)),
    ]

    private static func seen(icmp: UInt64, udp: UInt64, tcp: UInt64, tapped: UInt64 = 1544) -> Observation {
        Observation(
            echoes: 5,
            datagrams: 3,
            streamed: 1000,
            counted: [1: icmp, 6: tcp, 17: udp],
            tapped: [1: 980, 6: tapped, 17: 426]
        )
    }

    func observe(in arena: borrowing Arena) throws -> Observation {
        let object = try arena.loadObject()
        let traffic = try LoopbackTraffic()
        let loopback = try Interface(named: "lo")
        let filtered = try PacketSocket(on: loopback)
        try object.program("bpf_prog1").attachFilter(to: filtered.descriptor)
        let tap = try PacketSocket(on: loopback)
        var seen = Observation()
        try arena.stimulate {
            seen.echoes = try traffic.echo(count: 5, payload: 56)
            seen.datagrams = try traffic.datagrams(count: 3, payload: 100)
            seen.streamed = try traffic.connection(bytes: 1000)
        }
        // A connection that closes in order is eight segments, the last of which comes after the last close.
        let segments = arena.isControl ? 0 : 8
        for frame in try tap.frames(atLeast: segments, where: { $0.isOutgoing && $0.ipProtocol == 6 })
        where frame.isOutgoing {
            if let proto = frame.ipProtocol { seen.tapped[Int(proto), default: 0] += UInt64(frame.bytes.count) }
        }
        for (proto, bytes) in try object.map("my_map").entries(UInt32.self, UInt64.self) where bytes != 0 {
            seen.counted[Int(proto)] = bytes
        }
        return seen
    }

    func judge(_ seen: Observation) -> Judgement {
        Judgement([
            .equal("all echoes were answered", expected: 5, observed: seen.echoes),
            .equal("all datagrams arrived", expected: 3, observed: seen.datagrams),
            .equal("the whole stream arrived", expected: 1000, observed: seen.streamed),
            // Request and reply, each 14 bytes of Ethernet, 20 of IPv4, 8 of ICMP and 56 of payload.
            .equal("ICMP bytes counted", expected: 5 * 2 * 98, observed: seen.counted[1] ?? 0),
            .equal("UDP bytes counted", expected: 3 * 142, observed: seen.counted[17] ?? 0),
            .atLeast("TCP bytes on the wire", bound: 1544, observed: seen.tapped[6] ?? 0),
            .equal(
                "TCP bytes counted are those on the wire",
                expected: seen.tapped[6] ?? 0,
                observed: seen.counted[6] ?? 0
            ),
            .equal("protocols counted", expected: [1, 6, 17], observed: seen.counted.keys.sorted()),
        ])
    }
}
