import LinuxHost
import SampleKit
import SampleLab

extension XdpFwd {
    /// The hosts around the router.
    enum Side: String, Sendable, CaseIterable {
        /// On a port of the map.
        case left, right
        /// On a port that is not in the map.
        case other

        /// The port of the router that the host is on.
        var port: String {
            switch self {
            case .left: "near"
            case .right: "far"
            case .other: "third"
            }
        }
        /// The hardware addresses of the host and of the router's port, as the topology gives them.
        var host: HardwareAddress { Bench.topology.hardware(rawValue, "eth0") ?? HardwareAddress(local: 0) }
        var router: HardwareAddress { Bench.topology.hardware("router", port) ?? HardwareAddress(local: 0) }
    }

    /// A frame from a host, and what must become of it.
    struct Frame: Sendable {
        var title: String
        var from = Side.left
        var bytes: [UInt8]
        var fate: Fate

        /// What must become of a frame.
        enum Fate: Sendable {
            /// The program sends it on to a host.
            case forwarded(Side)
            /// The stack gets it as it was, and sends it on where a host is named.
            case passed(Side?)
            /// The stack gets it and asks for a neighbour that never answers.
            case waiting
            /// A rule keeps it from going to the right; a program that asks the main table alone sends it there.
            case prohibited
            /// Nobody gets it.
            case dropped
        }

        /// What is seen of it, under its title.
        func outcome(_ step: Step) -> Tallies {
            let passed = "passed to the stack: \(title)"
            let stack = "forwarded by the stack, IPv\(isV4 ? 4 : 6)"
            let arrived = { (side: Side) in "\(side.rawValue) got: \(title)" }
            switch fate {
            case .forwarded(let side) where step.program == nil: return [passed: 1, stack: 1, arrived(side): 1]
            case .forwarded(let side): return [arrived(side): 1]
            case .passed(let side?): return [passed: 1, stack: 1, arrived(side): 1]
            case .waiting: return [passed: 1, stack: 1]
            case .prohibited where step.isDirect: return [arrived(.right): 1]
            case .passed, .prohibited: return [passed: 1]
            case .dropped: return [:]
            }
        }

        private var isV4: Bool { bytes[12] == 0x08 }

        /// The host that may get it, and its bytes then: other hardware addresses, and a TTL less by 1.
        var arrival: (side: Side, bytes: [UInt8])? {
            let side: Side
            switch fate {
            case .forwarded(let to), .passed(let to?): side = to
            case .prohibited: side = .right
            default: return nil
            }
            var packet = Array(bytes[14...])
            if isV4 {
                let header = Int(packet[0] & 15) * 4
                packet[8] -= 1
                packet.replaceSubrange(10..<12, with: [0, 0])
                let sum = InternetChecksum.of(Array(packet[0..<header]))
                packet.replaceSubrange(10..<12, with: EthernetFrame.big(sum))
            } else {
                packet[7] -= 1
            }
            return (side, side.host.bytes + side.router.bytes + bytes[12..<14] + packet)
        }
    }
}

extension XdpFwd.Frame {
    private typealias Refused = XdpFwd.Refused

    /// Every branch of the program; the first is what it is there for.
    static let all: [XdpFwd.Frame] = ipv4 + ipv6 + rest

    private static func v4(
        _ title: String,
        to target: IPv4Address,
        ttl: UInt8 = 64,
        options: [UInt8] = [],
        fragment: UInt16 = 0,
        size: Int = 92,
        proto: UInt8 = 253,
        service: UInt8 = 0,
        from side: XdpFwd.Side = .left,
        source: IPv4Address? = nil,
        _ fate: Fate
    ) -> Self {
        let usual = side == .left ? IPv4Address(10, 1, 0, 2) : IPv4Address(10, 2, 0, 2)
        let payload = filling(size - 20 - options.count)
        let packet = EthernetFrame.ipv4(
            from: source ?? usual,
            to: target,
            proto: proto,
            fragment: fragment,
            options: options,
            ttl: ttl,
            service: service,
            proto == 17 ? EthernetFrame.udp(from: 4000, to: Refused.port, payload) : payload
        )
        return Self(title: title, from: side, bytes: ethernet(0x0800, packet, side), fate: fate)
    }

    private static func v6(
        _ title: String,
        to net: UInt16,
        hops: UInt8 = 64,
        size: Int = 92,
        next: UInt8 = 253,
        service: UInt8 = 0x28,
        from side: XdpFwd.Side = .left,
        source: IPv6Address? = nil,
        _ fate: Fate
    ) -> Self {
        let usual = IPv6Address(side == .left ? 0xfd01 : 0xfd02, 0, 0, 0, 0, 0, 0, 2)
        var packet = EthernetFrame.ipv6(
            from: (source ?? usual).bytes,
            to: IPv6Address(net, 0, 0, 0, 0, 0, 0, 1).bytes,
            next: next,
            hopLimit: hops,
            filling(size - 40)
        )
        // A traffic class and a flow label.
        packet.replaceSubrange(0..<4, with: [0x60 | service >> 4, service << 4 | 0x01, 0x23, 0x45])
        return Self(title: title, from: side, bytes: ethernet(0x86dd, packet, side), fate: fate)
    }

    private static func ethernet(_ type: UInt16, _ packet: [UInt8], _ side: XdpFwd.Side) -> [UInt8] {
        EthernetFrame.make(from: side.host, to: side.router, type: type, packet)
    }

    private static func filling(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 & 255) } }

    private static let ipv4: [Self] = [
        v4("IPv4", to: IPv4Address(10, 20, 0, 1), .forwarded(.right)),
        v4("IPv4 to a neighbour", to: IPv4Address(10, 2, 0, 2), .forwarded(.right)),
        v4("IPv4 to the left", to: IPv4Address(10, 10, 0, 1), from: .right, .forwarded(.left)),
        v4("a header of IPv4 alone", to: IPv4Address(10, 20, 0, 2), size: 20, .forwarded(.right)),
        v4("IPv4 of 1500 bytes", to: IPv4Address(10, 20, 0, 3), size: 1500, .forwarded(.right)),
        v4("IPv4 with an option", to: IPv4Address(10, 20, 0, 4), options: [1, 1, 1, 0], .forwarded(.right)),
        v4("a first fragment of IPv4", to: IPv4Address(10, 20, 0, 5), fragment: 0x2000, .forwarded(.right)),
        v4("a later fragment of IPv4", to: IPv4Address(10, 20, 0, 6), fragment: 0x0010, .forwarded(.right)),
        v4("IPv4 with a TTL of 2", to: IPv4Address(10, 20, 0, 7), ttl: 2, .forwarded(.right)),
        v4("IPv4 with a TTL of 255", to: IPv4Address(10, 20, 0, 8), ttl: 255, .forwarded(.right)),
        carrying,
        v4("IPv4 with a TTL of 1", to: IPv4Address(10, 20, 0, 9), ttl: 1, .passed(nil)),
        v4("IPv4 with a TTL of 0", to: IPv4Address(10, 20, 0, 10), ttl: 0, .passed(nil)),
        v4("IPv4 without a route", to: IPv4Address(10, 99, 0, 1), .passed(nil)),
        v4("IPv4 without a neighbour", to: IPv4Address(10, 21, 0, 1), .waiting),
        v4("IPv4 to a port outside of the map", to: IPv4Address(10, 30, 0, 1), .passed(.other)),
        v4("IPv4 of 1501 bytes", to: IPv4Address(10, 20, 0, 11), size: 1501, source: Refused.nobody4, .passed(nil)),
        v4("IPv4 that no rule is about", to: Refused.target4, .forwarded(.right)),
        v4("IPv4 from a refused sender", to: Refused.target4, source: Refused.source4, .prohibited),
        v4("IPv4 of a refused type of service", to: Refused.target4, service: Refused.service, .prohibited),
        v4("IPv4 of a refused protocol", to: Refused.target4, proto: Refused.proto, .prohibited),
        // The program asks without ports.
        v4("UDP to a refused port", to: Refused.target4, proto: 17, .forwarded(.right)),
        v4("IPv4 that may not come from the left", to: Refused.fromLeft, .prohibited),
        v4("IPv4 into a black hole", to: IPv4Address(10, 23, 0, 1), .passed(nil)),
        v4("IPv4 to nobody", to: IPv4Address(10, 23, 1, 1), .passed(nil)),
        v4("IPv4 that a route prohibits", to: IPv4Address(10, 23, 2, 1), .passed(nil)),
        v4("IPv4 to the router", to: IPv4Address(10, 2, 0, 1), .passed(nil)),
    ]

    private static let ipv6: [Self] = [
        v6("IPv6", to: 0xfd20, .forwarded(.right)),
        v6("IPv6 to the left", to: 0xfd10, from: .right, .forwarded(.left)),
        v6("a header of IPv6 alone", to: 0xfd20, size: 40, .forwarded(.right)),
        v6("IPv6 of 1500 bytes", to: 0xfd20, size: 1500, .forwarded(.right)),
        v6("IPv6 of 1541 bytes", to: 0xfd20, size: 1541, source: Refused.nobody6, .passed(nil)),
        // The program compares the length of the payload alone, and the port does not send what is too long then.
        v6("IPv6 of 1540 bytes", to: 0xfd20, size: 1540, .dropped),
        v6("IPv6 that no rule is about", to: Refused.target6, .forwarded(.right)),
        v6("IPv6 from a refused sender", to: Refused.target6, source: Refused.source6, .prohibited),
        v6("IPv6 of a refused class", to: Refused.target6, service: Refused.service, .prohibited),
        v6("IPv6 of a refused protocol", to: Refused.target6, next: Refused.proto, .prohibited),
        v6("IPv6 with a hop limit of 2", to: 0xfd20, hops: 2, .forwarded(.right)),
        v6("IPv6 with a hop limit of 1", to: 0xfd20, hops: 1, .passed(nil)),
        v6("IPv6 without a route", to: 0xfd99, .passed(nil)),
        v6("IPv6 without a neighbour", to: 0xfd21, .waiting),
        v6("IPv6 to a port outside of the map", to: 0xfd30, .passed(.other)),
    ]

    private static let rest: [Self] = [
        Self(title: "an ARP request", bytes: ethernet(0x0806, filling(46), .left), fate: .passed(nil)),
        Self(
            title: "IPv4 in a VLAN tag",
            bytes: Array(ipv4[0].bytes[0..<12] + [0x81, 0, 0, 5] + ipv4[0].bytes[12...]),
            fate: .passed(nil)
        ),
        Self(title: "a frame without a payload", bytes: ethernet(0x88b6, [], .left), fate: .passed(nil)),
        Self(title: "IPv4 cut in its header", bytes: Array(ipv4[0].bytes.prefix(33)), fate: .dropped),
        Self(title: "IPv6 cut in its header", bytes: Array(ipv6[0].bytes.prefix(53)), fate: .dropped),
    ]

    /// A packet whose checksum is 0xfeff: with a TTL less by 1 it is 0, and 0xffff without the carry.
    private static let carrying: Self = {
        let make = { (rest: UInt16) in
            v4(
                "IPv4 whose checksum carries",
                to: IPv4Address(10, 20, UInt8(rest >> 8), UInt8(rest & 255)),
                .forwarded(.right)
            )
        }
        // The sum of all other words of the header, and what must be added to it.
        let bytes = make(0).bytes
        let sum = 0xffff - (Int(bytes[24]) << 8 | Int(bytes[25]))
        return make(UInt16((0x0100 + 0xffff - sum) % 0xffff))
    }()
}
