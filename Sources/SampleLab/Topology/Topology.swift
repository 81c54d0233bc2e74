public import LinuxHost

/// Hosts and what joins them, as a value: namespaces, links, addresses, routes, tunnels.
///
/// ``build()`` makes it. Nothing is on its wires but what a sample sends: hardware addresses are fixed (02:00:00:00:KK:EE for end
/// EE of link KK, both counted from 1), neighbours are known for good, and IPv6 looks for no
/// neighbours and no duplicates. Only reports of multicast groups (MLD) may come from a host with IPv6 addresses.
///
/// ```swift
/// static let topology = Topology(
///     hosts: [.init("client", routes: [.init("10.2.0.0/24", via: "10.1.0.1", through: "eth0")]), .init("router", forwards: true),
///         .init("server")],
///     links: [
///         .init(.init("client", "eth0", ["10.1.0.2/24"]), .init("router", "near", ["10.1.0.1/24", "fd01::1/64"])),
///         .init(.init("router", "far", ["10.2.0.1/24"]), .init("server", "eth0", ["10.2.0.2/24"]), mtu: 9000),
///     ]
/// )
/// ```
public struct Topology: Sendable {
    /// The hosts, each a network namespace of its own.
    public var hosts: [Host]
    /// What joins them.
    public var links: [Link]
    /// Tunnel devices, made when all links are up.
    public var tunnels: [Tunnel]

    /// Describes a network.
    public init(hosts: [Host], links: [Link], tunnels: [Tunnel] = []) {
        self.hosts = hosts
        self.links = links
        self.tunnels = tunnels
    }

    /// A host.
    public struct Host: Sendable {
        /// Its name.
        public var name: String
        /// Whether it forwards packets of both versions.
        public var forwards: Bool
        /// Whether it has IPv6 at all.
        public var usesIPv6: Bool
        /// Addresses of its `lo`, such as `10.9.0.1`; `lo` is up in any case.
        public var addresses: [String]
        /// Its routes beyond those to its own links, added when everything is up.
        public var routes: [Route]
        /// Further settings under `/proc/sys/net`, written before it has any link.
        public var settings: [(name: String, value: String)]

        /// Describes a host.
        public init(
            _ name: String,
            forwards: Bool = false,
            usesIPv6: Bool = true,
            addresses: [String] = [],
            routes: [Route] = [],
            settings: [(name: String, value: String)] = []
        ) {
            self.name = name
            self.forwards = forwards
            self.usesIPv6 = usesIPv6
            self.addresses = addresses
            self.routes = routes
            self.settings = settings
        }
    }

    /// A route.
    public struct Route: Sendable {
        /// Where its packets go, such as `10.3.0.0/24`.
        public var prefix: String
        /// The neighbour that they are given to; `nil` where the destination is a neighbour, or a tunnel's far end.
        public var gateway: String?
        /// The interface of the host that they leave by.
        public var interface: String

        /// Describes a route.
        public init(_ prefix: String, via gateway: String? = nil, through interface: String) {
            self.prefix = prefix
            self.gateway = gateway
            self.interface = interface
        }
    }

    /// An end of a link.
    public struct End: Sendable {
        /// The host that it belongs to.
        public var host: String
        /// The interface's name.
        public var interface: String
        /// Its addresses with the lengths of their networks, such as `10.1.0.1/24`.
        public var addresses: [String]
        /// Its interface index; `nil` for the kernel's choice.
        ///
        /// A large one tells a program that keeps too few bits.
        public var index: CInt?

        /// Describes an end.
        public init(_ host: String, _ interface: String, _ addresses: [String] = [], index: CInt? = nil) {
            self.host = host
            self.interface = interface
            self.addresses = addresses
            self.index = index
        }
    }

    /// A veth pair.
    public struct Link: Sendable {
        /// Its ends, which may be of one host.
        public var ends: (End, End)
        /// How many queues each end has in each direction.
        public var queues: UInt32
        /// The largest packet in bytes, without the Ethernet header; at most 65535.
        public var mtu: UInt32
        /// Whether each end is told the addresses of the other for good.
        ///
        /// Where it is not, a host asks for them by ARP and neighbour discovery.
        public var knowsNeighbours: Bool

        /// Describes a link.
        public init(_ one: End, _ other: End, queues: UInt32 = 1, mtu: UInt32 = 1500, knowsNeighbours: Bool = true) {
            ends = (one, other)
            self.queues = queues
            self.mtu = mtu
            self.knowsNeighbours = knowsNeighbours
        }
    }

    /// A tunnel device.
    public struct Tunnel: Sendable {
        /// The host that it belongs to.
        public var host: String
        /// The device's name.
        public var interface: String
        /// What it carries packets in.
        public var kind: RouteSocket.TunnelKind
        /// Where it sends them, by the two addresses; `nil` for one whose packets say it themselves.
        public var ends: (local: String, remote: String)?
        /// Its addresses.
        public var addresses: [String]
        /// Its interface index; `nil` for the kernel's choice.
        public var index: CInt?

        /// Describes a tunnel device.
        public init(
            _ host: String,
            _ interface: String,
            _ kind: RouteSocket.TunnelKind,
            between ends: (local: String, remote: String)? = nil,
            _ addresses: [String] = [],
            index: CInt? = nil
        ) {
            self.host = host
            self.interface = interface
            self.kind = kind
            self.ends = ends
            self.addresses = addresses
            self.index = index
        }
    }

    /// The hardware address of an interface that is an end of a link; `nil` for any other.
    public func hardware(_ host: String, _ interface: String) -> HardwareAddress? {
        for (number, link) in links.enumerated() {
            for (end, which) in [(link.ends.0, UInt16(1)), (link.ends.1, 2)]
            where end.host == host && end.interface == interface {
                return HardwareAddress(local: UInt16(number + 1) << 8 | which)
            }
        }
        return nil
    }

    /// A network that names what it does not have, or an address that is none.
    public struct Mistake: Error, Sendable, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    static func address(_ text: String) throws(Mistake) -> InternetAddress {
        guard let address = InternetAddress(text) else { throw Mistake(description: "'\(text)' is no address") }
        return address
    }

    static func prefix(_ text: String) throws(Mistake) -> AddressPrefix {
        guard let prefix = AddressPrefix(text) else { throw Mistake(description: "'\(text)' is no prefix") }
        return prefix
    }
}
