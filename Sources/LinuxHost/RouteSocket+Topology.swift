import CLinux
import Glibc

/// Addresses of one version of the Internet protocol that begin with the same bits.
public struct AddressPrefix: Sendable, Hashable, CustomStringConvertible {
    /// The first of them.
    public let address: InternetAddress
    /// How many bits they share.
    public let length: UInt8

    /// Names a prefix, whose address must have no bits behind its length.
    public init(_ address: InternetAddress, _ length: UInt8) {
        self.address = address
        self.length = length
    }

    /// The prefix as people write it, such as `10.2.1.0/24`.
    public var description: String { "\(address)/\(length)" }
}

/// Tunnels, routes and neighbours: what joins namespaces into a network.
extension RouteSocket {
    /// What a tunnel carries its packets in.
    public enum TunnelKind: String, Sendable, Hashable {
        /// IPv4 in IPv4 (`CONFIG_NET_IPIP`).
        case ipip
        /// Either version in IPv6 (`CONFIG_IPV6_TUNNEL`).
        case ip6tnl
    }

    /// The ends of a tunnel.
    public enum TunnelEnds: Sendable, Hashable {
        /// Each packet says itself where it goes, by metadata that a program or a route gave it (Linux 4.9).
        case external
        /// All packets go from one address to another, with a TTL or hop limit of 64.
        case fixed(local: InternetAddress, remote: InternetAddress)
    }

    /// Makes a tunnel device, down.
    ///
    /// One of IPv6 adds no option with an encapsulation limit to its packets (RFC 2473).
    ///
    /// - Parameters:
    ///   - name: The device's name.
    ///   - kind: What it carries packets in.
    ///   - ends: Where they go.
    ///   - index: The interface's index; `nil` for the kernel's choice.
    /// - Returns: The device.
    /// - Throws: ``SystemCallError`` with `EOPNOTSUPP` where the kernel has no such tunnels, `EEXIST` for a name in use or a
    ///   second external tunnel of the kind in a namespace, `EBUSY` for an index in use.
    public mutating func addTunnel(
        _ name: String,
        _ kind: TunnelKind,
        _ ends: TunnelEnds,
        index: CInt? = nil
    ) throws(SystemCallError) -> Interface {
        let create = CInt(NLM_F_CREATE) | CInt(NLM_F_EXCL)
        try talk(CInt(RTM_NEWLINK), create, on: "\(kind.rawValue) \(name)") { message in
            message.linkHeader(index: index ?? 0)
            message.attribute(Int(IFLA_IFNAME), string: name)
            message.nest(Int(IFLA_LINKINFO)) { message in
                message.attribute(Int(IFLA_INFO_KIND), Array(kind.rawValue.utf8))
                message.nest(Int(IFLA_INFO_DATA)) { message in
                    if kind == .ip6tnl {
                        // 0 is any version inside; 1 is IP6_TNL_F_IGN_ENCAP_LIMIT.
                        message.attribute(Int(LX_IPTUN_PROTO), number: UInt8(0))
                        message.attribute(Int(LX_IPTUN_FLAGS), number: UInt32(1))
                    }
                    switch ends {
                    case .external: message.attribute(Int(LX_IPTUN_COLLECT_METADATA), [])
                    case .fixed(let local, let remote):
                        message.attribute(Int(LX_IPTUN_LOCAL), local.bytes)
                        message.attribute(Int(LX_IPTUN_REMOTE), remote.bytes)
                        message.attribute(Int(LX_IPTUN_TTL), number: UInt8(64))
                    }
                }
            }
        }
        return try Interface(named: name)
    }

    /// Adds a route, in place of one to the same addresses if there is one.
    ///
    /// - Parameters:
    ///   - prefix: Where the packets go.
    ///   - gateway: The neighbour that they are given to; `nil` where the destination is a neighbour itself, or a tunnel's far end.
    ///   - interface: Where they go out, which must be up.
    ///   - program: What runs for its packets (`CONFIG_LWTUNNEL_BPF`, Linux 4.10).
    /// - Throws: ``SystemCallError`` with `ENETUNREACH` or `EHOSTUNREACH` for a gateway that is no neighbour, `ENETDOWN`,
    ///   `EOPNOTSUPP` without `CONFIG_IPV6`.
    public mutating func setRoute(
        to prefix: AddressPrefix,
        via gateway: InternetAddress? = nil,
        through interface: Interface,
        program: RouteProgram? = nil
    ) throws(SystemCallError) {
        let replace = CInt(NLM_F_CREATE) | CInt(NLM_F_REPLACE)
        try talk(CInt(RTM_NEWROUTE), replace, on: "\(prefix) through \(interface.name)") { message in
            message.route(family: prefix.address.family, length: prefix.length, hasGateway: gateway != nil)
            message.attribute(Int(RTA_DST.rawValue), prefix.address.bytes)
            if let gateway { message.attribute(Int(RTA_GATEWAY.rawValue), gateway.bytes) }
            message.attribute(Int(RTA_OIF.rawValue), number: UInt32(interface.index))
            if let program { message.program(program, named: Self.name) }
        }
    }

    /// Tells an interface the hardware address of a neighbour for good, so that nobody ever asks for it.
    ///
    /// - Throws: ``SystemCallError`` with `EEXIST` if it is known already.
    public mutating func addNeighbour(
        _ address: InternetAddress,
        _ hardware: HardwareAddress,
        on interface: Interface
    ) throws(SystemCallError) {
        let create = CInt(NLM_F_CREATE) | CInt(NLM_F_EXCL)
        try talk(CInt(RTM_NEWNEIGH), create, on: "\(address) on \(interface.name)") { message in
            var header = ndmsg()
            header.ndm_family = UInt8(address.family)
            header.ndm_ifindex = interface.index
            header.ndm_state = UInt16(NUD_PERMANENT)
            message.put(header)
            message.attribute(NDA_DST, address.bytes)
            message.attribute(NDA_LLADDR, hardware.bytes)
        }
    }
}

extension InternetAddress {
    /// `AF_INET` or `AF_INET6`.
    var family: CInt {
        switch self {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    /// The bytes in network order, 4 or 16.
    public var bytes: [UInt8] {
        switch self {
        case .v4(let address): address.bytes
        case .v6(let address): address.bytes
        }
    }
}
