import LinuxHost
import SampleKit
import SampleLab

extension XdpAdjustTail {
    /// Frames of one look.
    struct Kind: Sendable {
        let title: String
        let bytes: [UInt8]
        let count: Int
        let isAnswered: Bool

        /// What an answer repeats: the first 84 bytes of the IPv4 packet.
        var quote: ArraySlice<UInt8> { bytes[14..<98] }

        static let all = all(from: HardwareAddress(local: 2), to: HardwareAddress(local: 1))

        /// Those that are answered come last, so that their number says when all were dealt with.
        static func all(from source: HardwareAddress, to destination: HardwareAddress) -> [Kind] {
            // A source port for each size, so that every answer says by its quote what it answers.
            let ipv4 = { (size: Int) in
                let datagram = EthernetFrame.udp(from: UInt16(size), to: 9, (0..<(size - 42)).map { UInt8($0 & 255) })
                return EthernetFrame.ipv4(
                    from: IPv4Address(10, 0, 0, 2),
                    to: IPv4Address(10, 0, 0, 1),
                    proto: 17,
                    datagram
                )
            }
            let make = {
                (title: String, tags: [(type: UInt16, id: UInt16)], type: UInt16, packet: [UInt8], count: Int) in
                let frame = EthernetFrame.make(from: source, to: destination, tags: tags, type: type, packet)
                return Kind(
                    title: title,
                    bytes: frame,
                    count: count,
                    isAnswered: type == 0x0800 && tags.isEmpty && frame.count > 600
                )
            }
            let address = { (last: UInt8) in [0xfd] + [UInt8](repeating: 0, count: 14) + [last] }
            let large = (0..<988).map { UInt8($0 & 255) }
            let ipv6 = EthernetFrame.ipv6(from: address(2), to: address(1), next: 59, large)
            return [
                make("frames of 142 bytes", [], 0x0800, ipv4(142), 3),
                make("frames of 600 bytes", [], 0x0800, ipv4(600), 2),
                make("IPv6 frames of 1042 bytes", [], 0x86dd, ipv6, 1),
                make("VLAN frames of 1046 bytes", [(type: 0x8100, id: 5)], 0x0800, ipv4(1042), 1),
                make("frames of 601 bytes", [], 0x0800, ipv4(601), 2),
                make("frames of 1042 bytes", [], 0x0800, ipv4(1042), 4),
                make("frames of 1514 bytes", [], 0x0800, ipv4(1514), 1),
            ]
        }
    }

    static let examples: [Example<Observation>] = [
        .accepted("large frames answered", both(run())),
        .accepted(
            "bytes that the kern half leaves are anything",
            both(run { $0.replaceSubrange(38..<40, with: [0, 0]) })
        ),
        .accepted("a carry lost by an object that folds once", both(run(carry: 1), foldsOnce: true)),
        .accepted("no carry to lose for such an object", both(run(), foldsOnce: true)),
        .rejected("a carry lost by an object that folds twice", both(run(carry: 1))),
        .rejected("two lost by an object that folds once", both(run(carry: 2), foldsOnce: true)),
        .rejected("nothing sent", Observation()),
        .rejected("the native half never ran", Observation(generic: run())),
        .rejected("the generic half never ran", Observation(native: run())),
        .rejected("one answer not counted", both(run(counted: 6))),
        .rejected("counted, but all dropped", both(Run(counted: 7, seen: XDPSightings(markers: 2)))),
        .rejected("601 bytes passed", both(run(limit: 601))),
        .rejected("600 bytes answered", both(run(limit: 599))),
        .rejected("one answer lost", both(run(lost: 1))),
        .rejected("one answer twice", both(run(lost: -1))),
        .rejected(
            "hardware addresses not swapped",
            both(run { $0.replaceSubrange(0..<12, with: $0[6..<12] + $0[0..<6]) })
        ),
        .rejected(
            "IPv4 addresses not swapped",
            both(run { $0.replaceSubrange(26..<34, with: $0[30..<34] + $0[26..<30]) })
        ),
        .rejected("another code", both(run { $0[35] = 3 })),
        .rejected("an echo reply", both(run { $0[34] = 0 })),
        .rejected("mtu in the other byte order", both(run { $0.replaceSubrange(40..<42, with: [0x4a, 0x02]) })),
        .rejected("mtu with Ethernet in it", both(run { $0.replaceSubrange(40..<42, with: [0x02, 0x58]) })),
        .rejected(
            "IPv4 checksum not computed",
            both(run(summing: false) { $0.replaceSubrange(24..<26, with: [0, 0]) })
        ),
        .rejected(
            "ICMP checksum not computed",
            both(run(summing: false) { $0.replaceSubrange(36..<38, with: [0, 0]) })
        ),
        .rejected("frame not cut", both(run { $0 += [UInt8](repeating: 0, count: 503) })),
        .rejected("head not grown", both(run { $0.removeSubrange(14..<42) })),
        .rejected("still attached after its detachment", both(run(markers: 1))),
    ]

    private static func both(_ run: Run, foldsOnce: Bool = false) -> Observation {
        Observation(generic: run, native: run, foldsOnce: foldsOnce)
    }

    /// A whole run, right unless told otherwise.
    private static func run(
        counted: UInt64 = 7,
        limit: Int = 600,
        lost: Int = 0,
        markers: Int = 2,
        summing: Bool = true,
        carry: UInt16 = 0,
        _ change: (inout [UInt8]) -> Void = { _ in }
    ) -> Run {
        var seen = XDPSightings(markers: markers)
        for kind in Kind.all {
            if kind.bytes.count > limit, kind.bytes[12..<14] == [8, 0] {
                let isLast = kind.bytes.count == 1514
                var bytes = answer(to: kind, summing: summing, change)
                if carry > 0 {
                    let sum = UInt16(bigEndian: UInt16(bytes[36]) << 8 | UInt16(bytes[37])) &+ carry
                    bytes.replaceSubrange(36..<38, with: EthernetFrame.big(sum.bigEndian))
                }
                let text = Hexadecimal.text(bytes)
                seen.returned[text] = isLast && lost == 1 ? nil : kind.count - (isLast ? lost : 0)
            } else {
                seen.passed[Hexadecimal.text(kind.bytes)] = kind.count
            }
        }
        return Run(counted: counted, seen: seen)
    }

    private static func answer(to kind: Kind, summing: Bool, _ change: (inout [UInt8]) -> Void) -> [UInt8] {
        let message: [UInt8] = [3, 4, 0, 0, 0x12, 0x34, 0x02, 0x4a] + kind.quote
        let packet = EthernetFrame.ipv4(from: IPv4Address(10, 0, 0, 1), to: IPv4Address(10, 0, 0, 2), proto: 1, message)
        var frame = EthernetFrame.make(
            from: HardwareAddress(local: 1),
            to: HardwareAddress(local: 2),
            type: 0x0800,
            packet
        )
        let size = frame.count
        change(&frame)
        // Sums are made right after a change, so that it is rejected for itself.
        if summing, frame.count == size {
            for (sum, part) in [(24, 14..<34), (36, 34..<size)] {
                frame.replaceSubrange(sum..<(sum + 2), with: [0, 0])
                frame.replaceSubrange(sum..<(sum + 2), with: EthernetFrame.big(InternetChecksum.of(frame[part])))
            }
        }
        return frame
    }
}
