import LibBPF
import LinuxHost
import RunModel
import SampleLab

extension TestTunnelBpf {
    /// A kind of tunnel, by the name that upstream's script has for it.
    enum Kind: String, Sendable, CaseIterable {
        case gre, ip6gre, ip6gretap, erspan, ip6erspan, vxlan, ip6vxlan, geneve, ip6geneve
        // From the side whose address the programs send to; only sent.
        case vxlanBack = "vxlan from the other side"
        case ip6vxlanBack = "ip6vxlan from the other side"

        /// Those with a program for either direction.
        static let both = allCases.filter { $0.getter != nil }
    }
}

extension TestTunnelBpf.Kind: TunnelKind {
    var device: ExternalTunnel {
        switch self {
        case .gre: .gretap
        case .ip6gre: .ip6gre
        case .ip6gretap: .ip6gretap
        case .erspan: .erspan
        case .ip6erspan: .ip6erspan
        case .vxlan, .ip6vxlan, .vxlanBack, .ip6vxlanBack: .vxlan
        case .geneve, .ip6geneve: .geneve
        }
    }

    /// There is one of `ip6gre` and `ip6gretap` at most in a host, and what comes without a key may go to an `ip6erspan` beside it.
    var host: TunnelHost {
        switch self {
        case .ip6gre, .ip6erspan: .other
        case .vxlanBack, .ip6vxlanBack: .back
        default: .near
        }
    }

    var setter: String {
        switch self {
        case .ip6gre, .ip6gretap: "ip6gretap_set_tunnel"
        case .ip6erspan: "ip4ip6erspan_set_tunnel"
        case .vxlan, .ip6vxlan: "\(rawValue)_set_tunnel_src"
        case .vxlanBack: "vxlan_set_tunnel_dst"
        case .ip6vxlanBack: "ip6vxlan_set_tunnel_dst"
        default: "\(rawValue)_set_tunnel"
        }
    }

    var getter: String? { host == .back ? nil : setter.replacing("_set_", with: "_get_") }

    var isV6: Bool { rawValue.hasPrefix("ip6") }

    var network: UInt8 { UInt8(Self.allCases.firstIndex(of: self) ?? 0) + 1 }

    var sent: [TunneledPacket] {
        let filling = TunneledPacket.filling
        return [
            .inside("IPv4", network, filling(72)), .inside("a header of IPv4 alone", network, []),
            .inside("IPv4 of 1200 bytes", network, filling(1180)),
            .inside("IPv4 of another service", network, service: 0xb8, filling(77)),
            .inside("IPv6", network, isV4: false, filling(52)),
            .inside("IPv6 of 1200 bytes", network, isV4: false, filling(1160)),
        ]
    }

    /// What the programs for VXLAN find in their map, as a number: the address that they send from, or to.
    func local(_ run: TunnelRun) -> UInt32 {
        switch self {
        case .vxlan, .vxlanBack: TunnelAddress.second4.number
        case .ip6vxlan, .ip6vxlanBack: UInt32(run.mark)
        default: 0
        }
    }

    func headers(around content: [UInt8], _ run: TunnelRun) -> TunnelHeaders {
        let (near4, far4) = (InternetAddress.v4(TunnelAddress.near4), InternetAddress.v4(TunnelAddress.far4))
        let (near6, far6) = (InternetAddress.v6(TunnelAddress.near6), InternetAddress.v6(TunnelAddress.far6))
        // What the map says.
        let local4 = InternetAddress.v4(TunnelAddress.v4(local(run)))
        let local6 = InternetAddress.v6(TunnelAddress.v6(UInt16(truncatingIfNeeded: local(run))))
        let ports = (source: device.sourcePort ?? 1, target: device.port ?? 0)
        let vxlan4 = TunnelHeaders.vxlan(network: 2, policy: 0xff)
        let vxlan6 = TunnelHeaders.vxlan(network: 22)
        switch self {
        case .gre: return TunnelHeaders(from: near4, to: far4, TunnelHeaders.gre(0x6558, key: 2, number: 0))
        case .ip6gre, .ip6gretap:
            // The packet's own type, which is that of its version.
            let type: UInt16 = self == .ip6gretap ? 0x6558 : content[0] >> 4 == 4 ? 0x0800 : 0x86dd
            let header = TunnelHeaders.gre(type, key: 2, number: 0)
            return TunnelHeaders(from: near6, to: far6, label: 0xabcde, header)
        case .erspan:
            let header = TunnelHeaders.gre(0x22eb, number: 0) + mirrored(content, hardware: 7, isOutgoing: true)
            return TunnelHeaders(from: near4, to: far4, header)
        case .ip6erspan:
            let header = TunnelHeaders.gre(0x22eb, number: 0) + mirrored(content, hardware: 17, isOutgoing: false)
            return TunnelHeaders(from: near6, to: far6, header)
        case .vxlan: return TunnelHeaders(from: local4, to: far4, ports: ports, vxlan4)
        case .vxlanBack: return TunnelHeaders(from: far4, to: local4, ports: ports, vxlan4)
        case .ip6vxlan: return TunnelHeaders(from: local6, to: far6, ports: ports, isSummed: true, vxlan6)
        case .ip6vxlanBack: return TunnelHeaders(from: far6, to: local6, ports: ports, isSummed: true, vxlan6)
        case .geneve:
            let header = TunnelHeaders.geneve(network: 2, options: run.option([0xde, 0xad, 0xbe, 0xef]))
            return TunnelHeaders(from: near4, to: far4, ports: ports, header)
        case .ip6geneve:
            let header = TunnelHeaders.geneve(network: 22, options: run.option([0xfe, 0xed, 0xbe, 0xef]))
            return TunnelHeaders(from: near6, to: far6, ports: ports, isSummed: true, header)
        }
    }

    /// ERSPAN's header: the kernel adds the service that it finds in the packet, and whether the frame is short.
    private func mirrored(_ frame: [UInt8], hardware: UInt8, isOutgoing: Bool) -> [UInt8] {
        // In a tunnel of IPv6 it reads every packet as IPv6, and in one of IPv4 as IPv4.
        let service = isV6 ? frame[14] << 4 | frame[15] >> 4 : frame[15]
        return TunnelHeaders.erspan(version: 2, session: 2, service: service, isShort: frame.count < 60)
            + TunnelHeaders.mirror(time: 0, hardware: hardware, isOutgoing: isOutgoing)
    }
}

// MARK: What the object at hand does with options of GENEVE

extension TunnelRun {
    /// Whether the object is of a tree whose options have less room than they say; any other one is judged as that of Linux 6.1.
    static let hasShortOptions = "an object with short options"

    /// Says it by how many bytes of options the programs give to the kernel, and how many they take from it.
    static func hasShortOptions(_ object: borrowing LoadedObject) -> Int {
        let size = { (program: String, helper: Int32, object: borrowing LoadedObject) in
            let body = object.instructions[program] ?? []
            return Instruction.constants(ofArgument: 3, ofHelper: helper, in: body).compactMap { $0 }.first
        }
        // BPF_FUNC_skb_get_tunnel_opt is 29, BPF_FUNC_skb_set_tunnel_opt 30 (linux/bpf.h).
        return size("geneve_set_tunnel", 30, object) == 8 && size("geneve_get_tunnel", 29, object) == 4 ? 1 : 0
    }

    /// Whether the kernel warns of options of GENEVE that come in, so that none do.
    static let warnsOfOptions = "a kernel that warns of options"

    /// Linux 6.10 to 6.14 log a field-spanning write for each (`ip_tunnel_info_opts_set()`, include/net/ip_tunnels.h), where the
    /// compiler sees how much room there is; nothing is wrong with what they do.
    static func whetherKernelWarns() throws -> Int {
        let version = KernelVersion(try SmallFile.text("/proc/sys/kernel/osrelease"))
        return version.map { $0 >= KernelVersion(6, 10) && $0 < KernelVersion(6, 15) } == true ? 1 : 0
    }

    /// Whether programs for a kind do the same on every machine.
    ///
    /// Those for ERSPAN in trees with short options reach outside of its header: `BPF_CORE_WRITE_BITFIELD()` and its like add the
    /// place of a struct within another twice. What they read there is whatever lies on the stack.
    func canJudge(_ kind: TestTunnelBpf.Kind) -> Bool {
        facts[Self.hasShortOptions] == 0 || (kind != .erspan && kind != .ip6erspan)
    }

    var takesOptions: Bool { facts[Self.warnsOfOptions] == 0 }

    /// How many bytes of options the programs take.
    var optionsTaken: Int { facts[Self.hasShortOptions] == 1 ? 4 : 12 }

    /// The option of the programs, which says that it has eight bytes of data, also where there are fewer.
    func option(_ data: [UInt8]) -> [UInt8] {
        [0x01, 0x02, 0x08, 0x02] + data + (facts[Self.hasShortOptions] == 1 ? [] : [0, 0, 0, 0])
    }
}
