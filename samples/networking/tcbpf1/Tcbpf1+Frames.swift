import LinuxHost
import SampleLab

extension Tcbpf1 {
    /// A frame that is sent.
    struct Frame: Sendable {
        var title: String
        var bytes: [UInt8]
    }
}

extension Tcbpf1.Frame {
    /// For the rewriting program: what it takes for TCP, and what it does not.
    static let rewritten: [Self] = segments + flawed + cut + untouched
    /// Whole segments of TCP whose checksum the device is to finish.
    static let unfinished: [Self] = [
        unfinished("an unfinished segment", []), unfinished("an unfinished segment of 1460 bytes", filling(1460)),
        unfinished("an unfinished segment of 3 bytes", filling(3), port: 80),
    ]
    /// For the programs that redirect.
    static let redirected: [Self] = [
        segments[0], segments[3], untouched[0], untouched[3],
        Self(title: "a frame without a payload", bytes: ethernet(0x88b6, [])),
        Self(title: "ARP", bytes: ethernet(0x0806, arp(from: 1))),
    ]

    /// Some that a kernel runs a program on without a device.
    static let whole: [Self] = [segments[0], segments[3], untouched[0]]

    /// EtherTypes of all of them.
    static let types: [UInt16] = [0x0800, 0x86dd, 0x0806, 0x88b6]

    private static let segments: [Self] = [
        tcp("TCP", []),
        tcp("TCP of another type of service", filling(40), tos: 0xff),
        tcp("TCP that is rewritten already", filling(2), tos: 8, from: [1, 1, 1, 10], port: 35091),
        tcp("TCP of 1460 bytes", filling(1460)),
        tcp("TCP of an odd length", filling(77), port: 1),
        tcp("TCP from 255.255.255.254 to port 65535", filling(6), from: [255, 255, 255, 254], port: 65535),
        tcp("TCP from 0.0.0.0 to port 0", filling(7), tos: 1, from: [0, 0, 0, 0], port: 0),
        tcp("TCP with a checksum of 0", filling(8), sum: 0),
        tcp("TCP with a checksum of 0xffff", filling(9), sum: 0xffff),
        tcp("TCP with a wrong checksum", filling(10), sum: 0x1234),
        Self(title: "TCP with header checksums of 0", bytes: patched(tcp("", filling(12)).bytes, 24, [0, 0])),
        Self(
            title: "TCP with a header checksum of 0xffff",
            bytes: patched(tcp("", filling(13)).bytes, 24, [0xff, 0xff])
        ),
        Self(title: "a first fragment of TCP", bytes: patched(tcp("", filling(64)).bytes, 20, [0x20, 0])),
    ]

    /// What the program takes for TCP behind 20 bytes of IPv4, although it is something else.
    private static let flawed: [Self] = [
        Self(
            title: "TCP behind an option",
            bytes: ethernet(
                0x0800,
                EthernetFrame.ipv4(
                    from: IPv4Address(10, 1, 0, 2),
                    to: IPv4Address(10, 1, 0, 1),
                    proto: 6,
                    options: [0x94, 4, 0, 0],
                    EthernetFrame.tcp(from: 4000, to: 7777, filling(30))
                )
            )
        ),
        Self(title: "a later fragment of TCP", bytes: patched(tcp("", filling(65)).bytes, 20, [0, 0x10])),
        Self(title: "IPv6 from an address like protocol 6", bytes: v6(from: 0xfd06, next: 17)),
        Self(title: "ARP from an address like protocol 6", bytes: ethernet(0x0806, arp(from: 6))),
    ]

    /// Each length at which one field more is there.
    private static let cut: [Self] = [23, 24, 25, 26, 27, 29, 30, 37, 38, 49, 50, 51, 52, 53].map { size in
        // No two are each other's beginning: they differ in what the program reads last of all.
        var bytes = tcp("", filling(20), tos: UInt8(size)).bytes
        bytes[22] = UInt8(size)
        return Self(title: "\(size) bytes of TCP", bytes: Array(bytes.prefix(size)))
    }

    private static let untouched: [Self] =
        ([17, 1, 5, 7, 22, 134, 0, 255] as [UInt8]).map { proto in
            let packet = EthernetFrame.ipv4(
                from: IPv4Address(10, 1, 0, 2),
                to: IPv4Address(10, 1, 0, 1),
                proto: proto,
                EthernetFrame.udp(from: 4000, to: 5001, filling(70))
            )
            return Self(title: "protocol \(proto)", bytes: ethernet(0x0800, packet))
        } + [
            Self(title: "TCP over IPv6", bytes: v6(from: 0xfd01, next: 6)),
            Self(title: "ARP from an address like protocol 7", bytes: ethernet(0x0806, arp(from: 7))),
            Self(title: "6 bytes of payload", bytes: ethernet(0x88b6, [6, 6, 6, 6, 6, 6])),
        ]

    private static func tcp(
        _ title: String,
        _ payload: [UInt8],
        tos: UInt8 = 0,
        from source: [UInt8] = [10, 1, 0, 2],
        port: UInt16 = 7777,
        sum: UInt16? = nil
    ) -> Self {
        let target = IPv4Address(10, 1, 0, 1)
        var segment = EthernetFrame.tcp(from: 4000, to: port, payload)
        let pseudo = source + target.bytes + [0, 6] + EthernetFrame.big(UInt16(segment.count))
        segment.replaceSubrange(16..<18, with: EthernetFrame.big(sum ?? InternetChecksum.of(pseudo + segment)))
        var packet = EthernetFrame.ipv4(
            from: IPv4Address(source[0], source[1], source[2], source[3]),
            to: target,
            proto: 6,
            segment
        )
        packet[1] = tos
        packet.replaceSubrange(10..<12, with: [0, 0])
        packet.replaceSubrange(10..<12, with: EthernetFrame.big(InternetChecksum.of(packet[0..<20])))
        return Self(title: title, bytes: ethernet(0x0800, packet))
    }

    /// A segment with the sum of its pseudo-header in place of its checksum, as the stack leaves it to a device.
    private static func unfinished(_ title: String, _ payload: [UInt8], port: UInt16 = 7777) -> Self {
        let pseudo: [UInt8] = [10, 1, 0, 2, 10, 1, 0, 1, 0, 6] + EthernetFrame.big(UInt16(20 + payload.count))
        return tcp(title, payload, port: port, sum: ~InternetChecksum.of(pseudo))
    }

    private static func patched(_ frame: [UInt8], _ place: Int, _ bytes: [UInt8]) -> [UInt8] {
        var frame = frame
        frame.replaceSubrange(place..<place + bytes.count, with: bytes)
        return frame
    }

    private static func v6(from first: UInt16, next: UInt8) -> [UInt8] {
        let source = IPv6Address(first, 0x1122, 0x3344, 0, 0, 0, 0, 2).bytes
        let target = IPv6Address(0xfd01, 0, 0, 0, 0, 0, 0, 1).bytes
        let payload =
            next == 6
            ? EthernetFrame.tcp(from: 4000, to: 7777, filling(30)) : EthernetFrame.udp(from: 4000, to: 9, filling(30))
        return ethernet(0x86dd, EthernetFrame.ipv6(from: source, to: target, next: next, payload))
    }

    private static func arp(from second: UInt8) -> [UInt8] {
        [0, 1, 8, 0, 6, 4, 0, 1, 2, second, 0x2c, 0x3d, 0x4e, 0x5f, 10, 1, 0, 2] + [UInt8](repeating: 0x5a, count: 28)
    }

    private static func ethernet(_ type: UInt16, _ packet: [UInt8]) -> [UInt8] {
        EthernetFrame.make(from: EthernetFrame.sender, to: EthernetFrame.receiver, type: type, packet)
    }

    private static func filling(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(($0 + 1) & 255) } }
}
