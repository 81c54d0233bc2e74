import LinuxHost
import SampleLab

extension XdpTxIptunnel {
    /// A frame, and what must become of it.
    struct Frame: Sendable {
        var title: String
        var bytes: [UInt8]
        var fate: Fate

        /// What must become of a frame.
        enum Fate: Sendable {
            /// The stack gets it as it was.
            case passed
            /// Nobody gets it.
            case dropped
            /// It comes back in a tunnel.
            case sentBack(Tunnel)
        }

        /// What comes back, but for an identification and a checksum of IPv4, which are 0 here.
        var answer: [UInt8]? {
            guard case .sentBack(let tunnel) = fate else { return nil }
            let packet = bytes[14...]
            let word = { (at: Int) in UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1]) }
            let outer: [UInt8]
            switch (tunnel.source, tunnel.destination) {
            case (.v4(let source), .v4(let destination)):
                outer =
                    [0x45, 0] + EthernetFrame.big(word(16) &+ 20) + [0, 0, 0, 0, 8, 4, 0, 0] + source.bytes
                    + destination.bytes
            default:
                outer =
                    [0x60, 0, 0, 0] + EthernetFrame.big(word(18) &+ 40) + [41, 8] + tunnel.source.bytes
                    + tunnel.destination.bytes
            }
            return tunnel.hardware.bytes + EthernetFrame.receiver.bytes + bytes[12..<14] + outer + packet
        }
    }
}

extension XdpTxIptunnel.Frame {
    private typealias Service = XdpTxIptunnel.Service

    /// Frames of every kind, the last of which comes back; long ones for a program that takes frames in several buffers.
    static func all(_ takesFragments: Bool) -> [Self] {
        ipv4 + ipv6 + others + (takesFragments ? jumbo : []) + [
            v4("the last of all", web, .udp(9000), size: 43, id: 99)
        ]
    }

    /// What a packet carries; its header tells a port, or has none.
    private enum Payload {
        case udp(UInt16)
        case tcp(UInt16)
        case other(UInt8)

        var proto: UInt8 {
            switch self {
            case .udp: 17
            case .tcp: 6
            case .other(let proto): proto
            }
        }

        var port: UInt16 {
            switch self {
            case .udp(let port), .tcp(let port): port
            case .other: 0
            }
        }

        /// Bytes in so many.
        func bytes(_ size: Int) -> [UInt8] {
            let filling = { (count: Int) in (0..<max(0, count)).map { UInt8(($0 + 1) & 255) } }
            switch self {
            case .udp(let port): return EthernetFrame.udp(from: 4001, to: port, filling(size - 8))
            case .tcp(let port): return EthernetFrame.tcp(from: 4002, to: port, filling(size - 20))
            case .other: return filling(size)
            }
        }
    }

    private static let web = Service.web
    private static let web6 = Service.web6

    /// An IPv4 frame, which comes back where its address, port and protocol are in the hash, unless told otherwise.
    ///
    /// `size` is the payload's, its own header included.
    private static func v4(
        _ title: String,
        _ target: InternetAddress,
        _ payload: Payload,
        size: Int = 72,
        options: [UInt8] = [],
        fragment: UInt16 = 0,
        tos: UInt8 = 0,
        id: UInt8 = 0,
        _ fate: Fate? = nil
    ) -> Self {
        guard case .v4(let address) = target else { preconditionFailure("an address of IPv4") }
        var packet = EthernetFrame.ipv4(
            from: IPv4Address(10, 77, 3, id),
            to: address,
            proto: payload.proto,
            fragment: fragment,
            options: options,
            ttl: 61,
            payload.bytes(size)
        )
        packet[1] = tos
        packet.replaceSubrange(10..<12, with: [0, 0])
        packet.replaceSubrange(10..<12, with: EthernetFrame.big(InternetChecksum.of(packet[0..<20 + options.count])))
        return made("IPv4, \(title)", 0x0800, packet, fate ?? usual(target, payload))
    }

    private static func v6(
        _ title: String,
        _ target: InternetAddress,
        _ payload: Payload,
        size: Int = 72,
        word: [UInt8] = [0x60, 0, 0, 0],
        _ fate: Fate? = nil
    ) -> Self {
        var packet = EthernetFrame.ipv6(
            from: IPv6Address(0xfd77, 0, 0, 0, 0, 0, 0, 3).bytes,
            to: target.bytes,
            next: payload.proto,
            hopLimit: 61,
            payload.bytes(size)
        )
        packet.replaceSubrange(0..<4, with: word)
        return made("IPv6, \(title)", 0x86dd, packet, fate ?? usual(target, payload))
    }

    private static func usual(_ target: InternetAddress, _ payload: Payload) -> Fate {
        Service.tunnel(target, payload.port, payload.proto).map { .sentBack($0) } ?? .passed
    }

    private static func made(_ title: String, _ type: UInt16, _ packet: [UInt8], _ fate: Fate) -> Self {
        let frame = EthernetFrame.make(from: EthernetFrame.sender, to: EthernetFrame.receiver, type: type, packet)
        return Self(title: title, bytes: frame, fate: fate)
    }

    /// Another frame's first bytes.
    private static func cut(_ size: Int, _ frame: Self, _ fate: Fate = .dropped) -> Self {
        Self(title: "\(frame.title), the first \(size) bytes", bytes: Array(frame.bytes.prefix(size)), fate: fate)
    }

    private static func near(_ last: UInt8) -> InternetAddress { .v4(IPv4Address(10, 0, 0, last)) }

    private static let udp4 = v4("UDP", web, .udp(9000))
    private static let tcp4 = v4("TCP", web, .tcp(9000))
    private static let echo4 = v4("ICMP", web, .other(1))

    private static let ipv4: [Self] = {
        let ports = Service.ports
        let listed = [
            udp4, tcp4, echo4,
            v4("TCP to port 65535", web, .tcp(65535)),
            v4("protocol 0", web, .other(0)),
            v4("protocol 255", web, .other(255)),
            v4("the first port of a range", Service.range, .udp(ports.lowerBound)),
            v4("the middle of a range", Service.range, .udp(ports.lowerBound + 2)),
            v4("the last port of a range", Service.range, .udp(ports.upperBound)),
            v4("the first port of many", Service.filler, .udp(Service.rest.lowerBound)),
            v4("the last port of many", Service.filler, .udp(Service.rest.upperBound)),
            v4("a type of service", web, .udp(9000), tos: 0xb9, id: 1),
            v4("not to be fragmented", web, .udp(9000), fragment: 0x4000, id: 2),
            v4("1 byte of payload", web, .udp(9000), size: 9, id: 3),
            v4("1460 bytes", web, .tcp(9000), size: 1440, id: 4),
            v4("a first fragment", web, .udp(9000), fragment: 0x2000, id: 5),
            cut(42, udp4, udp4.fate), cut(54, tcp4, tcp4.fate), cut(34, echo4, echo4.fate),
        ]
        let unlisted = [
            v4("the port before a range", Service.range, .udp(ports.lowerBound - 1)),
            v4("the port behind a range", Service.range, .udp(ports.upperBound + 1)),
            v4("a port of a range, with TCP", Service.range, .tcp(ports.lowerBound)),
            v4("a port with its bytes swapped", Service.range, .udp(ports.lowerBound.byteSwapped)),
            v4("the port behind many", Service.filler, .udp(Service.rest.upperBound + 1)),
            v4("port 8999", web, .udp(8999)), v4("port 9001", web, .tcp(9001)),
            v4("UDP to port 65535", web, .udp(65535)), v4("UDP to port 0", web, .udp(0)),
            v4("UDP-Lite", web, .other(136)), v4("protocol 254", web, .other(254)),
            v4("the next address", near(5), .udp(9000)),
            v4("another network", .v4(IPv4Address(11, 0, 0, 1)), .udp(9000)),
            v4("the address backwards", .v4(IPv4Address(1, 0, 0, 10)), .udp(9000)),
            v4("the beginning of an IPv6 address", near(0), .udp(9000), id: 6),
            v4("an address of IPv6 that is as long", .v4(IPv4Address(10, 0, 0, 7)), .udp(9000)),
            v4("a tunnel of IPv6", Service.crossed, .udp(9000)),
            // Ports stand behind options, and the program does not look there.
            v4("behind an option", web, .udp(9000), options: [1, 1, 1, 0], .passed),
        ]
        let decoys = [
            v4("an option like a port", web, .udp(1), options: [0x94, 4, 0x23, 0x28], udp4.fate),
            laterFragment,
        ]
        let dropped = [cut(33, udp4), cut(41, udp4), cut(53, tcp4), cut(34, udp4)]
        return listed + unlisted + decoys + dropped + [padded, wrapping]
    }()

    /// A later fragment, whose third and fourth byte are taken for a port.
    private static let laterFragment: Self = {
        var frame = v4("a later fragment like a port", web, .udp(9000), fragment: 0x0010, id: 7)
        frame.bytes.replaceSubrange(34..<36, with: [0xff, 0xff])
        return frame
    }()

    /// A frame that is longer than its packet, as short ones are on a wire.
    private static let padded: Self = {
        var frame = v4("padded", web, .udp(9000), size: 12, id: 8)
        frame.bytes += [UInt8](repeating: 0xa5, count: 60 - frame.bytes.count)
        return frame
    }()

    /// A packet that says that it has 65530 bytes: with the new header it would have more than its length can say.
    private static let wrapping: Self = {
        var frame = v4("a length that wraps around", web, .udp(9000), id: 9)
        frame.bytes.replaceSubrange(16..<18, with: [0xff, 0xfa])
        return frame
    }()

    private static let udp6 = v6("UDP", web6, .udp(9000))
    private static let tcp6 = v6("TCP", web6, .tcp(9000))
    private static let echo6 = v6("ICMPv6", web6, .other(58))

    private static let ipv6: [Self] = {
        // One group after the other is another.
        let neighbours: [Self] = (0..<8).map { group in
            var bytes = web6.bytes
            bytes[group * 2 + 1] ^= 1
            return v6("another group \(group)", .v6(IPv6Address(bytes: bytes)), .udp(9000))
        }
        let listed = [
            udp6, tcp6, echo6,
            v6("UDP to port 1", web6, .udp(1)),
            v6("hop-by-hop options", web6, .other(0)),
            v6("protocol 255", web6, .other(255)),
            v6("an address that ends in zeros", Service.short6, .udp(9000)),
            v6("a class and a label", web6, .udp(9000), word: [0x6f, 0xf1, 0x23, 0x45]),
            v6("1 byte of payload", web6, .udp(9000), size: 9),
            v6("1440 bytes", web6, .tcp(9000), size: 1400),
            cut(62, udp6, udp6.fate), cut(74, tcp6, tcp6.fate), cut(54, echo6, echo6.fate),
        ]
        let unlisted = [
            v6("port 8999", web6, .udp(8999)), v6("port 9001", web6, .tcp(9001)), v6("TCP to port 1", web6, .tcp(1)),
            v6("UDP to port 256", web6, .udp(256)), v6("UDP to port 0", web6, .udp(0)),
            v6("a fragment header", web6, .other(44)), v6("protocol 254", web6, .other(254)),
            v6("an address of IPv4 and zeros", .v6(IPv6Address(0x0a00, 1, 0, 0, 0, 0, 0, 0)), .udp(9000)),
            v6("a tunnel of IPv4", Service.crossed6, .udp(9000)),
        ]
        let dropped = [cut(53, udp6), cut(61, udp6), cut(73, tcp6), cut(54, udp6)]
        return listed + unlisted + neighbours + dropped
    }()

    private static let others: [Self] = {
        let other = { (title: String, type: UInt16, packet: [UInt8]) in made(title, type, packet, .passed) }
        let (packet4, packet6) = (Array(udp4.bytes[14...]), Array(udp6.bytes[14...]))
        return [
            other("ARP", 0x0806, [0, 1, 8, 0, 6, 4, 0, 1] + [UInt8](repeating: 7, count: 38)),
            other("an IPv4 packet of type 0x0008", 0x0008, packet4),
            other("an IPv4 packet of type 0x0801", 0x0801, packet4),
            other("an IPv6 packet of type 0xdd86", 0xdd86, packet6),
            other("a frame without a payload", 0x88b6, []),
            Self(
                title: "IPv4 in a VLAN tag",
                bytes: Array(udp4.bytes[0..<12] + [0x81, 0, 0, 5] + udp4.bytes[12...]),
                fate: .passed
            ),
        ]
    }()

    /// The longest that fit into a tunnel on a link of ``XdpTxIptunnel/Bench/width``, and shorter ones in several buffers.
    private static let jumbo: [Self] = {
        let width = XdpTxIptunnel.Bench.width
        return [
            v4("1500 bytes", web, .udp(9000), size: 1480, id: 10),
            v4("4000 bytes", web, .tcp(9000), size: 3980, id: 11),
            v4("as long as can be", web, .udp(9000), size: width - 40, id: 12),
            v6("4000 bytes", web6, .udp(9000), size: 3960),
            v6("as long as can be", web6, .tcp(9000), size: width - 80),
            v4("4000 bytes that pass", web, .udp(9001), size: 3980),
            v6("as long as can be that pass", web6, .udp(9001), size: width - 40),
        ]
    }()
}
