import LinuxHost
import SampleKit
import SampleLab

extension Sockex3 {
    /// A hand-made frame and the flow that it must count for.
    struct Probe: Sendable {
        let title: String
        let bytes: [UInt8]
        let key: Flow
        var flow: String { key.text }
        let fate: Fate
        /// Whether the program for IPv6 has a part in it.
        let needsIPv6: Bool
        /// Whether the packet has ports.
        ///
        /// The flow of one without has those of the packet before it on the same processor, or 0.
        let hasPorts: Bool

        enum Fate: Sendable {
            case counted, passedOver, eitherWay
        }

        /// A frame for every branch of the dissector, each with a flow and a length of its own.
        ///
        /// ICMP comes first, for its flow has the ports of the packet before. GRE with flags is ``flagged``.
        static let all: [Probe] = [
            Probe("ICMP", v4(1, 1)) { ether(0x0800, $0) },
            Probe("UDP", v4(2, 17)) { ether(0x0800, $0) },
            Probe("ICMP behind UDP", v4(34, 1, portsOf: 2)) { ether(0x0800, $0) },
            Probe("TCP", v4(3, 6)) { ether(0x0800, $0) },
            Probe("ICMPv6 over IPv4", v4(35, 58), .passedOver) { ether(0x0800, $0) },
            Probe("SCTP", v4(36, 132), .passedOver) { ether(0x0800, $0) },
            Probe("UDP-Lite", v4(37, 136), .passedOver) { ether(0x0800, $0) },
            Probe("DCCP", v4(38, 33), .passedOver) { ether(0x0800, $0) },
            Probe("UDP of \(UInt16.max) bytes", v4(39, 17, size: longest)) { ether(0x0800, $0) },
            Probe("protocol 255", v4(4, 255), .passedOver) { ether(0x0800, $0) },
            Probe("IPv4 with options", v4(5, 17, options: [1, 1, 1, 1, 1, 1, 1, 0])) { ether(0x0800, $0) },
            Probe("a first fragment", v4(6, 17, fragment: 0x2000), .passedOver) { ether(0x0800, $0) },
            Probe("a later fragment", v4(7, 17, fragment: 0x0001), .passedOver) { ether(0x0800, $0) },
            Probe("a fragment far behind", v4(31, 17, fragment: 0x0100), .passedOver) { ether(0x0800, $0) },
            Probe("the last fragment of all", v4(32, 17, fragment: 0x1000), .passedOver) { ether(0x0800, $0) },
            Probe("IPv4 with many options", v4(33, 17, options: [UInt8](repeating: 1, count: 20))) {
                ether(0x0800, $0)
            },
            Probe("a packet that must not be fragmented", v4(8, 17, fragment: 0x4000)) { ether(0x0800, $0) },
            Probe("ARP", v4(9, 17), .passedOver) { ether(0x0806, $0) },
            Probe("a VLAN tag", v4(10, 17)) { ether(tags: [(0x8100, 5)], 0x0800, $0) },
            Probe("a service tag", v4(11, 17)) { ether(tags: [(0x88a8, 5)], 0x0800, $0) },
            Probe("three tags", v4(12, 6)) { ether(tags: [(0x88a8, 1), (0x8100, 2), (0x8100, 3)], 0x0800, $0) },
            Probe("IPv6 in a VLAN tag", v6(13, 17)) { ether(tags: [(0x8100, 5)], 0x86dd, $0) },
            Probe("UDP over IPv6", v6(14, 17)) { ether(0x86dd, $0) },
            Probe("TCP over IPv6", v6(15, 6)) { ether(0x86dd, $0) },
            Probe("no next header over IPv6", v6(16, 59), .passedOver) { ether(0x86dd, $0) },
            Probe("IPv4 in IPv4", v4(17, 17)) { ether(0x0800, outer(4, $0)) },
            Probe("IPv6 in IPv4", v6(18, 17)) { ether(0x0800, outer(41, $0)) },
            Probe("IPv4 in IPv6", v4(19, 17, needsIPv6: true)) { ether(0x86dd, outer6(4, $0)) },
            Probe("IPv6 in IPv6", v6(20, 17)) { ether(0x86dd, outer6(41, $0)) },
            Probe("IPv4 in GRE", v4(21, 17)) { ether(0x0800, outer(47, EthernetFrame.gre(0x0800, $0))) },
            Probe("IPv6 in GRE", v6(22, 17)) { ether(0x0800, outer(47, EthernetFrame.gre(0x86dd, $0))) },
            Probe("a VLAN tag in GRE", v4(23, 17)) {
                ether(0x0800, outer(47, EthernetFrame.gre(0x8100, [0, 5, 8, 0] + $0)))
            },
            emptyTunnel,
            Probe("IPv6 below an MPLS label", v6(25, 17)) { ether(0x8847, EthernetFrame.mpls(depth: 1, $0)) },
            Probe("IPv6 below two labels of a multicast", v6(26, 6)) {
                ether(0x8848, EthernetFrame.mpls(depth: 2, $0))
            },
            // The kern half takes it for IPv6: it compares four bits in the upper half of a byte with 4. A source
            // without that fault counts it.
            Probe("IPv4 below a label", v4(27, 17), .eitherWay) { ether(0x8847, EthernetFrame.mpls(depth: 1, $0)) },
            // The kernel ends a chain of tail calls after 33, before Linux 5.17 on some machines after 32.
            Probe("IPv6 below 20 labels", v6(28, 17)) { ether(0x8847, EthernetFrame.mpls(depth: 20, $0)) },
            Probe("IPv6 below 40 labels", v6(29, 17), .passedOver) { ether(0x8847, EthernetFrame.mpls(depth: 40, $0)) },
            Probe("IPv4 in IPv4 in GRE in a VLAN tag", v4(30, 6)) { packet in
                ether(tags: [(0x8100, 5)], 0x0800, outer(47, EthernetFrame.gre(0x0800, outer(4, packet))))
            },
        ]

        /// A tunnel that carries no packet that is looked into.
        static let emptyTunnel = Probe("ARP in GRE", v4(24, 17), .passedOver) {
            ether(0x0800, outer(47, EthernetFrame.gre(0x0806, $0)))
        }

        /// The payload of the longest datagram: its frame has a length that 16 bits do not hold.
        private static let longest = Int(UInt16.max) - 28

        /// Frames of IPv4 in GRE with flags: one whose fields are not skipped looks like a fragment, or a packet of no protocol.
        static let flagged: [(flags: GREFlags, probe: Probe)] = GREFlags.all.enumerated().map { index, flags in
            let title = "IPv4 in GRE with flags \(Hexadecimal.text(EthernetFrame.big(flags.word)))"
            return (
                flags,
                Probe(title, v4(UInt8(100 + index), 17)) { ether(0x0800, outer(47, flags.header(0x0800, $0))) }
            )
        }

        /// What the flagged frames count, by flow.
        static func wanted(exchanged: Bool) -> [String: Tally] {
            let counted = flagged.filter { $0.flags.reading(exchanged: exchanged) == .whole }
            return Dictionary(uniqueKeysWithValues: counted.map { ($0.probe.flow, $0.probe.once) })
        }

        /// What it counts once.
        var once: Tally { Tally(1, Int64(bytes.count)) }

        /// The frame whose flow must be in the place of the processor that sent it.
        static func last(on processor: CInt) -> Probe {
            Probe("the last of processor \(processor)", v4(UInt8(200 + processor % 32), 17)) { ether(0x0800, $0) }
        }

        /// A frame of a flow of its own; one of them is as long as any.
        static func numbered(_ number: Int) -> Probe {
            let (network, last) = (UInt8(3 + number >> 8 & 7), UInt8(number & 255))
            let packet = v4(1, 17, network: network, last: last, size: number == 1 ? longest : nil)
            return Probe("flow \(number)", packet) { ether(0x0800, $0) }
        }

        private init(
            _ title: String,
            _ packet: Packet,
            _ fate: Fate = .counted,
            _ wrapping: ([UInt8]) -> [UInt8]
        ) {
            self.title = title
            bytes = wrapping(packet.bytes)
            key = packet.flow
            self.fate = fate
            needsIPv6 = packet.needsIPv6
            hasPorts = packet.hasPorts
        }
    }
}

/// The innermost packet of a frame.
private struct Packet {
    var bytes: [UInt8]
    var flow: Sockex3.Flow
    var needsIPv6: Bool
    var hasPorts = true
}

private func v4(
    _ number: UInt8,
    _ proto: UInt8,
    fragment: UInt16 = 0,
    options: [UInt8] = [],
    needsIPv6: Bool = false,
    network: UInt8 = 2,
    last: UInt8? = nil,
    portsOf before: UInt8? = nil,
    size: Int? = nil
) -> Packet {
    let (source, destination) = (IPv4Address(10, 1, 0, number), IPv4Address(10, network, 0, last ?? number))
    let bytes = EthernetFrame.ipv4(
        from: source,
        to: destination,
        proto: proto,
        fragment: fragment,
        options: options,
        payload(number, proto, size: size)
    )
    let flow = Sockex3.Flow(
        source: source.number,
        destination: destination.number,
        ports: proto == 1 ? before.map(ports) ?? 0 : ports(number),
        proto: UInt32(proto)
    )
    return Packet(bytes: bytes, flow: flow, needsIPv6: needsIPv6, hasPorts: proto != 1)
}

private func v6(_ number: UInt8, _ next: UInt8) -> Packet {
    let (source, destination) = (address6(1, number), address6(2, number))
    let bytes = EthernetFrame.ipv6(from: source, to: destination, next: next, payload(number, next))
    let flow = Sockex3.Flow(
        source: EthernetFrame.folded(source),
        destination: EthernetFrame.folded(destination),
        ports: ports(number),
        proto: UInt32(next)
    )
    return Packet(bytes: bytes, flow: flow, needsIPv6: true)
}

private func payload(_ number: UInt8, _ proto: UInt8, size: Int? = nil) -> [UInt8] {
    let filling = [UInt8](repeating: number, count: size ?? 10 + Int(number))
    let (source, destination) = (UInt16(ports(number) >> 16), UInt16(ports(number) & 0xffff))
    return switch proto {
    case 1: EthernetFrame.echo(filling)
    case 6: EthernetFrame.tcp(from: source, to: destination, filling)
    default: EthernetFrame.udp(from: source, to: destination, filling)
    }
}

private func ports(_ number: UInt8) -> UInt32 {
    0x9c40_0900 + UInt32(number) << 16 + UInt32(number)
}

/// An address of which every word counts.
private func address6(_ network: UInt8, _ number: UInt8) -> [UInt8] {
    [0xfd, 0, 0, network, 0, 0x11, 0, 0, 0x22, 0, 0, 0, 0, 0, 0x33, number]
}

private func ether(tags: [(type: UInt16, id: UInt16)] = [], _ type: UInt16, _ packet: [UInt8]) -> [UInt8] {
    EthernetFrame.make(from: HardwareAddress(local: 2), to: HardwareAddress(local: 1), tags: tags, type: type, packet)
}

private func outer(_ proto: UInt8, _ packet: [UInt8]) -> [UInt8] {
    EthernetFrame.ipv4(from: IPv4Address(10, 8, 0, 1), to: IPv4Address(10, 9, 0, 1), proto: proto, packet)
}

private func outer6(_ next: UInt8, _ packet: [UInt8]) -> [UInt8] {
    EthernetFrame.ipv6(from: address6(8, 1), to: address6(9, 1), next: next, packet)
}
