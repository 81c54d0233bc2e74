public import LinuxHost
import SystemPackage

/// A ``Topology`` that was built.
///
/// Its namespaces, with all that is in them, go when this value ends, or its process does. It belongs to the thread that built it.
public final class Network {
    /// What it was built from.
    public let topology: Topology
    private var nodes: [String: Node] = [:]
    private var interfaces: [String: Interface] = [:]

    /// A host and its conversation with the kernel.
    private final class Node {
        let namespace: NetworkNamespace
        var routes: RouteSocket

        init(_ host: Topology.Host) throws {
            let namespace = try NetworkNamespace()
            routes = try namespace.perform {
                try NetworkSettings.write(Network.settings(of: host))
                if !host.usesIPv6 { try IPv6.disable() }
                return try RouteSocket()
            }
            self.namespace = namespace
        }
    }

    init(_ topology: Topology) throws {
        self.topology = topology
        for host in topology.hosts { nodes[host.name] = try Node(host) }
        for link in topology.links { try add(link) }
        for host in topology.hosts { try setUp(host) }
        for link in topology.links {
            try configure(link.ends.0, neighbour: link.knowsNeighbours ? link.ends.1 : nil)
            try configure(link.ends.1, neighbour: link.knowsNeighbours ? link.ends.0 : nil)
        }
        for link in topology.links { try awaitCarrier(link) }
        for host in topology.hosts where host.usesIPv6 { try awaitAddresses(of: host) }
        for tunnel in topology.tunnels { try add(tunnel) }
        for host in topology.hosts {
            for route in host.routes { try setRoute(on: host.name, route) }
        }
    }

    /// What makes a host say nothing on its own, and take whatever comes.
    private static func settings(of host: Topology.Host) -> [(name: String, value: String)] {
        let forwards = host.forwards ? "1" : "0"
        let scoped = ["all", "default"].flatMap { scope in
            [
                ("ipv4/conf/\(scope)/rp_filter", "0"), ("ipv4/conf/\(scope)/send_redirects", "0"),
                ("ipv6/conf/\(scope)/disable_ipv6", "0"), ("ipv6/conf/\(scope)/accept_ra", "0"),
                ("ipv6/conf/\(scope)/router_solicitations", "0"), ("ipv6/conf/\(scope)/accept_dad", "0"),
                // No link-local addresses, whose groups would be reported.
                ("ipv6/conf/\(scope)/addr_gen_mode", "1"), ("ipv6/conf/\(scope)/forwarding", forwards),
            ]
        }
        return scoped + [("ipv4/ip_forward", forwards), ("ipv6/auto_flowlabels", "0")] + host.settings
    }

    private func node(_ host: String) throws(Topology.Mistake) -> Node {
        guard let node = nodes[host] else { throw Topology.Mistake(description: "there is no host '\(host)'") }
        return node
    }

    private func add(_ link: Topology.Link) throws {
        let (one, other) = link.ends
        let ends = try [one, other].map { end in
            guard let hardware = topology.hardware(end.host, end.interface) else {
                throw Topology.Mistake(description: "\(end.host) has no link '\(end.interface)'")
            }
            return VethEnd(end.interface, hardware, index: end.index)
        }
        let (near, far) = (try node(one.host), try node(other.host))
        try near.routes.addVethPair(ends[0], ends[1], in: far.namespace, queues: link.queues, mtu: link.mtu)
        for end in [one, other] { try keep(end.host, end.interface) }
    }

    private func keep(_ host: String, _ interface: String) throws {
        interfaces["\(host) \(interface)"] = try node(host).namespace.perform { try Interface(named: interface) }
    }

    private func setUp(_ host: Topology.Host) throws {
        let node = try node(host.name)
        try keep(host.name, "lo")
        let loopback = try interface(host.name, "lo")
        try node.routes.setUp(loopback)
        for text in host.addresses {
            let prefix = try Topology.prefix(text)
            try node.routes.addAddress(prefix.address, prefixLength: prefix.length, to: loopback)
        }
        for link in topology.links {
            for end in [link.ends.0, link.ends.1] where end.host == host.name {
                try node.routes.setUp(try interface(end.host, end.interface))
            }
        }
    }

    private func configure(_ end: Topology.End, neighbour: Topology.End?) throws {
        let (node, interface) = (try node(end.host), try interface(end.host, end.interface))
        for text in end.addresses {
            let prefix = try Topology.prefix(text)
            try node.routes.addAddress(prefix.address, prefixLength: prefix.length, to: interface)
        }
        guard let neighbour, let hardware = topology.hardware(neighbour.host, neighbour.interface) else { return }
        for text in neighbour.addresses {
            let address = try Topology.prefix(text).address
            if case .v6 = address, topology.hosts.contains(where: { $0.name == end.host && !$0.usesIPv6 }) { continue }
            try node.routes.addNeighbour(address, hardware, on: interface)
        }
    }

    /// Waits until both ends of a link send what they are handed.
    private func awaitCarrier(_ link: Topology.Link) throws {
        let (one, other) = (link.ends.0, link.ends.1)
        try Carrier.awaitBoth(
            try capture(one.host, one.interface),
            try capture(other.host, other.interface),
            ("\(one.host) \(one.interface)", "\(other.host) \(other.interface)")
        )
    }

    /// Waits until a host receives what is sent to its addresses of IPv6.
    ///
    /// The kernel gives an address its route some time later, in a work queue, also where it looks for no duplicates: until then a
    /// socket can be bound to the address, and what is sent to it is lost.
    private func awaitAddresses(of host: Topology.Host) throws {
        let ends = topology.links.flatMap { [$0.ends.0, $0.ends.1] }.filter { $0.host == host.name }
        var missing: Set<String> = []
        for text in host.addresses + ends.flatMap(\.addresses) {
            guard case .v6(let address) = try Topology.prefix(text).address else { continue }
            missing.insert(address.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        }
        if missing.isEmpty { return }
        let isThere = try inside(host.name) {
            try Deadline(after: answerTime).poll(everyMilliseconds: 1) {
                try missing.isSubset(of: Self.localAddresses() ?? missing)
            }
        }
        guard isThere else { throw SystemCallError("wait for the addresses", on: host.name, errno: .timedOut) }
    }

    /// The addresses of IPv6 that the calling thread's namespace has local routes to, in hexadecimal; `nil` on a kernel that does
    /// not list them.
    private static func localAddresses() throws(SystemCallError) -> Set<String>? {
        let text: String
        do throws(SystemCallError) { text = try SmallFile.text("/proc/thread-self/net/ipv6_route") } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
        var found: Set<String> = []
        for line in text.split(separator: "\n") {
            // Destination, its length, six fields more, the flags (RTF_LOCAL is 1 << 31), the interface; in hexadecimal.
            let words = line.split(separator: " ")
            guard words.count > 8, words[1] == "80", let flags = UInt32(words[8], radix: 16) else { continue }
            if flags & 1 << 31 != 0 { found.insert(String(words[0])) }
        }
        return found
    }

    private func add(_ tunnel: Topology.Tunnel) throws {
        let node = try node(tunnel.host)
        var ends = RouteSocket.TunnelEnds.external
        if let (local, remote) = tunnel.ends {
            ends = .fixed(local: try Topology.address(local), remote: try Topology.address(remote))
        }
        // The conversation is the namespace's, the look-up by name the thread's.
        let made = try node.namespace.perform {
            try node.routes.addTunnel(tunnel.interface, tunnel.kind, ends, index: tunnel.index)
        }
        interfaces["\(tunnel.host) \(tunnel.interface)"] = made
        try node.routes.setUp(made)
        for text in tunnel.addresses {
            let prefix = try Topology.prefix(text)
            try node.routes.addAddress(prefix.address, prefixLength: prefix.length, to: made)
        }
    }

    // MARK: Using it

    /// An interface of a host.
    ///
    /// - Throws: `Topology.Mistake` where there is none.
    public func interface(_ host: String, _ name: String) throws(Topology.Mistake) -> Interface {
        guard let found = interfaces["\(host) \(name)"] else {
            throw Topology.Mistake(description: "host '\(host)' has no interface '\(name)'")
        }
        return found
    }

    /// Runs a closure with the calling thread in a host: sockets that it opens, and links that it makes, are that host's.
    public func inside<Result: ~Copyable>(_ host: String, _ body: () throws -> Result) throws -> Result {
        try node(host).namespace.perform(body)
    }

    /// Changes something of a host by its conversation with the kernel.
    public func configure<Result>(_ host: String, _ body: (inout RouteSocket) throws -> Result) throws -> Result {
        try body(&node(host).routes)
    }

    /// Opens a packet socket on an interface, which sees all that passes there from now on, and sends frames.
    public func capture(_ host: String, _ interface: String) throws -> PacketSocket {
        let interface = try self.interface(host, interface)
        return try inside(host) { try PacketSocket(on: interface) }
    }

    /// Opens sockets of a host for packets whose IP headers are made by hand.
    public func sender(_ host: String) throws -> PacketSender { try inside(host) { try PacketSender() } }

    /// Adds or replaces a route of a host.
    public func setRoute(on host: String, _ route: Topology.Route, program: RouteProgram? = nil) throws {
        let (prefix, interface) = (try Topology.prefix(route.prefix), try interface(host, route.interface))
        let gateway = try route.gateway.map { text throws(Topology.Mistake) in try Topology.address(text) }
        try configure(host) { try $0.setRoute(to: prefix, via: gateway, through: interface, program: program) }
    }

    /// What an interface has received and sent since it was made, the frames among it that ``Topology/build()`` tries it with.
    public func traffic(_ host: String, _ name: String) throws -> InterfaceTraffic {
        let interface = try interface(host, name)
        return try inside(host) { try InterfaceTraffic(of: interface) }
    }

    /// The counters of a host's protocols, by names such as `Ip.ForwDatagrams` and `Ip6OutForwDatagrams`.
    public func counters(_ host: String) throws -> [String: Int] { try inside(host) { try ProtocolCounters.read() } }
}

extension Topology {
    /// Builds the network.
    ///
    /// Needs `CONFIG_NET_NS` and `CONFIG_VETH`, and for tunnels the options of their kinds.
    ///
    /// - Throws: `SystemCallError` with what the kernel says, ``Mistake`` for a value that contradicts itself.
    public func build() throws -> Network { try Network(self) }
}

extension Network {
    /// Opens a UDP socket of a host.
    public func datagrams(_ host: String, from address: String, port: UInt16) throws -> DatagramSender {
        let source = try Topology.address(address)
        return try inside(host) { try DatagramSender(from: source, port: port) }
    }
}
