import LinuxHost
import SampleKit
import SampleLab

extension XdpAdjustTail {
    /// Frames of one look, sent while the object's largest size is a certain one.
    struct Kind: Sendable {
        let title: String
        let bytes: [UInt8]
        let count: Int
        /// The largest size that the object is told.
        let limit: UInt32
        let isAnswered: Bool

        /// What an answer repeats: the first 84 bytes of the IPv4 packet.
        var quote: ArraySlice<UInt8> { bytes[14..<98] }

        /// The size that the object has by itself.
        static let usual: UInt32 = 600
        /// Sizes that an object is told that has a variable for it; what is below 98, the size of an answer, counts as 98, and one of
        /// 66136 as no limit at all.
        static let limits: [UInt32] = [usual, 1000, 50, 66136]
        static let source = IPv4Address(10, 20, 30, 40)
        static let destination = IPv4Address(172, 16, 5, 9)

        /// The frames in their order, for objects that have a variable for the largest size or have not.
        ///
        /// Of each limit those that are answered come last, so that their number says when all were dealt with.
        static func all(hasVariable: Bool) -> [Kind] {
            (hasVariable ? limits : [usual]).flatMap { of(limit: $0) }
        }

        private static func of(limit: UInt32) -> [Kind] {
            // Ports for each size and limit, so that every answer says by its quote what it answers.
            let ipv4 = { (size: Int, tags: [(type: UInt16, id: UInt16)], count: Int) in
                let payload = (0..<(size - 42 - 4 * tags.count)).map { UInt8($0 & 255) }
                let port = UInt16(9 + (limits.firstIndex(of: limit) ?? 0))
                let datagram = EthernetFrame.udp(from: UInt16(size), to: port, payload)
                let packet = EthernetFrame.ipv4(from: source, to: destination, proto: 17, service: 0x1c, datagram)
                let what = tags.isEmpty ? "frames" : "VLAN frames"
                return make("\(what) of \(size) bytes", limit, tags, 0x0800, packet, count)
            }
            switch limit {
            case 1000: return [ipv4(601, [], 1), ipv4(1000, [], 2), ipv4(1001, [], 2), ipv4(1514, [], 1)]
            case 50: return [ipv4(60, [], 1), ipv4(97, [], 1), ipv4(98, [], 2), ipv4(99, [], 3), ipv4(600, [], 1)]
            case 66136: return [ipv4(601, [], 1), ipv4(1514, [], 2)]
            default:
                let address = { (last: UInt8) in [0xfd] + [UInt8](repeating: 0, count: 14) + [last] }
                let large = (0..<988).map { UInt8($0 & 255) }
                let ipv6 = EthernetFrame.ipv6(from: address(2), to: address(1), next: 59, large)
                return [
                    ipv4(60, [], 1), ipv4(98, [], 1), ipv4(142, [], 3), ipv4(600, [], 2),
                    make("IPv6 frames of 1042 bytes", limit, [], 0x86dd, ipv6, 1),
                    ipv4(1046, [(type: 0x8100, id: 5)], 1), ipv4(601, [], 2), ipv4(1042, [], 4), ipv4(1514, [], 1),
                    ipv4(3014, [], 1),
                ]
            }
        }

        private static func make(
            _ title: String,
            _ limit: UInt32,
            _ tags: [(type: UInt16, id: UInt16)],
            _ type: UInt16,
            _ packet: [UInt8],
            _ count: Int
        ) -> Kind {
            let frame = EthernetFrame.make(
                from: EthernetFrame.sender,
                to: EthernetFrame.receiver,
                tags: tags,
                type: type,
                packet
            )
            return Kind(
                title: "\(title) for a limit of \(limit)",
                bytes: frame,
                count: count,
                limit: limit,
                isAnswered: type == 0x0800 && tags.isEmpty && frame.count > max(limit, 98)
            )
        }
    }
}
