import LinuxHost
import SampleLab

/// Something that a socket of a cgroup sends to the other host.
enum CgroupMessage: String, CaseIterable, Sendable {
    case echo6 = "an echo by ICMPv6"
    case longEcho6 = "a long echo by ICMPv6"
    case echo4 = "an echo by ICMP"
    case datagram6 = "a datagram over IPv6"
    case whole = "a frame of ICMPv6"
    case bare = "a frame of an IPv6 header that ICMPv6 follows"
    case cut = "the same without its last byte"
    case behind = "a frame of ICMPv6 behind another header"
    case tagged = "a tagged frame of ICMPv6"
    case otherType = "a frame of another type"
    case next = "a frame of the protocol after ICMPv6"
    case high = "a frame of a protocol above 127"

    /// Whether it is made by hand, from the Ethernet header on.
    var isFrame: Bool {
        switch self {
        case .echo6, .longEcho6, .echo4, .datagram6: false
        default: true
        }
    }

    /// Whether the program takes it for ICMPv6.
    var isICMPv6: Bool { [.echo6, .longEcho6, .whole, .bare].contains(self) }

    /// What the program prints of a message that is no ICMPv6 to it, which reads the type in the machine's order and always byte 20;
    /// `nil` for one that it does not look into.
    var remark: String? {
        switch self {
        case .echo6, .longEcho6, .whole, .bare, .cut: nil
        case .echo4: Self.remark(type: 0x0800, next: 0)
        case .datagram6: Self.remark(type: 0x86dd, next: 17)
        case .behind: Self.remark(type: 0x86dd, next: 0)
        case .tagged: Self.remark(type: 0x8100, next: 0)
        case .otherType: Self.remark(type: 0x88b6, next: 58)
        case .next: Self.remark(type: 0x86dd, next: 59)
        case .high: Self.remark(type: 0x86dd, next: 186)
        }
    }

    /// What the program prints of an EtherType and a protocol that it does not care for.
    static func remark(type: UInt16, next: UInt8) -> String {
        let digits = String(UInt16(bigEndian: type), radix: 16)
        return "dont care \(String(repeating: "0", count: 4 - digits.count))\(digits) \(next)"
    }

    private var place: UInt8 { UInt8(Self.allCases.firstIndex(of: self) ?? 0) }

    /// What ends in the number of its kind and sender; long enough for no frame to be padded.
    func payload(from sender: UInt8) -> [UInt8] {
        [UInt8](repeating: 0x55, count: self == .longEcho6 ? 1400 : 24) + [0xc6, 0x92, sender, place]
    }

    /// The kind and the sender of a payload.
    static func sender(of payload: some BidirectionalCollection<UInt8>) -> (kind: CgroupMessage, sender: UInt8)? {
        let end = Array(payload.suffix(4))
        guard end.count == 4, end[0] == 0xc6, end[1] == 0x92, allCases.indices.contains(Int(end[3])) else { return nil }
        let kind = allCases[Int(end[3])]
        return kind.isFrame ? nil : (kind, end[2])
    }

    /// A frame that is made by hand; its source address tells the sender and the kind.
    func frame(from sender: UInt8) -> [UInt8] {
        let address = { (host: UInt8) in [0xfd, 0x01] + [UInt8](repeating: 0, count: 13) + [host] as [UInt8] }
        let (near, far) = (address(1), address(2))
        let message = EthernetFrame.echo([1, 2, 3], from: near, to: far)
        // Type, protocol and what follows the header of IPv6.
        let (type, next, rest): (UInt16, UInt8, [UInt8]) =
            switch self {
            case .bare, .cut: (0x86dd, 58, [])
            // A hop-by-hop header of eight bytes, which is padding.
            case .behind: (0x86dd, 0, [58, 0, 1, 4, 0, 0, 0, 0] + message)
            case .otherType: (0x88b6, 58, message)
            case .next: (0x86dd, 59, message)
            // ICMPv6's number but for the highest bit.
            case .high: (0x86dd, 186, message)
            default: (0x86dd, 58, message)
            }
        let made = EthernetFrame.make(
            from: HardwareAddress(local: 0xc600 | UInt16(sender) << 4 | UInt16(place)),
            to: HardwareAddress(local: 0x102),
            tags: self == .tagged ? [(0x8100, 5)] : [],
            type: type,
            // Of a user who is not there: nobody answers.
            EthernetFrame.ipv6(from: near, to: address(9), next: next, rest)
        )
        return self == .cut ? Array(made.dropLast()) : made
    }
}
