public import LinuxHost

/// What a packet says, layer by layer, in words that can be compared, counted and read.
///
/// Everything that a sender chooses is in the words, except IPv4's identification, which the kernel takes from a counter. What
/// no layer explains is there as its length and a hash. Checksums are only mentioned where they are wrong.
public enum PacketForm {
    /// The words for a frame that begins with an Ethernet header.
    public static func frame(_ bytes: [UInt8]) -> String {
        guard bytes.count >= 14, let to = HardwareAddress(bytes[0..<6]), let from = HardwareAddress(bytes[6..<12])
        else { return rest(bytes) }
        let own = ethernet(from: from, to: to)
        let type = UInt16(bytes[12]) << 8 | UInt16(bytes[13])
        guard type == 0x0800 || type == 0x86dd else {
            return joined([own, "type \(Hexadecimal.text(bytes[12..<14]))", rest(bytes[14...])])
        }
        return joined([own] + layers(Array(bytes[14...])))
    }

    /// The words for a packet that begins with a header of either version of the Internet protocol, as tunnels have them.
    public static func packet(_ bytes: [UInt8]) -> String { joined(layers(bytes)) }

    /// The words of several layers as those of one packet.
    public static func joined(_ layers: [String]) -> String { layers.joined(separator: " | ") }

    /// An Ethernet header in words; the type is that of the next layer.
    public static func ethernet(from source: HardwareAddress, to destination: HardwareAddress) -> String {
        "\(source) > \(destination)"
    }

    /// An IPv4 header in words.
    ///
    /// - Parameters:
    ///   - source: The sender.
    ///   - destination: The receiver.
    ///   - tos: The type of service.
    ///   - ttl: Through how many routers it may still go.
    ///   - proto: The number of the next layer's protocol.
    ///   - size: Bytes of the packet, this header included.
    ///   - fragment: The word of flags and fragment offset; 0x4000 says not to fragment.
    /// - Returns: The words; a type of service or a fragment word of 0 is not worth one.
    public static func ipv4(
        from source: IPv4Address,
        to destination: IPv4Address,
        tos: UInt8 = 0,
        ttl: UInt8,
        proto: UInt8,
        size: Int,
        fragment: UInt16 = 0
    ) -> String {
        "\(source) > \(destination) ttl \(ttl) proto \(proto), \(size) bytes" + (tos == 0 ? "" : ", tos \(tos)")
            + (fragment == 0 ? "" : ", fragment word \(Hexadecimal.text(EthernetFrame.big(fragment)))")
    }

    /// An IPv6 header in words.
    ///
    /// - Parameters:
    ///   - source: The sender.
    ///   - destination: The receiver.
    ///   - hopLimit: Through how many routers it may still go.
    ///   - next: The number of the next layer's protocol.
    ///   - size: Bytes of the packet, this header included.
    ///   - first: The header's first word: 0x60000000 for version 6, traffic class 0 and flow label 0.
    /// - Returns: The words; a traffic class and flow label of 0 are not worth one.
    public static func ipv6(
        from source: IPv6Address,
        to destination: IPv6Address,
        hopLimit: UInt8,
        next: UInt8,
        size: Int,
        first: UInt32 = 0x6000_0000
    ) -> String {
        "\(source) > \(destination) hops \(hopLimit) next \(next), \(size) bytes"
            + (first & 0x0fff_ffff == 0 ? "" : ", class and label \(Hexadecimal.text(first & 0x0fff_ffff))")
    }

    /// An echo request or reply of either version in words, as ``EthernetFrame`` numbers them unless told otherwise.
    public static func echo(
        isReply: Bool,
        code: UInt8 = 0,
        id: UInt16 = 0x4159,
        sequence: UInt16 = 1,
        _ payload: some Collection<UInt8>
    ) -> String {
        "echo \(isReply ? "reply" : "request")\(code == 0 ? "" : " code \(code)") \(id) \(sequence), \(rest(payload))"
    }

    /// Bytes that say nothing more: their number and a hash of them (FNV-1a).
    private static func rest(_ bytes: some Collection<UInt8>) -> String {
        let hash = bytes.reduce(UInt32(0x811c_9dc5)) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return "\(bytes.count) bytes #\(Hexadecimal.text(hash))"
    }

    private static func layers(_ bytes: [UInt8]) -> [String] {
        switch bytes.first.map({ $0 >> 4 }) {
        case 4 where bytes.count >= 20 && bytes[0] & 15 >= 5 && bytes.count >= Int(bytes[0] & 15) * 4: ipv4(bytes)
        case 6 where bytes.count >= 40: ipv6(bytes)
        default: [rest(bytes)]
        }
    }

    private static func ipv4(_ bytes: [UInt8]) -> [String] {
        let word = { (at: Int) in UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1]) }
        let address = { (at: Int) in IPv4Address(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]) }
        let (headerSize, size) = (Int(bytes[0] & 15) * 4, Int(word(2)))
        var own = ipv4(
            from: address(12),
            to: address(16),
            tos: bytes[1],
            ttl: bytes[8],
            proto: bytes[9],
            size: size,
            fragment: word(6)
        )
        if headerSize > 20 { own += ", options \(Hexadecimal.text(bytes[20..<headerSize]))" }
        if InternetChecksum.of(bytes[0..<headerSize]) != 0 { own += ", wrong header checksum" }
        let (inside, behind) = split(bytes, headerSize, size)
        return [own] + payload(inside, proto: bytes[9], from: [], to: []) + behind
    }

    private static func ipv6(_ bytes: [UInt8]) -> [String] {
        let first = bytes[0..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let size = 40 + Int(UInt16(bytes[4]) << 8 | UInt16(bytes[5]))
        let (source, destination) = (Array(bytes[8..<24]), Array(bytes[24..<40]))
        let own = ipv6(
            from: IPv6Address(bytes: source),
            to: IPv6Address(bytes: destination),
            hopLimit: bytes[7],
            next: bytes[6],
            size: size,
            first: first
        )
        let (inside, behind) = split(bytes, 40, size)
        return [own] + payload(inside, proto: bytes[6], from: source, to: destination) + behind
    }

    /// What a packet carries, and words about what is missing of it or follows it.
    private static func split(_ bytes: [UInt8], _ headerSize: Int, _ size: Int) -> ([UInt8], [String]) {
        if size < headerSize || size > bytes.count {
            return (Array(bytes[headerSize...]), ["only \(bytes.count) bytes are there"])
        }
        let behind = bytes[size...]
        return (Array(bytes[headerSize..<size]), behind.isEmpty ? [] : ["behind it \(rest(behind))"])
    }

    private static func payload(_ bytes: [UInt8], proto: UInt8, from: [UInt8], to: [UInt8]) -> [String] {
        switch proto {
        case 4, 41: return layers(bytes)
        case 1 where bytes.count >= 8 && (bytes[0] == 8 || bytes[0] == 0):
            return [echo(bytes, isReply: bytes[0] == 0, InternetChecksum.of(bytes))]
        case 58 where bytes.count >= 8 && (bytes[0] == 128 || bytes[0] == 129) && !from.isEmpty:
            return [echo(bytes, isReply: bytes[0] == 129, InternetChecksum.ofICMPv6(bytes, from: from, to: to))]
        default: return [rest(bytes)]
        }
    }

    private static func echo(_ bytes: [UInt8], isReply: Bool, _ checksum: UInt16) -> String {
        let word = { (at: Int) in UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1]) }
        return echo(isReply: isReply, code: bytes[1], id: word(4), sequence: word(6), bytes[8...])
            + (checksum == 0 ? "" : ", wrong checksum")
    }
}
