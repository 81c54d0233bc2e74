public import LinuxHost

/// Frames made by hand, so that every byte on the wire is known.
public enum EthernetFrame {
    /// A sender's address, no byte of which is another's or the ``receiver``'s at its place: a program that exchanges
    /// a part of the two addresses is told by it.
    public static let sender = HardwareAddress(0x02, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f)
    /// A receiver's address, of the same kind.
    public static let receiver = HardwareAddress(0x06, 0xa7, 0xb8, 0xc9, 0xda, 0xeb)

    /// The bytes of an Ethernet frame without its checksum.
    ///
    /// - Parameters:
    ///   - source: The sender's hardware address.
    ///   - destination: The receiver's.
    ///   - tags: VLAN tags from the outside in, each a type (0x8100, 0x88a8) and an identifier.
    ///   - type: The EtherType of the payload, such as 0x0800.
    ///   - payload: What follows the header.
    /// - Returns: 14 bytes of header, 4 for each tag, and the payload.
    public static func make(
        from source: HardwareAddress,
        to destination: HardwareAddress,
        tags: [(type: UInt16, id: UInt16)] = [],
        type: UInt16,
        _ payload: [UInt8]
    ) -> [UInt8] {
        destination.bytes + source.bytes + tags.flatMap { big($0.type) + big($0.id) } + big(type) + payload
    }

    /// An IPv4 packet with a valid header checksum.
    ///
    /// - Parameters:
    ///   - source: The sender.
    ///   - destination: The receiver.
    ///   - proto: The number of the payload's protocol, such as 17.
    ///   - fragment: The header's word of flags and fragment offset; 0x2000 says that more fragments follow.
    ///   - options: The header's options, a multiple of four bytes.
    ///   - ttl: Through how many routers it may go.
    ///   - service: The header's type of service.
    ///   - payload: What follows the header.
    /// - Returns: 20 bytes of header, the options and the payload.
    public static func ipv4(
        from source: IPv4Address,
        to destination: IPv4Address,
        proto: UInt8,
        fragment: UInt16 = 0,
        options: [UInt8] = [],
        ttl: UInt8 = 64,
        service: UInt8 = 0,
        _ payload: [UInt8]
    ) -> [UInt8] {
        let words = UInt8(5 + options.count / 4)
        var header: [UInt8] = [0x40 | words, service] + big(UInt16(20 + options.count + payload.count)) + [0, 0]
        header += big(fragment) + [ttl, proto, 0, 0] + source.bytes + destination.bytes + options
        let sum = InternetChecksum.of(header)
        header.replaceSubrange(10..<12, with: big(sum))
        return header + payload
    }

    /// An IPv6 packet of traffic class and flow label 0.
    ///
    /// - Parameters:
    ///   - source: The sender's 16 bytes.
    ///   - destination: The receiver's 16 bytes.
    ///   - next: The number of the payload's protocol.
    ///   - hopLimit: Through how many routers it may go.
    ///   - payload: What follows the header.
    /// - Returns: 40 bytes of header and the payload.
    public static func ipv6(
        from source: [UInt8],
        to destination: [UInt8],
        next: UInt8,
        hopLimit: UInt8 = 64,
        _ payload: [UInt8]
    ) -> [UInt8] {
        [0x60, 0, 0, 0] + big(UInt16(payload.count)) + [next, hopLimit] + source + destination + payload
    }

    /// A UDP datagram without a checksum, which IPv4 allows.
    public static func udp(from source: UInt16, to destination: UInt16, _ payload: [UInt8]) -> [UInt8] {
        big(source) + big(destination) + big(UInt16(8 + payload.count)) + [0, 0] + payload
    }

    /// A TCP segment of 20 bytes of header, flags SYN, without a checksum.
    public static func tcp(from source: UInt16, to destination: UInt16, _ payload: [UInt8] = []) -> [UInt8] {
        big(source) + big(destination) + [0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0] + payload
    }

    /// An ICMP echo request with a valid checksum.
    public static func echo(_ payload: [UInt8]) -> [UInt8] {
        var message: [UInt8] = [8, 0, 0, 0, 0x41, 0x59, 0, 1] + payload
        let sum = InternetChecksum.of(message)
        message.replaceSubrange(2..<4, with: big(sum))
        return message
    }

    /// An ICMPv6 echo request with a valid checksum, which the packet's addresses are part of.
    ///
    /// - Parameters:
    ///   - payload: What follows its 8 bytes of header.
    ///   - source: The sender's 16 bytes.
    ///   - destination: The receiver's 16 bytes.
    /// - Returns: 8 bytes of header and the payload.
    public static func echo(_ payload: [UInt8], from source: [UInt8], to destination: [UInt8]) -> [UInt8] {
        var message: [UInt8] = [128, 0, 0, 0, 0x41, 0x59, 0, 1] + payload
        message.replaceSubrange(2..<4, with: big(InternetChecksum.ofICMPv6(message, from: source, to: destination)))
        return message
    }

    /// A GRE header of version 0 without flags (RFC 2784), and what it carries.
    public static func gre(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [0, 0] + big(type) + payload
    }

    /// A stack of MPLS labels (RFC 3032), the last marked as the bottom, and what it carries.
    public static func mpls(depth: Int, _ payload: [UInt8]) -> [UInt8] {
        (1...depth).flatMap { [0, 1, $0 == depth ? 0x01 : 0x00, 64] as [UInt8] } + payload
    }

    /// The exclusive or of an IPv6 address's four words, the key that sockex2 and sockex3 make of it.
    public static func folded(_ address: [UInt8]) -> UInt32 {
        var words: [UInt32] = [0, 0, 0, 0]
        for (index, byte) in address.enumerated() { words[index / 4 % 4] = words[index / 4 % 4] << 8 | UInt32(byte) }
        return words.reduce(0, ^)
    }

    /// A number in network order.
    public static func big(_ number: UInt16) -> [UInt8] {
        [UInt8(number >> 8), UInt8(number & 255)]
    }
}
