public import LinuxHost

/// Frames for a program that counts by IP protocol behind up to two VLAN tags, as xdp1 and xdp2 do.
public struct CountedFrames: Sendable {
    /// What the frames are, such as `UDP over IPv4 in two VLAN tags`.
    public let title: String
    /// The bytes of each.
    public let bytes: [UInt8]
    /// How many are sent.
    public let count: Int
    /// What they count as: an IP protocol, 0 for what the program cannot tell; `nil` for what it does not count.
    public let proto: Int?

    /// Every branch of such a parser, the frames that it does not count first.
    ///
    /// The program reads the first 60 bytes of a frame and looks at 59: a shorter frame is dropped uncounted, and an
    /// IPv6 header behind two tags, which ends at byte 62, counts as 0. Each branch that finds an IP header has a
    /// protocol of its own, besides UDP.
    public static func all(from source: HardwareAddress, to destination: HardwareAddress) -> [CountedFrames] {
        let frame = { (tags: [(UInt16, UInt16)], type: UInt16, packet: [UInt8]) in
            let tags = tags.map { (type: $0.0, id: $0.1) }
            return EthernetFrame.make(from: source, to: destination, tags: tags, type: type, packet)
        }
        let single: [(UInt16, UInt16)] = [(0x8100, 5)]
        let service: [(UInt16, UInt16)] = [(0x88a8, 7)]
        let double: [(UInt16, UInt16)] = [(0x88a8, 8), (0x8100, 9)]
        let triple: [(UInt16, UInt16)] = [(0x88a8, 1), (0x8100, 2), (0x8100, 3)]
        let udp = EthernetFrame.udp(from: 4000, to: 9, filling(64))
        let arp: [UInt8] = [0, 1, 8, 0, 6, 4, 0, 1] + source.bytes + [10, 0, 0, 2] + Array(repeating: 0, count: 28)
        let v4 = { (tags: [(UInt16, UInt16)], proto: UInt8, payload: [UInt8]) in
            let packet = EthernetFrame.ipv4(
                from: IPv4Address(10, 0, 0, 2),
                to: IPv4Address(10, 0, 0, 1),
                proto: proto,
                payload
            )
            return frame(tags, 0x0800, packet)
        }
        let v6 = { (tags: [(UInt16, UInt16)], next: UInt8, payload: [UInt8]) in
            let address = { (last: UInt8) in [0xfd] + [UInt8](repeating: 0, count: 14) + [last] }
            let packet = EthernetFrame.ipv6(from: address(2), to: address(1), next: next, payload)
            return frame(tags, 0x86dd, packet)
        }
        let make = CountedFrames.init(_:_:_:_:)
        return [
            make("UDP in a frame of 59 bytes", v4([], 17, EthernetFrame.udp(from: 4000, to: 9, filling(17))), 2, nil),
            make("UDP in a frame of 60 bytes", v4([], 17, EthernetFrame.udp(from: 4000, to: 9, filling(18))), 1, 17),
            make("UDP", v4([], 17, udp), 7, 17),
            make("ICMP", v4([], 1, EthernetFrame.echo(filling(56))), 5, 1),
            make("TCP", v4([], 6, EthernetFrame.tcp(from: 4000, to: 9, filling(20))), 3, 6),
            make("protocol 255", v4([], 255, filling(64)), 2, 255),
            make("ARP", frame([], 0x0806, arp), 4, 0),
            make("UDP-Lite in a VLAN tag", v4(single, 136, udp), 4, 136),
            make("UDP in a VLAN tag", v4(single, 17, udp), 2, 17),
            make("SCTP in a service tag", v4(service, 132, filling(64)), 6, 132),
            make("DCCP in two VLAN tags", v4(double, 33, filling(64)), 8, 33),
            make("UDP in two VLAN tags", v4(double, 17, udp), 3, 17),
            make("UDP in three VLAN tags", v4(triple, 17, udp), 5, 0),
            make("ICMPv6", v6([], 58, filling(64)), 9, 58),
            make("UDP over IPv6", v6([], 17, udp), 4, 17),
            make("no next header over IPv6 in a VLAN tag", v6(single, 59, filling(64)), 10, 59),
            make("UDP over IPv6 in a VLAN tag", v6(single, 17, udp), 6, 17),
            make("UDP over IPv6 in two VLAN tags", v6(double, 17, udp), 11, 0),
        ]
    }

    /// Every branch of such a parser, from a pair's far end to its near one.
    public static func all(on pair: VethPair) -> [CountedFrames] {
        all(from: pair.farAddress, to: pair.nearAddress)
    }

    /// What a program must count for all of them, by protocol.
    public static func expected(_ all: [CountedFrames]) -> [Int: Int] {
        all.reduce(into: [:]) { counts, frames in
            if let proto = frames.proto { counts[proto, default: 0] += frames.count }
        }
    }

    /// Sends all of them in order.
    public static func send(_ all: [CountedFrames], by socket: borrowing PacketSocket) throws {
        for frames in all {
            for _ in 0..<frames.count { try socket.send(frames.bytes) }
        }
    }

    private init(_ title: String, _ bytes: [UInt8], _ count: Int, _ proto: Int?) {
        self.title = title
        self.bytes = bytes
        self.count = count
        self.proto = proto
    }

    private static func filling(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8($0 & 255) }
    }
}
