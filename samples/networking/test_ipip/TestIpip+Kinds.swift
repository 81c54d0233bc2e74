import LinuxHost
import SampleLab

extension TestIpip {
    /// A kind of tunnel, by the name that its programs have for it: the outer version follows the inner one.
    enum Kind: String, Sendable, CaseIterable {
        case ipip, ipip6, ip6ip6
    }
}

extension TestIpip.Kind: TunnelKind {
    var device: ExternalTunnel { self == .ipip ? .ipip : .ip6tnl }
    var host: TunnelHost { .near }
    var setter: String { "\(rawValue)_set_tunnel" }
    var getter: String? { "\(rawValue)_get_tunnel" }
    var isV6: Bool { self != .ipip }
    private var carriesV4: Bool { self != .ip6ip6 }

    var network: UInt8 {
        switch self {
        case .ipip: 1
        case .ipip6: 2
        case .ip6ip6: 3
        }
    }

    func carriesEchoes(isV4: Bool) -> Bool { isV4 == carriesV4 }

    var sent: [TunneledPacket] { ownEchoes }

    var astray: [TunneledPacket] {
        let filling = TunneledPacket.filling
        let named: [(String, UInt8, [UInt8])] = [
            ("TCP to port 5200", 6, EthernetFrame.tcp(from: 4000, to: 5200, filling(8))),
            ("TCP to port 5201", 6, EthernetFrame.tcp(from: 4000, to: 5201, filling(9))),
            ("UDP", 17, EthernetFrame.udp(from: 4000, to: 9, filling(10))),
            // The number of the other version's ICMP.
            ("the other ICMP", carriesV4 ? 58 : 1, filling(40)),
            ("a neighbour of ICMP's number", carriesV4 ? 2 : 59, filling(41)),
        ]
        return named.map { .inside($0.0, network, isV4: carriesV4, proto: $0.1, $0.2) }
    }

    /// What has no address to go to in IPv4 goes to the host itself.
    var homeward: (headers: TunnelHeaders, line: String)? {
        guard self == .ipip else { return nil }
        return (TunnelHeaders(from: .v4(.loopback), to: .v4(.loopback), proto: proto, []), "remote ip 0x7f000001")
    }

    /// The protocol of what it carries.
    private var proto: UInt8 { carriesV4 ? 4 : 41 }

    func received(_ number: Int) -> TunneledPacket {
        .inside("", network, between: (100, 77), isV4: carriesV4, TunneledPacket.filling(40 + number))
    }

    func arrivals(_ run: TunnelRun) -> [TunnelArrival] {
        ([1, 2] as [UInt8]).map { number in
            let word = TunnelAddress.sender6(run, number).bytes[0..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let text = String(word, radix: 16)
            let line =
                isV6
                ? "remote ip6 \(text)::\(text)"
                : "remote ip 0x\(String(TunnelAddress.sender4(run, number).number, radix: 16))"
            return TunnelArrival("sender \(number)", incoming(number, run, proto: proto, []), lines: [line])
        }
    }

    func headers(around content: [UInt8], _ run: TunnelRun) -> TunnelHeaders {
        isV6
            ? TunnelHeaders(from: .v6(TunnelAddress.near6), to: .v6(TunnelAddress.far6), proto: proto, [])
            : TunnelHeaders(from: .v4(TunnelAddress.near4), to: .v4(TunnelAddress.far4), proto: proto, [])
    }
}
