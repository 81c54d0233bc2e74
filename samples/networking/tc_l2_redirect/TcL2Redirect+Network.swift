import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension TcL2Redirect {
    /// Addresses of the network, those of upstream's script.
    enum Address {
        static let clientHardware = HardwareAddress(local: 1)
        static let nearHardware = HardwareAddress(local: 2)
        static let farHardware = HardwareAddress(local: 3)
        static let serverHardware = HardwareAddress(local: 4)

        static let client4 = IPv4Address(10, 1, 1, 101)
        static let client6 = IPv6Address(0x2401, 0xdb01, 0, 0, 0, 0, 0, 0x65)
        static let gateway4 = IPv4Address(10, 1, 1, 1)
        static let gateway6 = IPv6Address(0x2401, 0xdb01, 0, 0, 0, 0, 0, 1)
        static let router4 = IPv4Address(10, 2, 1, 1)
        static let router6 = IPv6Address(0x2401, 0xdb02, 0, 0, 0, 0, 0, 1)
        static let server4 = IPv4Address(10, 2, 1, 102)
        static let server6 = IPv6Address(0x2401, 0xdb02, 0, 0, 0, 0, 0, 0x66)

        static let clients4 = AddressPrefix(.v4(IPv4Address(10, 1, 1, 0)), 24)
        static let clients6 = AddressPrefix(.v6(IPv6Address(0x2401, 0xdb01, 0, 0, 0, 0, 0, 0)), 64)

        /// Settings of a host that says nothing on its own, takes every answer, and sends with a hop limit.
        static func settings(hopLimit: Int) -> [(name: String, value: String)] {
            ["all", "default"].flatMap { scope in
                [
                    ("ipv4/conf/\(scope)/rp_filter", "0"), ("ipv6/conf/\(scope)/disable_ipv6", "0"),
                    ("ipv6/conf/\(scope)/accept_ra", "0"), ("ipv6/conf/\(scope)/hop_limit", "\(hopLimit)"),
                    // No link-local addresses, whose groups would be reported through the tunnels.
                    ("ipv6/conf/\(scope)/addr_gen_mode", "1"),
                ]
            } + [("ipv6/auto_flowlabels", "0")]
        }
    }

    /// A router in the sample's own namespace, with a client and a server in namespaces of theirs.
    ///
    /// The devices bear the names of upstream's script.
    struct Network: ~Copyable {
        // They hold the namespaces; all that is in them goes with the sample's process.
        private let clientNamespace: NetworkNamespace
        private let serverNamespace: NetworkNamespace
        private let client: Client
        private var server: Server
        private var router: Router
        private var filters: [Place: String] = [:]

        /// Where a program can be.
        private enum Place: CaseIterable {
            case nearIngress
            case farIngress
            case farEgress
            case entranceIngress
        }

        init() throws {
            let clientNamespace = try NetworkNamespace()
            let serverNamespace = try NetworkNamespace()
            try clientNamespace.perform { try IPv6.disable() }
            try serverNamespace.perform { try NetworkSettings.write(Address.settings(hopLimit: 64)) }
            var router = try Router(clientNamespace, serverNamespace)
            let client = try clientNamespace.perform { try Client() }
            let server = try serverNamespace.perform { try Server() }
            try router.learnRoutes()
            self.router = router
            self.client = client
            self.server = server
            self.clientNamespace = clientNamespace
            self.serverNamespace = serverNamespace
        }

        /// The router's device of a kind of tunnel.
        func device(of tunnel: Tunnel) -> Interface { tunnel == .ipip ? router.ipip : router.ip6tnl }

        /// Puts the programs in place that a step wants, and no others, and sends the answers the step's way.
        mutating func arrange(_ step: Step, _ object: borrowing LoadedObject) throws {
            try server.answer(through: step.tunnel)
            let redirecting = step.redirects ? step.tunnel.program : nil
            try set(.nearIngress, step.side == .ingress ? redirecting : nil, object)
            try set(.farEgress, step.side == .ingress ? nil : redirecting, object)
            try set(.farIngress, step.forwards ? "_l2_to_iptun_ingress_forward" : nil, object)
            try set(.entranceIngress, step.drops ? "_drop_non_tun_vip" : nil, object)
        }

        private mutating func set(_ place: Place, _ function: String?, _ object: borrowing LoadedObject) throws {
            guard filters[place] != function else { return }
            try remove(place)
            guard let function else { return }
            let program = try object.program(function)
            switch place {
            case .nearIngress: try program.attachFilter(to: router.near, at: .ingress, by: &router.routes)
            case .farIngress: try program.attachFilter(to: router.far, at: .ingress, by: &router.routes)
            case .farEgress: try program.attachFilter(to: router.far, at: .egress, by: &router.routes)
            case .entranceIngress: try program.attachFilter(to: server.entrance, at: .ingress, by: &server.routes)
            }
            filters[place] = function
        }

        private mutating func remove(_ place: Place) throws {
            guard filters.removeValue(forKey: place) != nil else { return }
            switch place {
            case .nearIngress: try router.routes.removeFilter(from: router.near, at: .ingress)
            case .farIngress: try router.routes.removeFilter(from: router.far, at: .ingress)
            case .farEgress: try router.routes.removeFilter(from: router.far, at: .egress)
            case .entranceIngress: try server.routes.removeFilter(from: server.entrance, at: .ingress)
            }
        }

        /// Takes every program away, which then ends with its object and not with the namespaces.
        mutating func removeFilters() throws {
            for place in Place.allCases { try remove(place) }
        }

        /// Sends a request from the client, or from the router in its name.
        func send(_ request: Request, _ side: Step.Side) throws {
            switch side {
            case .ingress, .egress: try client.eye.send(request.frame)
            case .local: try router.sender.send(request.packet, to: request.destination)
            }
        }

        /// Takes out what came in at the client, having waited for so many frames.
        func answers(atLeast count: Int) throws -> [String: Int] {
            let frames = try client.eye.frames(atLeast: count, where: Self.isSighting)
            return Self.counted(frames) { PacketForm.frame($0) }
        }

        /// Takes out what came in at the server.
        func arrivals() throws -> [String: Int] {
            Self.counted(try server.eye.frames()) { PacketForm.frame($0) }
        }

        /// Takes out what came in at a tunnel device of the router, whose packets have no Ethernet header.
        func unpacked(by tunnel: Tunnel) throws -> [String: Int] {
            let frames = try tunnel == .ipip ? router.ipipEye.frames() : router.ip6Eye.frames()
            var found: [String: Int] = [:]
            for frame in frames where !frame.isOutgoing { found[PacketForm.packet(frame.bytes), default: 0] += 1 }
            return found
        }

        /// What a tunnel device of the router has counted so far.
        func traffic(of tunnel: Tunnel) throws -> (received: Tally, sent: Tally) {
            let traffic = try InterfaceTraffic(of: device(of: tunnel))
            return (
                Tally(traffic.received.packets, traffic.received.bytes), Tally(traffic.sent.packets, traffic.sent.bytes)
            )
        }

        /// Whether a frame came in, and is no multicast: the kernel reports its IPv6 groups when it likes.
        private static func isSighting(_ frame: PacketSocket.Frame) -> Bool {
            !frame.isOutgoing && frame.bytes.first.map { $0 & 1 == 0 } ?? true
        }

        private static func counted(
            _ frames: [PacketSocket.Frame],
            _ form: ([UInt8]) -> String
        ) -> [String: Int] {
            var found: [String: Int] = [:]
            for frame in frames where isSighting(frame) { found[form(frame.bytes), default: 0] += 1 }
            return found
        }
    }
}
