public import LinuxHost

/// Frames for a program that counts by IP protocol behind up to two VLAN tags, as xdp1 and xdp2 do.
public struct CountedFrames: Sendable {
    /// What the frames are, such as `UDP over IPv4 in two VLAN tags`.
    public let title: String
    /// The bytes of each.
    public let bytes: [UInt8]
    /// How many are sent.
    public let count: Int
    /// The IP protocol that a program that sees the whole frame finds; 0 for what such a program cannot tell.
    private let told: Int
    /// Where the last header ends that a program looks for.
    private let headers: Int

    /// What they count as: an IP protocol, 0 for what the program cannot tell; `nil` for what it does not count.
    public func proto(_ reading: FrameReading) -> Int? {
        reading.proto(ofFrame: bytes.count, headers: headers, told)
    }

    /// Every branch of such a parser, the frames that one in three does not count first.
    ///
    /// They are made for all of ``FrameReading``: frames of 59 and 60 bytes, and an IPv6 header behind two tags, which
    /// ends at byte 62. Each branch that finds an IP header has a protocol of its own, besides UDP. Packets of EtherTypes
    /// that are almost those of IP count as what is not known.
    ///
    /// - Parameter reading: How the program reads; one that reads in place gets no frame of more than 1514 bytes, which only a
    ///   program for frames in several buffers takes (`xdp.frags`).
    /// - Returns: Frames of every kind, each with its number.
    public static func all(_ reading: FrameReading) -> [CountedFrames] {
        let branches = short + tagged + long
        return reading == .inPlace ? branches : branches + jumbo
    }

    /// What a pair of devices must have for all of them to pass.
    public static func shape(_ reading: FrameReading) -> RouteSocket.VethShape {
        RouteSocket.VethShape(mtu: reading == .inPlace ? nil : 9000)
    }

    private static let short: [CountedFrames] = [
        Self("UDP in a frame of 59 bytes", 2, 17, endsAt: 34, udp(inFrameOf: 59)),
        Self("UDP in a frame of 60 bytes", 1, 17, endsAt: 34, udp(inFrameOf: 60)),
        Self("ARP in a frame of 60 bytes", 4, 0, endsAt: 14, frame([], 0x0806, arp)),
        Self("UDP", 7, 17, endsAt: 34, v4([], 17, datagram)),
        Self("ICMP", 5, 1, endsAt: 34, v4([], 1, EthernetFrame.echo(filling(56)))),
        Self("TCP", 3, 6, endsAt: 34, v4([], 6, EthernetFrame.tcp(from: 4000, to: 9, filling(20)))),
        Self("protocol 127", 1, 127, endsAt: 34, v4([], 127, filling(64))),
        Self("protocol 128", 2, 128, endsAt: 34, v4([], 128, filling(64))),
        Self("protocol 145", 2, 145, endsAt: 34, v4([], 145, datagram)),
        Self("protocol 255", 2, 255, endsAt: 34, v4([], 255, filling(64))),
        Self(
            "IPv4 with options",
            3,
            94,
            endsAt: 34,
            frame([], 0x0800, packet4(94, options: [1, 1, 1, 0], filling(64)))
        ),
        Self(
            "a first fragment of IPv4",
            2,
            115,
            endsAt: 34,
            frame([], 0x0800, packet4(115, fragment: 0x2000, filling(64)))
        ),
        Self("a later fragment of IPv4", 1, 108, endsAt: 34, frame([], 0x0800, packet4(108, fragment: 8, filling(64)))),
        Self("hop-by-hop options over IPv6", 3, 0, endsAt: 54, v6([], 0, filling(64))),
        Self("ICMPv6", 9, 58, endsAt: 54, v6([], 58, filling(64))),
        Self("protocol 255 over IPv6", 1, 255, endsAt: 54, v6([], 255, filling(70))),
        Self("UDP over IPv6", 4, 17, endsAt: 54, v6([], 17, datagram)),
        Self("an IPv4 packet of type 0x0801", 2, 0, endsAt: 14, frame([], 0x0801, packet4(17, datagram))),
        Self("an IPv4 packet of type 0x0008", 1, 0, endsAt: 14, frame([], 0x0008, packet4(17, datagram))),
        Self("an IPv6 packet of type 0x86dc", 2, 0, endsAt: 14, frame([], 0x86dc, packet6(58, datagram))),
    ]

    // The identifiers have bits of priority, and the one that a byte swapped would lack.
    private static let tagged: [CountedFrames] = {
        let single: [(UInt16, UInt16)] = [(0x8100, 0xb005)]
        let service: [(UInt16, UInt16)] = [(0x88a8, 0x6fff)]
        let double: [(UInt16, UInt16)] = [(0x88a8, 8), (0x8100, 9)]
        let triple: [(UInt16, UInt16)] = [(0x88a8, 1), (0x8100, 2), (0x8100, 3)]
        return [
            Self("UDP-Lite in a VLAN tag", 4, 136, endsAt: 38, v4(single, 136, datagram)),
            Self("UDP in a VLAN tag", 2, 17, endsAt: 38, v4(single, 17, datagram)),
            Self("SCTP in a service tag", 6, 132, endsAt: 38, v4(service, 132, filling(64))),
            Self("DCCP in two VLAN tags", 8, 33, endsAt: 42, v4(double, 33, filling(64))),
            Self("ESP in two tags of one kind", 3, 50, endsAt: 42, v4([(0x8100, 2), (0x8100, 3)], 50, filling(64))),
            Self("AH in two service tags", 2, 51, endsAt: 42, v4([(0x88a8, 2), (0x88a8, 3)], 51, filling(64))),
            Self(
                "PIM in two tags the other way",
                1,
                103,
                endsAt: 42,
                v4([(0x8100, 2), (0x88a8, 3)], 103, filling(64))
            ),
            Self("UDP in two VLAN tags", 3, 17, endsAt: 42, v4(double, 17, datagram)),
            Self("UDP in three VLAN tags", 5, 0, endsAt: 22, v4(triple, 17, datagram)),
            Self("UDP in a tag of type 0x9100", 2, 0, endsAt: 14, v4([(0x9100, 5)], 17, datagram)),
            Self("no next header over IPv6 in a VLAN tag", 10, 59, endsAt: 58, v6(single, 59, filling(64))),
            Self("UDP over IPv6 in a VLAN tag", 6, 17, endsAt: 58, v6(single, 17, datagram)),
            Self("UDP over IPv6 in two VLAN tags", 11, 17, endsAt: 62, v6(double, 17, datagram)),
        ]
    }()

    private static let long: [CountedFrames] = [
        Self("UDP in a frame of 1000 bytes", 2, 17, endsAt: 34, udp(inFrameOf: 1000)),
        Self("UDP in a frame of 1514 bytes", 3, 17, endsAt: 34, udp(inFrameOf: 1514)),
        Self("EIGRP in a frame of 1514 bytes", 2, 88, endsAt: 34, v4([], 88, filling(1480))),
        Self("OSPF over IPv6 in a frame of 1510 bytes", 1, 89, endsAt: 54, v6([], 89, filling(1456))),
    ]

    private static let jumbo: [CountedFrames] = [
        Self("UDP in a frame of 4000 bytes", 1, 17, endsAt: 34, udp(inFrameOf: 4000)),
        Self("UDP in a frame of 9014 bytes", 2, 17, endsAt: 34, udp(inFrameOf: 9014)),
        Self("VRRP in a frame of 9014 bytes", 3, 112, endsAt: 34, v4([], 112, filling(8980))),
    ]

    /// What a program that reads so must count for all of them, by protocol.
    public static func expected(_ reading: FrameReading) -> [Int: Int] {
        all(reading).reduce(into: [:]) { counts, frames in
            if let proto = frames.proto(reading) { counts[proto, default: 0] += frames.count }
        }
    }

    /// Sends all of them in order.
    public static func send(_ all: [CountedFrames], by socket: borrowing PacketSocket) throws {
        for frames in all {
            for _ in 0..<frames.count { try socket.send(frames.bytes) }
        }
    }

    private init(_ title: String, _ count: Int, _ told: Int, endsAt headers: Int, _ bytes: [UInt8]) {
        self.title = title
        self.bytes = bytes
        self.count = count
        self.told = told
        self.headers = headers
    }

    private static func frame(_ tags: [(UInt16, UInt16)], _ type: UInt16, _ packet: [UInt8]) -> [UInt8] {
        let tags = tags.map { (type: $0.0, id: $0.1) }
        return EthernetFrame.make(
            from: EthernetFrame.sender,
            to: EthernetFrame.receiver,
            tags: tags,
            type: type,
            packet
        )
    }

    private static func v4(_ tags: [(UInt16, UInt16)], _ proto: UInt8, _ payload: [UInt8]) -> [UInt8] {
        frame(tags, 0x0800, packet4(proto, payload))
    }

    private static func v6(_ tags: [(UInt16, UInt16)], _ next: UInt8, _ payload: [UInt8]) -> [UInt8] {
        frame(tags, 0x86dd, packet6(next, payload))
    }

    private static func packet4(
        _ proto: UInt8,
        fragment: UInt16 = 0,
        options: [UInt8] = [],
        _ payload: [UInt8]
    ) -> [UInt8] {
        let (from, to) = (IPv4Address(10, 0, 0, 2), IPv4Address(10, 0, 0, 1))
        return EthernetFrame.ipv4(from: from, to: to, proto: proto, fragment: fragment, options: options, payload)
    }

    private static func packet6(_ next: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let address = { (last: UInt8) in [0xfd] + [UInt8](repeating: 0, count: 14) + [last] }
        return EthernetFrame.ipv6(from: address(2), to: address(1), next: next, payload)
    }

    private static let datagram = EthernetFrame.udp(from: 4000, to: 9, filling(64))
    private static let arp: [UInt8] =
        [0, 1, 8, 0, 6, 4, 0, 1] + EthernetFrame.sender.bytes + [10, 0, 0, 2] + Array(repeating: 0, count: 28)

    private static func udp(inFrameOf size: Int) -> [UInt8] {
        v4([], 17, EthernetFrame.udp(from: 4000, to: 9, filling(size - 42)))
    }

    private static func filling(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8($0 & 255) }
    }
}
