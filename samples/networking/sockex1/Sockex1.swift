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
        /// How many processors sent the frames of ``Wire``.
        var rounds = 0
        /// Frames that came in on that interface meanwhile.
        var incoming = 0
        /// What the kern half counted of those frames, as above.
        var wire: [Int: UInt64] = [:]
        /// Processors that sent at once.
        var crowd = 0
        /// What the kern half counted of their frames, in bytes of all protocols.
        var crowded: UInt64 = 0
        /// Frames that the filter let through to its sockets.
        var accepted = 0
    }

    static let manifest = Manifest(
        summary: "a socket filter on a packet socket counts outgoing bytes by IP protocol",
        oracle:
            "on lo, 5 echoes of 56 bytes count 980 ICMP bytes, 3 datagrams of 100 and one of 65507 bytes 65975 UDP bytes, a TCP connection "
            + "the bytes that a packet socket beside it saw, and no other protocol anything; on a veth, on each of up to four processors, "
            + "frames of 24 to 9014 bytes that go out count under the number in their byte 23, from 2^32-1 on, and none that come in; two "
            + "processors that send at once lose nothing; no frame reaches the socket",
        kernSources: ["samples/bpf/sockex1_kern.c"],
        programTypes: ["SOCKET_FILTER"],
        needs: .bpf + .veth + ["CONFIG_INET"]
    )

    func observe(in arena: borrowing Arena) throws -> Observation {
        var seen = Observation()
        try observeLoopback(&seen, in: arena)
        let pair = try VethPair(shape: RouteSocket.VethShape(mtu: 9000))
        try observeWire(&seen, on: pair, in: arena)
        try observeCrowd(&seen, on: pair, in: arena)
        return seen
    }

    private func observeLoopback(_ seen: inout Observation, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let traffic = try LoopbackTraffic()
        let loopback = try Interface(named: "lo")
        let filtered = try PacketSocket(on: loopback)
        try object.program("bpf_prog1").attachFilter(to: filtered.descriptor)
        let tap = try PacketSocket(on: loopback)
        try arena.stimulate {
            seen.echoes = try traffic.echo(count: 5, payload: 56)
            seen.datagrams = try traffic.datagrams(count: 3, payload: 100)
            seen.datagrams += try traffic.datagrams(count: 1, payload: Self.longest)
            seen.streamed = try traffic.connection(bytes: 1000)
        }
        // A connection that closes in order is eight segments, the last of which comes after the last close.
        let segments = arena.isControl ? 0 : 8
        for frame in try tap.frames(atLeast: segments, where: { $0.isOutgoing && $0.ipProtocol == 6 })
        where frame.isOutgoing {
            if let proto = frame.ipProtocol { seen.tapped[Int(proto), default: 0] += UInt64(frame.bytes.count) }
        }
        seen.counted = try Self.counted(object, from: 0)
        seen.accepted += try filtered.frames().count
    }

    /// What the kern half counted, in bytes by protocol, where all its counters began with the same number.
    static func counted(_ object: borrowing LoadedObject, from start: UInt64) throws -> [Int: UInt64] {
        var counted: [Int: UInt64] = [:]
        for (proto, bytes) in try object.map("my_map").entries(UInt32.self, UInt64.self) where bytes != start {
            counted[Int(proto)] = bytes &- start
        }
        return counted
    }

    func judge(_ seen: Observation) -> Judgement {
        let wire = Dictionary(uniqueKeysWithValues: Wire.wanted.map { ($0.key, $0.value * UInt64(seen.rounds)) })
        return Judgement(
            [
                .equal("all echoes were answered", expected: 5, observed: seen.echoes),
                .equal("all datagrams arrived", expected: 4, observed: seen.datagrams),
                .equal("the whole stream arrived", expected: 1000, observed: seen.streamed),
                // Request and reply, each 14 bytes of Ethernet, 20 of IPv4, 8 of ICMP and 56 of payload.
                .equal("ICMP bytes counted", expected: 5 * 2 * 98, observed: seen.counted[1] ?? 0),
                .equal("UDP bytes counted", expected: 3 * 142 + 65549, observed: seen.counted[17] ?? 0),
                .atLeast("TCP bytes on the wire", bound: 1544, observed: seen.tapped[6] ?? 0),
                .equal(
                    "TCP bytes counted are those on the wire",
                    expected: seen.tapped[6] ?? 0,
                    observed: seen.counted[6] ?? 0
                ),
                .equal("protocols counted", expected: [1, 6, 17], observed: seen.counted.keys.sorted()),
                .atLeast("processors that sent over a veth", bound: 1, observed: seen.rounds),
                .equal("frames that came in", expected: Wire.incoming.count * seen.rounds, observed: seen.incoming),
                .tally("bytes counted on a veth", expected: Self.named(wire), observed: Self.named(seen.wire)),
                .atLeast("processors that sent at once", bound: 1, observed: seen.crowd),
                .equal(
                    "bytes counted of processors that sent at once",
                    expected: UInt64(seen.crowd * Wire.crowdedFrames * Wire.crowdedBytes),
                    observed: seen.crowded
                ),
                .equal("frames that the filter let through", expected: 0, observed: seen.accepted),
            ],
            notReached: seen.crowd > 1
                ? [] : ["two processors that send at once: this process ran on one processor only"]
        )
    }

    private static func named(_ counts: [Int: UInt64]) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: counts.map { ("bytes of \($0.key)", Int(truncatingIfNeeded: $0.value)) })
    }

    /// The payload of the longest datagram, whose frame has a length that 16 bits do not hold.
    private static let longest = 65507
}
