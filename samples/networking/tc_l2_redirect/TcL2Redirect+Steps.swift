import LinuxHost
import SampleKit
import SampleLab

extension TcL2Redirect {
    /// A kind of tunnel, with the program that redirects into it.
    enum Tunnel: String, CaseIterable {
        case ipip
        case ip6tnl

        var kind: RouteSocket.TunnelKind { self == .ipip ? .ipip : .ip6tnl }
        var other: Tunnel { self == .ipip ? .ip6tnl : .ipip }
        /// The name of the router's device, that of upstream's script.
        var device: String { self == .ipip ? "ipt" : "ip6t" }
        /// The program that redirects into it.
        var program: String { self == .ipip ? "_l2_to_iptun_ingress_redirect" : "_l2_to_ip6tun_ingress_redirect" }
        /// Bytes of the outer header.
        var overhead: Int { self == .ipip ? 20 : 40 }

        /// Whether it carries a version of the Internet protocol.
        func carries(_ address: InternetAddress) -> Bool {
            if case .v6 = address { self == .ip6tnl } else { true }
        }
    }

    /// An arrangement of programs.
    struct Step {
        let tunnel: Tunnel
        let side: Side
        let arrangement: Arrangement

        /// Where requests are redirected.
        enum Side: String {
            /// Where they come in from the client.
            case ingress = "at ingress"
            /// Where they go out to the server.
            case egress = "at egress"
            /// There too, but they are sent by the router, in the client's name.
            case local = "at egress without forwarding"
        }

        /// Which programs are in place.
        enum Arrangement: String, CaseIterable {
            /// All three.
            case whole = "all in place"
            /// All but the one that redirects requests.
            case unredirected = "requests not redirected"
            /// Only the one that forwards what comes back.
            case undropped = "neither redirected nor dropped"
            /// All but the one that forwards what comes back.
            case unforwarded = "answers not forwarded"
        }

        var title: String { "\(tunnel) \(side.rawValue), \(arrangement.rawValue)" }
        var redirects: Bool { arrangement == .whole || arrangement == .unforwarded }
        var drops: Bool { arrangement != .undropped }
        var forwards: Bool { arrangement != .unforwarded }

        /// Every arrangement of both kinds of tunnels, where the side makes a difference on each side.
        ///
        /// The whole one comes last, so that every other step is followed by one in which all is answered.
        static let all = Tunnel.allCases.flatMap { tunnel in
            let ingress: [Arrangement] = [.unredirected, .undropped, .unforwarded, .whole]
            return ingress.map { Step(tunnel: tunnel, side: .ingress, arrangement: $0) }
                + [.unredirected, .whole].map { Step(tunnel: tunnel, side: .egress, arrangement: $0) }
                + [Step(tunnel: tunnel, side: .local, arrangement: .whole)]
        }

        func redirects(_ request: Request) -> Bool {
            redirects && request.isVirtual && tunnel.carries(request.destination)
        }

        /// Whether the answer to a request comes back in the tunnel, as the server's routes say.
        func returns(_ request: Request) -> Bool { tunnel.carries(request.destination) }

        var answered: [Request] {
            Request.all.filter { redirects($0) || !(drops && $0.isVirtual) }
        }
    }

    /// Echo requests to one address.
    struct Request {
        let destination: InternetAddress
        /// Whether the address is a virtual one to the kern half: 10.10.1.0/24 or 2401:face::/32.
        let isVirtual: Bool
        let count: Int
        /// Bytes behind the header of the request.
        let payloadSize: Int

        /// The first and the last virtual addresses and their neighbours, the virtual ones first.
        static let all = [
            Request(destination: v4(10, 10, 1, 0), isVirtual: true, count: 3, payloadSize: 1372),
            Request(destination: v4(10, 10, 1, 255), isVirtual: true, count: 2, payloadSize: 1),
            Request(destination: v6(0x2401, 0xface, 0, 0x66), isVirtual: true, count: 2, payloadSize: 1352),
            Request(destination: v6(0x2401, 0xface, 0xffff, 0xffff), isVirtual: true, count: 1, payloadSize: 2),
            Request(destination: v4(10, 10, 0, 255), isVirtual: false, count: 1, payloadSize: 56),
            Request(destination: v4(10, 10, 2, 0), isVirtual: false, count: 2, payloadSize: 57),
            Request(destination: v4(10, 11, 1, 102), isVirtual: false, count: 1, payloadSize: 58),
            Request(destination: v6(0x2401, 0xfacd, 0xffff, 0xffff), isVirtual: false, count: 2, payloadSize: 59),
            Request(destination: v6(0x2501, 0xface, 0, 0x66), isVirtual: false, count: 1, payloadSize: 60),
        ]

        /// The sender's address, of the destination's version.
        var source: InternetAddress {
            if case .v4 = destination { .v4(Address.client4) } else { .v6(Address.client6) }
        }

        var payload: [UInt8] { (0..<payloadSize).map { UInt8(($0 + payloadSize) & 255) } }

        /// Bytes of the packet, its IP header included; its answer has as many.
        var size: Int {
            if case .v4 = destination { 28 + payloadSize } else { 48 + payloadSize }
        }

        /// The TTL that a request starts with: neither a tunnel's nor a host's.
        static let ttl: UInt8 = 33

        /// The packet that the client sends, or the router in its name.
        var packet: [UInt8] {
            switch (source, destination) {
            case (.v4(let source), .v4(let destination)):
                let message = EthernetFrame.echo(payload)
                return EthernetFrame.ipv4(from: source, to: destination, proto: 1, ttl: Self.ttl, message)
            default:
                let (from, to) = (source.bytes, destination.bytes)
                let message = EthernetFrame.echo(payload, from: from, to: to)
                return EthernetFrame.ipv6(from: from, to: to, next: 58, hopLimit: Self.ttl, message)
            }
        }

        /// The frame around it.
        var frame: [UInt8] {
            let type: UInt16 = if case .v4 = destination { 0x0800 } else { 0x86dd }
            return EthernetFrame.make(from: Address.clientHardware, to: Address.nearHardware, type: type, packet)
        }

        private static func v4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> InternetAddress {
            .v4(IPv4Address(a, b, c, d))
        }

        private static func v6(_ first: UInt16, _ second: UInt16, _ third: UInt16, _ last: UInt16) -> InternetAddress {
            .v6(IPv6Address(first, second, third, 0, 0, 0, 0, last))
        }
    }
}
