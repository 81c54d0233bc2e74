public import LinuxHost

/// A packet that a tunnel carries, from its IP header on.
public struct TunneledPacket: Sendable {
    /// What it is; no two that are sent together are called the same.
    public let title: String
    /// Its bytes.
    public let bytes: [UInt8]

    /// Takes a packet.
    public init(_ title: String, _ bytes: [UInt8]) {
        self.title = title
        self.bytes = bytes
    }

    /// Whether it is of IPv4.
    public var isV4: Bool { bytes[0] >> 4 == 4 }

    /// Where it goes.
    public var target: InternetAddress {
        isV4
            ? .v4(IPv4Address(bytes[16], bytes[17], bytes[18], bytes[19]))
            : .v6(IPv6Address(bytes: Array(bytes[24..<40])))
    }

    /// What a tunnel of a device carries of it: the packet, in a frame where the device has frames.
    public func carried(by device: ExternalTunnel, isOutgoing: Bool) -> [UInt8] {
        guard device.carriesEthernet else { return bytes }
        let (own, peer) = (TunnelAddress.deviceHardware, TunnelAddress.peerHardware)
        return EthernetFrame.make(
            from: isOutgoing ? own : peer,
            to: isOutgoing ? peer : own,
            type: isV4 ? 0x0800 : 0x86dd,
            bytes
        )
    }

    /// A packet from one host of a network inside to another.
    ///
    /// - Parameters:
    ///   - title: What it is.
    ///   - network: The network's number.
    ///   - hosts: Whom it is from and to.
    ///   - isV4: Whether it is of IPv4.
    ///   - proto: The protocol of what it carries; 253 is for experiments.
    ///   - service: The type of service of one of IPv4.
    ///   - payload: What it carries.
    /// - Returns: The packet, from its IP header on.
    public static func inside(
        _ title: String,
        _ network: UInt8,
        between hosts: (from: UInt8, to: UInt8) = (200, 100),
        isV4: Bool = true,
        proto: UInt8 = 253,
        service: UInt8 = 0,
        _ payload: [UInt8]
    ) -> TunneledPacket {
        if isV4 {
            let (source, target) = (TunnelAddress.inner4(network, hosts.from), TunnelAddress.inner4(network, hosts.to))
            return TunneledPacket(
                title,
                EthernetFrame.ipv4(from: source, to: target, proto: proto, service: service, payload)
            )
        }
        let (source, target) = (TunnelAddress.inner6(network, hosts.from), TunnelAddress.inner6(network, hosts.to))
        return TunneledPacket(
            title,
            EthernetFrame.ipv6(from: source.bytes, to: target.bytes, next: proto, payload)
        )
    }

    /// An echo request between the host and whom it talks to, or the reply to one.
    public static func echo(
        _ network: UInt8,
        isV4: Bool,
        isReply: Bool = false,
        isOutgoing: Bool
    ) -> TunneledPacket {
        let hosts: (from: UInt8, to: UInt8) = isOutgoing ? (200, 100) : (100, 200)
        if isV4 {
            var message = EthernetFrame.echo(filling(56))
            if isReply {
                message.replaceSubrange(0..<4, with: [0, 0, 0, 0])
                message.replaceSubrange(2..<4, with: EthernetFrame.big(InternetChecksum.of(message)))
            }
            return inside(
                "an echo \(isReply ? "reply" : "request") of IPv4",
                network,
                between: hosts,
                proto: 1,
                message
            )
        }
        let source = TunnelAddress.inner6(network, hosts.from).bytes
        let target = TunnelAddress.inner6(network, hosts.to).bytes
        var message = EthernetFrame.echo(filling(33), from: source, to: target)
        if isReply {
            message.replaceSubrange(0..<4, with: [129, 0, 0, 0])
            let sum = InternetChecksum.ofICMPv6(message, from: source, to: target)
            message.replaceSubrange(2..<4, with: EthernetFrame.big(sum))
        }
        return inside(
            "an echo \(isReply ? "reply" : "request") of IPv6",
            network,
            between: hosts,
            isV4: false,
            proto: 58,
            message
        )
    }

    /// Bytes that are all different up to 255 of them.
    public static func filling(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(($0 + 1) & 255) } }
}
