import LinuxHost
import SampleKit
import SampleLab

extension Sockex2 {
    /// A hand-made frame and the key that it must count under.
    struct Probe: Sendable {
        let title: String
        let bytes: [UInt8]
        /// The destination as a number in hexadecimal, of IPv6 the exclusive or of its four words; `nil` for no count.
        let key: String?
        /// Whether the frame ends within its destination address.
        var isCut = false

        /// A frame for every branch of the dissector, each with a destination and a length of its own.
        ///
        /// GRE with flags is ``flagged``. No frame is sent whose count depends on its ports, which nothing uses and a
        /// compiler may drop.
        static let all: [Probe] = [
            ipv4("plain IPv4", 1),
            ipv4("IPv4 in a VLAN tag", 2, tags: [(0x8100, 5)]),
            ipv4("IPv4 in two VLAN tags", 3, tags: [(0x88a8, 5), (0x8100, 6)]),
            ipv4("IPv4 in a service tag", 4, tags: [(0x88a8, 5)]),
            ipv4("two tags in the wrong order", 5, tags: [(0x8100, 5), (0x88a8, 6)], counts: false),
            ipv4("two service tags", 27, tags: [(0x88a8, 5), (0x88a8, 6)], counts: false),
            Probe("IPv4 in GRE", inner(6)) { outer($0, 47, EthernetFrame.gre(0x0800, $1)) },
            Probe("IPv4 in a VLAN tag in GRE", inner(7)) {
                outer($0, 47, EthernetFrame.gre(0x8100, [0, 5, 8, 0] + $1))
            },
            Probe("IPv6 in GRE", inner6(8)) { outer($0, 47, EthernetFrame.gre(0x86dd, $1)) },
            Probe("ARP in GRE", inner(9), counts: false) { outer($0, 47, EthernetFrame.gre(0x0806, $1)) },
            Probe("IPv4 in IPv4", inner(10)) { outer($0, 4, $1) },
            Probe("IPv6 in IPv4", inner6(11)) { outer($0, 41, $1) },
            Probe("IPv4 in IPv4 with options", inner(12)) { outer($0, 4, options: [1, 1, 1, 1, 1, 1, 1, 0], $1) },
            Probe("plain IPv6", inner6(13)) { link(0x86dd, $1) },
            Probe("IPv6 in a VLAN tag", inner6(14)) { link(tags: [(0x8100, 5)], 0x86dd, $1) },
            Probe("IPv4 in IPv6", inner(15)) { outer6($0, 4, $1) },
            Probe("IPv6 in IPv6", inner6(16)) { outer6($0, 41, $1) },
            Probe("IPv4 in GRE in IPv6", inner(17)) { outer6($0, 47, EthernetFrame.gre(0x0800, $1)) },
            fragment("first fragment of IPv4 in IPv4", 18, 0x2000),
            fragment("later fragment of IPv4 in IPv4", 19, 0x0001),
            fragment("fragment far behind of IPv4 in IPv4", 24, 0x0100),
            fragment("last fragment of all of IPv4 in IPv4", 25, 0x1000),
            Probe("IPv4 in IPv4 with many options", inner(26)) {
                outer($0, 4, options: [UInt8](repeating: 1, count: 20), $1)
            },
            Probe("unfragmented IPv4 in IPv4 that must not be", inner(20)) { outer($0, 4, fragment: 0x4000, $1) },
            ipv4("ARP", 21, type: 0x0806, counts: false),
            Probe("IPv4 of \(UInt16.max) bytes", inner(28, size: longest)) { link(0x0800, $1) },
            cut(Probe("IPv4 cut in its destination", inner(22), counts: false) { link(0x0800, Array($1.prefix(18))) }),
            cut(Probe("IPv6 cut in its destination", inner6(23), counts: false) { link(0x86dd, Array($1.prefix(38))) }),
        ]

        /// The payload of the longest datagram: its frame has a length that 16 bits do not hold.
        static let longest = Int(UInt16.max) - 28

        /// Frames of 62 bytes and one of 65549, each to a destination of its own, with the numbers that they count under.
        static func many(_ count: Int) -> [(number: UInt32, bytes: [UInt8])] {
            (0..<count).map { number in
                let destination = IPv4Address(10, 7, UInt8(number >> 8 & 255), UInt8(number & 255))
                let size = number == 1 ? longest : 20
                let datagram = EthernetFrame.udp(from: 4000, to: 9, [UInt8](repeating: 7, count: size))
                let source = IPv4Address(10, 1, 0, 1)
                let packet = EthernetFrame.ipv4(from: source, to: destination, proto: 17, datagram)
                return (destination.number, link(0x0800, packet))
            }
        }

        /// Frames of IPv4 in GRE with flags.
        static let flagged: [(flags: GREFlags, bytes: [UInt8])] = GREFlags.all.enumerated().map { index, flags in
            let number = UInt8(100 + index)
            return (flags, outer(number, 47, flags.header(0x0800, inner(number).bytes)))
        }

        /// What the flagged frames count together, by destination.
        static func wanted(exchanged: Bool) -> [String: Tally] {
            flagged.enumerated().reduce(into: [:]) { counts, frame in
                let number = UInt8(100 + frame.offset)
                let key: UInt32 =
                    switch frame.element.flags.reading(exchanged: exchanged) {
                    case .whole: inner(number).key
                    // Behind a field of 0 the length of the packet is in the place of the fragment's offset, and the
                    // source in that of the destination; behind three, words that are 0.
                    case .withoutFields: frame.element.flags.fields == 1 ? IPv4Address(10, 1, 0, number).number : 0
                    // The destination of GRE's own packet is not looked at.
                    case .refused: 0
                    }
                counts[Hexadecimal.text(key), default: Tally()] =
                    counts[Hexadecimal.text(key), default: Tally()] + Tally(1, Int64(frame.element.bytes.count))
            }
        }

        private static func cut(_ probe: Probe) -> Probe {
            var probe = probe
            probe.isCut = true
            return probe
        }

        /// A frame whose innermost packet is given, with what makes a frame of its number and packet.
        private init(
            _ title: String,
            _ packet: (number: UInt8, bytes: [UInt8], key: UInt32),
            counts: Bool = true,
            _ make: (UInt8, [UInt8]) -> [UInt8]
        ) {
            self.title = title
            bytes = make(packet.number, packet.bytes)
            key = counts ? Hexadecimal.text(packet.key) : nil
        }

        private static func ipv4(
            _ title: String,
            _ number: UInt8,
            tags: [(type: UInt16, id: UInt16)] = [],
            type: UInt16 = 0x0800,
            counts: Bool = true
        ) -> Probe {
            Probe(title, inner(number), counts: counts) { link(tags: tags, type, $1) }
        }

        /// A fragment is not looked into: it counts for its own destination, that of the outer header.
        private static func fragment(_ title: String, _ number: UInt8, _ word: UInt16) -> Probe {
            let destination = IPv4Address(10, 9, 0, number).number
            return Probe(title, (number, inner(number).bytes, destination)) { outer($0, 4, fragment: word, $1) }
        }
    }
}

private func link(tags: [(type: UInt16, id: UInt16)] = [], _ type: UInt16, _ packet: [UInt8]) -> [UInt8] {
    EthernetFrame.make(from: HardwareAddress(local: 2), to: HardwareAddress(local: 1), tags: tags, type: type, packet)
}

private func outer(
    _ number: UInt8,
    _ proto: UInt8,
    fragment: UInt16 = 0,
    options: [UInt8] = [],
    _ packet: [UInt8]
) -> [UInt8] {
    let (source, destination) = (IPv4Address(10, 8, 0, number), IPv4Address(10, 9, 0, number))
    let whole = EthernetFrame.ipv4(
        from: source,
        to: destination,
        proto: proto,
        fragment: fragment,
        options: options,
        packet
    )
    return link(0x0800, whole)
}

private func outer6(_ number: UInt8, _ next: UInt8, _ packet: [UInt8]) -> [UInt8] {
    link(0x86dd, EthernetFrame.ipv6(from: address6(8, number), to: address6(9, number), next: next, packet))
}

private func datagram(_ number: UInt8, size: Int? = nil) -> [UInt8] {
    EthernetFrame.udp(from: 4000, to: 9, [UInt8](repeating: number, count: size ?? 20 + Int(number)))
}

private func inner(_ number: UInt8, size: Int? = nil) -> (number: UInt8, bytes: [UInt8], key: UInt32) {
    let (source, destination) = (IPv4Address(10, 1, 0, number), IPv4Address(10, 2, 0, number))
    let packet = EthernetFrame.ipv4(from: source, to: destination, proto: 17, datagram(number, size: size))
    return (number, packet, destination.number)
}

private func inner6(_ number: UInt8) -> (number: UInt8, bytes: [UInt8], key: UInt32) {
    let destination = address6(2, number)
    let packet = EthernetFrame.ipv6(from: address6(1, number), to: destination, next: 17, datagram(number))
    return (number, packet, EthernetFrame.folded(destination))
}

/// An address of which every word counts.
private func address6(_ network: UInt8, _ number: UInt8) -> [UInt8] {
    [0xfd, 0, 0, network, 0, 0x11, 0, 0, 0x22, 0, 0, 0, 0, 0, 0x33, number]
}
