import Glibc
import LinuxHost
import SampleKit
import SampleLab

extension TcL2Redirect {
    /// The client's end: an interface without addresses, whose frames are made by hand.
    struct Client: ~Copyable {
        /// Sends frames and sees those that come.
        let eye: PacketSocket

        /// Brings it up; the calling thread is in the client's namespace.
        init() throws {
            let interface = try Interface(named: "vens1")
            var routes = try RouteSocket()
            try routes.setUp(interface)
            eye = try PacketSocket(on: interface)
        }
    }

    /// The server: all addresses that requests go to, and the far ends of the tunnels.
    struct Server: ~Copyable {
        var routes: RouteSocket
        /// Where it is joined to the router.
        let entrance: Interface
        private let ipip: Interface
        private let ip6tnl: Interface
        /// Sees what comes in.
        let eye: PacketSocket

        /// Brings it up; the calling thread is in the server's namespace.
        init() throws {
            var routes = try RouteSocket()
            let loopback = try Interface(named: "lo")
            let entrance = try Interface(named: "vens2")
            try routes.setUp(loopback)
            try routes.setUp(entrance)
            try routes.addAddress(.v4(Address.server4), prefixLength: 24, to: entrance)
            try routes.addAddress(.v6(Address.server6), prefixLength: 64, to: entrance)
            for request in Request.all {
                let length = UInt8(request.destination.bytes.count * 8)
                try routes.addAddress(request.destination, prefixLength: length, to: loopback)
            }
            try routes.addNeighbour(.v4(Address.router4), Address.farHardware, on: entrance)
            try routes.addNeighbour(.v6(Address.router6), Address.farHardware, on: entrance)
            let ends4 = RouteSocket.TunnelEnds.fixed(local: .v4(Address.server4), remote: .v4(Address.router4))
            let ends6 = RouteSocket.TunnelEnds.fixed(local: .v6(Address.server6), remote: .v6(Address.router6))
            let ipip = try routes.addTunnel("ipt2", .ipip, ends4)
            let ip6tnl = try routes.addTunnel("ip6t2", .ip6tnl, ends6)
            try routes.setUp(ipip)
            try routes.setUp(ip6tnl)
            try routes.addFilterQueue(to: entrance)
            let eye = try PacketSocket(on: entrance)
            self.eye = eye
            self.routes = routes
            (self.entrance, self.ipip, self.ip6tnl) = (entrance, ipip, ip6tnl)
        }

        /// Sends all answers through a kind of tunnel that it carries, the others straight to the router.
        mutating func answer(through tunnel: Tunnel) throws {
            switch tunnel {
            case .ipip:
                try routes.setRoute(to: Address.clients4, through: ipip)
                try routes.setRoute(to: Address.clients6, via: .v6(Address.router6), through: entrance)
            case .ip6tnl:
                try routes.setRoute(to: Address.clients4, through: ip6tnl)
                try routes.setRoute(to: Address.clients6, through: ip6tnl)
            }
        }
    }

    /// The router between them, in the sample's own namespace.
    struct Router: ~Copyable {
        var routes: RouteSocket
        /// Where the client is.
        let near: Interface
        /// Where the server is.
        let far: Interface
        /// The device of the tunnels in IPv4, and what comes in there.
        let ipip: Interface
        let ipipEye: PacketSocket
        /// The device of the tunnels in IPv6, and what comes in there.
        let ip6tnl: Interface
        let ip6Eye: PacketSocket
        /// Sends packets that no interface has received.
        let sender: PacketSender

        /// Makes the devices, with the other ends of the veths in these namespaces.
        init(_ client: borrowing NetworkNamespace, _ server: borrowing NetworkNamespace) throws {
            // No host sends with 61 by default: a hop limit of 64 is the program's.
            try NetworkSettings.write(
                Address.settings(hopLimit: 61) + [
                    ("ipv4/ip_forward", "1"), ("ipv6/conf/all/forwarding", "1"), ("ipv6/conf/default/forwarding", "1"),
                ]
            )
            var routes = try RouteSocket()
            let (clientEnd, serverEnd) = (Address.clientHardware, Address.serverHardware)
            let near = try routes.addVethPair("ve1", Address.nearHardware, peer: "vens1", clientEnd, in: client)
            let far = try routes.addVethPair("ve2", Address.farHardware, peer: "vens2", serverEnd, in: server)
            // Indices that nobody else on the machine has, and that 16 bits do not hold.
            let index = 0x0100_0000 + getpid() * 2
            let ipip = try routes.addTunnel("ipt", .ipip, .external, index: index)
            let ip6tnl = try routes.addTunnel("ip6t", .ip6tnl, .external, index: index + 1)
            for interface in [near, far, ipip, ip6tnl] { try routes.setUp(interface) }
            for interface in [near, far] { try routes.addFilterQueue(to: interface) }
            let ipipEye = try PacketSocket(on: ipip)
            let ip6Eye = try PacketSocket(on: ip6tnl)
            let sender = try PacketSender()
            self.sender = sender
            self.routes = routes
            (self.near, self.far, self.ipip, self.ip6tnl) = (near, far, ipip, ip6tnl)
            self.ipipEye = ipipEye
            self.ip6Eye = ip6Eye
        }

        /// Gives it addresses and tells it where everything is; both ends are up by now.
        mutating func learnRoutes() throws {
            let (clientEnd, serverEnd) = (Address.clientHardware, Address.serverHardware)
            for (interface, length, address, neighbour, hardware) in [
                (near, 24, .v4(Address.gateway4), .v4(Address.client4), clientEnd),
                (near, 64, .v6(Address.gateway6), .v6(Address.client6), clientEnd),
                (far, 24, .v4(Address.router4), .v4(Address.server4), serverEnd),
                (far, 64, .v6(Address.router6), .v6(Address.server6), serverEnd),
            ] as [(Interface, UInt8, InternetAddress, InternetAddress, HardwareAddress)] {
                try routes.addAddress(address, prefixLength: length, to: interface)
                try routes.addNeighbour(neighbour, hardware, on: interface)
            }
            for request in Request.all {
                let gateway: InternetAddress =
                    if case .v4 = request.destination { .v4(Address.server4) } else { .v6(Address.server6) }
                let prefix = AddressPrefix(request.destination, UInt8(request.destination.bytes.count * 8))
                try routes.setRoute(to: prefix, via: gateway, through: far)
            }
        }
    }
}
