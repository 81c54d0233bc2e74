import CLinux
import Glibc

/// A tunnel device whose packets say themselves where they go, and what with: metadata that a program or a route gives them.
public enum ExternalTunnel: String, Sendable, Hashable, CaseIterable {
    /// Ethernet in GRE in IPv4 (`CONFIG_NET_IPGRE`, Linux 4.3).
    case gretap
    /// Packets in GRE in IPv6 (`CONFIG_IPV6_GRE`, Linux 4.15).
    case ip6gre
    /// Ethernet in GRE in IPv6.
    case ip6gretap
    /// Mirrored Ethernet in GRE in IPv4, with a header of its own (Linux 4.15).
    case erspan
    /// The same in IPv6 (Linux 4.16).
    case ip6erspan
    /// Ethernet in UDP of both versions (`CONFIG_VXLAN`, Linux 4.3), with the group policy extension.
    case vxlan
    /// Ethernet and options in UDP of both versions (`CONFIG_GENEVE`, Linux 4.4).
    case geneve
    /// IPv4 in IPv4 (`CONFIG_NET_IPIP`, Linux 4.9).
    case ipip
    /// Packets of either version in IPv6 (`CONFIG_IPV6_TUNNEL`, Linux 4.9).
    case ip6tnl

    /// Whether what it carries has Ethernet headers.
    public var carriesEthernet: Bool {
        switch self {
        case .ip6gre, .ipip, .ip6tnl: false
        default: true
        }
    }

    /// Whether the header of what it sends has a sequence number, if its metadata ask for one.
    public var isGRE: Bool {
        switch self {
        case .gretap, .ip6gre, .ip6gretap, .erspan, .ip6erspan: true
        default: false
        }
    }

    /// The UDP port that it receives on; `nil` for one without.
    public var port: UInt16? {
        switch self {
        case .vxlan: 4789
        case .geneve: 6081
        default: nil
        }
    }

    /// The UDP port that it sends from, where that is not the kernel's choice.
    ///
    /// geneve has a range for it only since Linux 6.13.
    public var sourcePort: UInt16? { self == .vxlan ? 4000 : nil }
}

extension RouteSocket {
    /// Makes a tunnel device whose packets say themselves where they go, down.
    ///
    /// Those in UDP also take what comes over IPv6 without a checksum.
    ///
    /// - Parameters:
    ///   - name: The device's name.
    ///   - kind: What it carries packets in.
    ///   - hardware: Its hardware address; `nil` for one that carries none.
    /// - Returns: The device.
    /// - Throws: ``SystemCallError`` with `EOPNOTSUPP` where the kernel has no such tunnels, `EEXIST` for a name in use or a
    ///   second one of the kind in a namespace.
    public mutating func addExternalTunnel(
        _ name: String,
        _ kind: ExternalTunnel,
        hardware: HardwareAddress? = nil
    ) throws(SystemCallError) -> Interface {
        try talk(CInt(RTM_NEWLINK), Self.create, on: "\(kind.rawValue) \(name)") { message in
            message.linkHeader()
            message.attribute(Int(IFLA_IFNAME), string: name)
            if let hardware { message.attribute(Int(IFLA_ADDRESS), hardware.bytes) }
            message.nest(Int(IFLA_LINKINFO)) { message in
                message.attribute(Int(IFLA_INFO_KIND), Array(kind.rawValue.utf8))
                message.nest(Int(IFLA_INFO_DATA)) { $0.external(kind) }
            }
        }
        return try Interface(named: name)
    }
}

extension NetlinkMessage {
    /// What makes a tunnel device one whose packets have metadata.
    fileprivate mutating func external(_ kind: ExternalTunnel) {
        let port = (kind.port ?? 0).bigEndian
        switch kind {
        case .gretap, .ip6gre, .ip6gretap, .erspan, .ip6erspan:
            attribute(Int(LX_GRE_COLLECT_METADATA), [])
        case .ipip:
            attribute(Int(LX_IPTUN_COLLECT_METADATA), [])
        case .ip6tnl:
            // 0 is any version inside.
            attribute(Int(LX_IPTUN_PROTO), number: UInt8(0))
            attribute(Int(LX_IPTUN_COLLECT_METADATA), [])
        case .vxlan:
            attribute(Int(IFLA_VXLAN_COLLECT_METADATA), number: UInt8(1))
            attribute(Int(IFLA_VXLAN_PORT), number: port)
            // Who is where is for the metadata to say.
            attribute(Int(IFLA_VXLAN_LEARNING), number: UInt8(0))
            attribute(Int(IFLA_VXLAN_UDP_ZERO_CSUM6_RX), number: UInt8(1))
            attribute(Int(IFLA_VXLAN_GBP), [])
            // The first port of the range and the one behind its last: an empty range would be taken for none.
            let source = kind.sourcePort ?? 0
            attribute(Int(IFLA_VXLAN_PORT_RANGE), [source, source + 1].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
        case .geneve:
            attribute(Int(IFLA_GENEVE_COLLECT_METADATA), [])
            attribute(Int(IFLA_GENEVE_PORT), number: port)
            attribute(Int(IFLA_GENEVE_UDP_ZERO_CSUM6_RX), number: UInt8(1))
        }
    }
}
