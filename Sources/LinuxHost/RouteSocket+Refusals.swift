import CLinux

/// What packets a rule is about: those that all of it fits.
public struct PacketSelector: Sendable {
    /// The addresses that they go to; their family is the rule's.
    public var target: AddressPrefix
    /// The addresses that they come from; any without it.
    public var source: AddressPrefix?
    /// Their type of service or traffic class; any where it is 0.
    public var service: UInt8
    /// Their protocol (Linux 4.17); any without it.
    public var proto: UInt8?
    /// The port that they go to (Linux 4.17); any without it.
    public var port: UInt16?
    /// The interface that they come in at; any without it.
    public var entrance: Interface?

    /// Says what packets a rule is about.
    public init(
        to target: AddressPrefix,
        from source: AddressPrefix? = nil,
        service: UInt8 = 0,
        proto: UInt8? = nil,
        port: UInt16? = nil,
        entrance: Interface? = nil
    ) {
        self.target = target
        self.source = source
        self.service = service
        self.proto = proto
        self.port = port
        self.entrance = entrance
    }
}

/// A route whose packets go nowhere.
public enum RefusedRoute: UInt8, Sendable, CaseIterable {
    /// Nobody is told.
    case blackhole = 6
    /// The sender is told that the host is not reachable.
    case unreachable = 7
    /// The sender is told that it is not allowed.
    case prohibit = 8
}

extension RouteSocket {
    /// Refuses packets before any route is looked at, by a rule (`CONFIG_IP_MULTIPLE_TABLES`, `CONFIG_IPV6_MULTIPLE_TABLES`).
    ///
    /// Who asks for a route of the main table alone does not see it.
    ///
    /// - Throws: ``SystemCallError`` with `EOPNOTSUPP` where the kernel has no rules.
    public mutating func prohibit(_ packets: PacketSelector) throws(SystemCallError) {
        try talk(CInt(RTM_NEWRULE), Self.create, on: "\(packets.target)") { message in
            // struct fib_rule_hdr of linux/fib_rules.h: family, lengths, TOS, table, two spare bytes, FR_ACT_PROHIBIT, flags.
            message.put(UInt8(packets.target.address.family))
            let lengths = [packets.target.length, packets.source?.length ?? 0]
            for byte in lengths + [packets.service, 0, 0, 0, 8] { message.put(byte) }
            message.put(UInt32(0))
            // FRA_DST, FRA_SRC, FRA_IIFNAME, and FRA_PRIORITY in front of the main table's 32766.
            message.attribute(1, packets.target.address.bytes)
            if let source = packets.source { message.attribute(2, source.address.bytes) }
            if let entrance = packets.entrance { message.attribute(3, string: entrance.name) }
            message.attribute(6, number: UInt32(1000))
            // FRA_IP_PROTO, and FRA_DPORT_RANGE with the first port and the last.
            if let proto = packets.proto { message.attribute(22, number: proto) }
            if let port = packets.port { message.attribute(24, number: UInt32(port) << 16 | UInt32(port)) }
        }
    }

    /// Adds a route whose packets go nowhere.
    public mutating func refuse(_ prefix: AddressPrefix, by route: RefusedRoute) throws(SystemCallError) {
        try talk(CInt(RTM_NEWROUTE), Self.create, on: "\(prefix)") { message in
            message.route(family: prefix.address.family, length: prefix.length, hasGateway: true, type: route.rawValue)
            message.attribute(Int(RTA_DST.rawValue), prefix.address.bytes)
        }
    }
}
