public import LinuxHost

/// The headers that a tunnel puts in front of what it carries.
public struct TunnelHeaders: Sendable {
    /// From where it comes.
    public var source: InternetAddress
    /// Where it goes.
    public var target: InternetAddress
    /// The flow label of one in IPv6.
    public var label: UInt32
    /// The ports of one in UDP.
    public var ports: (source: UInt16, target: UInt16)?
    /// Whether UDP has a checksum.
    public var isSummed: Bool
    /// The protocol of one without UDP.
    public var proto: UInt8
    /// What follows the IP or UDP header.
    public var header: [UInt8]

    /// Describes headers; those of GRE in IP by default.
    public init(
        from source: InternetAddress,
        to target: InternetAddress,
        label: UInt32 = 0,
        ports: (source: UInt16, target: UInt16)? = nil,
        isSummed: Bool = false,
        proto: UInt8 = 47,
        _ header: [UInt8]
    ) {
        self.source = source
        self.target = target
        self.label = label
        self.ports = ports
        self.isSummed = isSummed
        self.proto = proto
        self.header = header
    }

    /// A packet that carries something.
    public func packet(around content: [UInt8]) -> [UInt8] {
        var payload = header + content
        guard let ports else { return packet(of: proto, payload) }
        payload = EthernetFrame.udp(from: ports.source, to: ports.target, payload)
        if isSummed {
            let pseudo = source.bytes + target.bytes + [0, 17] + EthernetFrame.big(UInt16(payload.count))
            let sum = InternetChecksum.of(pseudo + payload)
            payload.replaceSubrange(6..<8, with: EthernetFrame.big(sum == 0 ? 0xffff : sum))
        }
        return packet(of: 17, payload)
    }

    /// The same in a frame.
    public func frame(around content: [UInt8], from source: HardwareAddress, to target: HardwareAddress) -> [UInt8] {
        let type: UInt16 = if case .v4 = self.target { 0x0800 } else { 0x86dd }
        return EthernetFrame.make(from: source, to: target, type: type, packet(around: content))
    }

    private func packet(of proto: UInt8, _ payload: [UInt8]) -> [UInt8] {
        guard case .v4(let source) = source, case .v4(let target) = target else {
            var packet = EthernetFrame.ipv6(from: source.bytes, to: target.bytes, next: proto, payload)
            for place in 1..<4 { packet[place] = UInt8(label >> (8 * (3 - UInt32(place))) & 255) }
            return packet
        }
        return EthernetFrame.ipv4(from: source, to: target, proto: proto, payload)
    }
}

// MARK: What follows the IP or UDP header

extension TunnelHeaders {
    /// GRE with what there is of a key and a sequence number.
    public static func gre(_ type: UInt16, key: UInt32? = nil, number: UInt32? = nil) -> [UInt8] {
        let flags: UInt8 = (key == nil ? 0 : 0x20) | (number == nil ? 0 : 0x10)
        return [flags, 0] + EthernetFrame.big(type) + (key.map(big) ?? []) + (number.map(big) ?? [])
    }

    /// The session and what else the first four bytes of ERSPAN hold.
    public static func erspan(
        version: UInt8,
        session: UInt16,
        service: UInt8 = 0,
        isShort: Bool = false
    ) -> [UInt8] {
        [version << 4, 0, service & 0xe0 | (isShort ? 1 << 3 : 0) | UInt8(session >> 8 & 3), UInt8(session & 255)]
    }

    /// The rest of ERSPAN's second version: a time, and who mirrored what.
    public static func mirror(time: UInt32, hardware: UInt8, isOutgoing: Bool) -> [UInt8] {
        big(time) + [0, 0, 0x80 | hardware >> 4 & 3, hardware << 4 | (isOutgoing ? 1 << 3 : 0)]
    }

    /// VXLAN, with a group's policy if there is one.
    public static func vxlan(network: UInt32, policy: UInt16? = nil, isApplied: Bool = true) -> [UInt8] {
        let first: [UInt8] = policy.map { [0x88, isApplied ? 0x08 : 0] + EthernetFrame.big($0) } ?? [0x08, 0, 0, 0]
        return first + big(network << 8)
    }

    /// GENEVE with options as they are, a multiple of four bytes.
    public static func geneve(network: UInt32, options: [UInt8]) -> [UInt8] {
        [UInt8(options.count / 4), 0, 0x65, 0x58] + big(network << 8) + options
    }

    /// A number in network order.
    public static func big(_ number: UInt32) -> [UInt8] {
        EthernetFrame.big(UInt16(number >> 16)) + EthernetFrame.big(UInt16(number & 0xffff))
    }
}
