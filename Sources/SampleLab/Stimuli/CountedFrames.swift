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
    /// ends at byte 62. Each branch that finds an IP header has a protocol of its own, besides UDP.
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
        let short = { (size: Int) in v4([], 17, EthernetFrame.udp(from: 4000, to: 9, filling(size - 42))) }
        return [
            Self("UDP in a frame of 59 bytes", 2, 17, endsAt: 34, short(59)),
            Self("UDP in a frame of 60 bytes", 1, 17, endsAt: 34, short(60)),
            Self("ARP in a frame of 60 bytes", 4, 0, endsAt: 14, frame([], 0x0806, arp)),
            Self("UDP", 7, 17, endsAt: 34, v4([], 17, udp)),
            Self("ICMP", 5, 1, endsAt: 34, v4([], 1, EthernetFrame.echo(filling(56)))),
            Self("TCP", 3, 6, endsAt: 34, v4([], 6, EthernetFrame.tcp(from: 4000, to: 9, filling(20)))),
            Self("protocol 255", 2, 255, endsAt: 34, v4([], 255, filling(64))),
            Self("UDP-Lite in a VLAN tag", 4, 136, endsAt: 38, v4(single, 136, udp)),
            Self("UDP in a VLAN tag", 2, 17, endsAt: 38, v4(single, 17, udp)),
            Self("SCTP in a service tag", 6, 132, endsAt: 38, v4(service, 132, filling(64))),
            Self("DCCP in two VLAN tags", 8, 33, endsAt: 42, v4(double, 33, filling(64))),
            Self("UDP in two VLAN tags", 3, 17, endsAt: 42, v4(double, 17, udp)),
            Self("UDP in three VLAN tags", 5, 0, endsAt: 22, v4(triple, 17, udp)),
            Self("ICMPv6", 9, 58, endsAt: 54, v6([], 58, filling(64))),
            Self("UDP over IPv6", 4, 17, endsAt: 54, v6([], 17, udp)),
            Self("no next header over IPv6 in a VLAN tag", 10, 59, endsAt: 58, v6(single, 59, filling(64))),
            Self("UDP over IPv6 in a VLAN tag", 6, 17, endsAt: 58, v6(single, 17, udp)),
            Self("UDP over IPv6 in two VLAN tags", 11, 17, endsAt: 62, v6(double, 17, udp)),
        ]
    }

    /// Every branch of such a parser, from a pair's far end to its near one.
    public static func all(on pair: VethPair) -> [CountedFrames] {
        all(from: pair.farAddress, to: pair.nearAddress)
    }

    /// What a program that reads so must count for all of them, by protocol.
    public static func expected(_ all: [CountedFrames], _ reading: FrameReading) -> [Int: Int] {
        all.reduce(into: [:]) { counts, frames in
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

    private static func filling(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8($0 & 255) }
    }
}
