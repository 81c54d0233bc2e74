import LinuxHost

/// Frames for programs that drop what is sent to UDP port 9 or TCP port 80, as parse_simple, parse_varlen and parse_ldabs do.
///
/// Each has the headers that its raw value says, with nothing else that such a program may look for.
public enum PortNineFrame: String, CaseIterable, Sendable {
    case udp = "UDP to port 9"
    case longUDP = "UDP to port 9 in 1514 bytes"
    case emptyUDP = "UDP to port 9 in 42 bytes"
    case cut41 = "UDP to port 9, cut after 41 bytes"
    case cut38 = "UDP to port 9, cut behind the port"
    case cut37 = "UDP to port 9, cut in the port"
    case cut34 = "UDP, cut behind the IP header"
    case cut15 = "IPv4, cut after 15 bytes"
    case udpFrom = "UDP from port 9"
    case udpTo10 = "UDP to port 10"
    case udpTo80 = "UDP to port 80"
    case udpTo265 = "UDP to port 0x0109"
    case udpTo2304 = "UDP to port 0x0900"
    case udpLite = "UDP-Lite to port 9"
    case icmp = "ICMP that reads like UDP to port 9"
    case tcp = "TCP to port 80"
    case tcpFrom = "TCP from port 80"
    case tcpTo9 = "TCP to port 9"
    case tcpTo336 = "TCP to port 0x0150"
    case tcpTo20480 = "TCP to port 0x5000"
    case emptyTCP = "TCP to port 80 in 54 bytes"
    case cutTCP = "TCP to port 80, cut after 53 bytes"
    case doNotFragment = "UDP to port 9, not to be fragmented"
    case reservedFlag = "UDP to port 9 with the reserved flag"
    case firstFragment = "UDP to port 9, more fragments"
    case secondFragment = "UDP to port 9 at offset 8"
    case distantFragment = "UDP to port 9 at offset 0x800"
    case highFragment = "UDP to port 9 at offset 0x8000"
    case lastFragment = "UDP to port 9 at offset 0xfff8"
    case options = "UDP to port 9 behind 4 bytes of options"
    case mostOptions = "UDP to port 9 behind 40 bytes of options"
    case decoy = "UDP to port 10 behind options that read like port 9"
    case shortHeader = "UDP to port 9 behind an IPv4 header that says 16 bytes"
    case versionSix = "UDP to port 9 in an IPv4 header of version 6"
    case arp = "UDP to port 9 in a frame of ARP"
    case swappedType = "UDP to port 9 in a frame of type 0x0008"
    case mistaken = "UDP to port 9 over IPv4 in a frame of IPv6"
    case udp6 = "UDP to port 9 over IPv6"
    case udp6From = "UDP from port 9 over IPv6"
    case udp6To10 = "UDP to port 10 over IPv6"
    case cutUDP6 = "UDP to port 9 over IPv6, cut after 61 bytes"
    case cut6 = "IPv6, cut after 53 bytes"
    case tcp6 = "TCP to port 80 over IPv6"
    case tcp6From = "TCP from port 80 over IPv6"
    case tcp6To9 = "TCP to port 9 over IPv6"
    case hopByHop = "UDP to port 9 behind hop-by-hop options"
    case fragment6 = "UDP to port 9 behind a fragment header"
    case ipip = "UDP to port 9 in IPv4 in IPv4"
    case ipipTo10 = "UDP to port 10 in IPv4 in IPv4"
    case ipipTCP = "TCP to port 80 in IPv4 in IPv4"
    case ipipOptions = "UDP to port 9 in IPv4 in IPv4, both with options"
    case ipipMostOptions = "UDP to port 9 in IPv4 with 40 bytes of options in IPv4"
    case ipipFragment = "UDP to port 9 in a first fragment of IPv4 in IPv4"
    case fragmentedIPIP = "UDP to port 9 in IPv4 in a first fragment of IPv4"
    case ipipip = "UDP to port 9 in IPv4 in IPv4 in IPv4"
    case cutIPIP = "IPv4 in IPv4, cut after 53 bytes"
    case cutHeader = "half a header in IPv4 that reads like UDP to port 9"
    case ip6ip = "UDP to port 9 in IPv6 in IPv4"
    case ipip6 = "UDP to port 9 in IPv4 in IPv6"
    case ipip6Options = "TCP to port 80 in IPv4 with options in IPv6"
    case ipip6To10 = "UDP to port 10 in IPv4 in IPv6"
    case ip6ip6 = "UDP to port 9 in IPv6 in IPv6"
    case ip6ip6TCP = "TCP from port 80 in IPv6 in IPv6"
    case ip6ip6To10 = "UDP to port 10 in IPv6 in IPv6"
    case tagged = "UDP to port 9 in a VLAN tag"
    case taggedTo10 = "UDP to port 10 in a VLAN tag"
    case swappedTag = "UDP to port 9 in a tag of type 0x0081"
    case swappedServiceTag = "UDP to port 9 in a tag of type 0xa888"
    case twoSwappedServiceTags = "UDP to port 9 in two tags of type 0xa888"
    case twoSwappedTags = "TCP to port 80 over IPv6 in two tags of type 0x0081"
    case threeSwappedTags = "UDP to port 9 in three tags of type 0x0081"
    case cutSwappedTag = "a tag of type 0x0081, cut after 16 bytes"
    case swappedTagTo10 = "UDP to port 10 in a tag of type 0x0081"
}

extension PortNineFrame {
    /// The EtherTypes that the kernel takes the frames for; 4 (`ETH_P_802_2`) where the type is a length.
    public static let types: [UInt16] = [0x0800, 0x86dd, 0x0806, 0x0004, 0xa888]

    /// The address of a ``VethPair``'s near end.
    private static let nearAddress = HardwareAddress(local: 1)

    /// All frames, to the near end of a ``VethPair``, each with a source address of its own.
    public static let all = allCases.enumerated().map { index, frame in
        FilteredFrames.Frame(
            frame.rawValue,
            frame.bytes(from: HardwareAddress(local: UInt16(0x100 + index)), to: nearAddress),
            runsAlone: frame != .cut15 && frame != .cut6
        )
    }

    /// The titles of some frames.
    public static func titles(_ frames: some Sequence<PortNineFrame>) -> Set<String> { Set(frames.map(\.rawValue)) }

    private func bytes(from source: HardwareAddress, to destination: HardwareAddress) -> [UInt8] {
        let frame = { (type: UInt16, payload: [UInt8]) in
            EthernetFrame.make(from: source, to: destination, type: type, payload)
        }
        let plain = Self.v4(17, Self.udp(9))
        return switch self {
        case .udp: frame(0x0800, plain)
        case .longUDP: frame(0x0800, Self.v4(17, Self.udp(9, size: 1472)))
        case .emptyUDP: frame(0x0800, Self.v4(17, Self.udp(9, size: 0)))
        case .cut41: Array(frame(0x0800, plain)[0..<41])
        case .cut38: Array(frame(0x0800, plain)[0..<38])
        case .cut37: Array(frame(0x0800, plain)[0..<37])
        case .cut34: Array(frame(0x0800, plain)[0..<34])
        case .cut15: Array(frame(0x0800, plain)[0..<15])
        case .udpFrom: frame(0x0800, Self.v4(17, Self.udp(10, from: 9)))
        case .udpTo10: frame(0x0800, Self.v4(17, Self.udp(10)))
        case .udpTo80: frame(0x0800, Self.v4(17, Self.udp(80)))
        case .udpTo265: frame(0x0800, Self.v4(17, Self.udp(0x0109)))
        case .udpTo2304: frame(0x0800, Self.v4(17, Self.udp(0x0900)))
        case .udpLite: frame(0x0800, Self.v4(136, Self.udp(9)))
        case .icmp: frame(0x0800, Self.v4(1, Self.udp(9)))
        case .tcp: frame(0x0800, Self.v4(6, Self.tcp(80)))
        case .tcpFrom: frame(0x0800, Self.v4(6, Self.tcp(81, from: 80)))
        case .tcpTo9: frame(0x0800, Self.v4(6, Self.tcp(9)))
        case .tcpTo336: frame(0x0800, Self.v4(6, Self.tcp(0x0150)))
        case .tcpTo20480: frame(0x0800, Self.v4(6, Self.tcp(0x5000)))
        case .emptyTCP: frame(0x0800, Self.v4(6, EthernetFrame.tcp(from: 4000, to: 80)))
        case .cutTCP: frame(0x0800, Self.v4(6, EthernetFrame.tcp(from: 4000, to: 80))).dropLast()
        case .doNotFragment: frame(0x0800, Self.v4(17, fragment: 0x4000, Self.udp(9)))
        case .reservedFlag: frame(0x0800, Self.v4(17, fragment: 0x8000, Self.udp(9)))
        case .firstFragment: frame(0x0800, Self.v4(17, fragment: 0x2000, Self.udp(9)))
        case .secondFragment: frame(0x0800, Self.v4(17, fragment: 0x0001, Self.udp(9)))
        case .distantFragment: frame(0x0800, Self.v4(17, fragment: 0x0100, Self.udp(9)))
        case .highFragment: frame(0x0800, Self.v4(17, fragment: 0x1000, Self.udp(9)))
        case .lastFragment: frame(0x0800, Self.v4(17, fragment: 0x1fff, Self.udp(9)))
        case .options: frame(0x0800, Self.v4(17, options: [1, 1, 1, 0], Self.udp(9)))
        case .mostOptions: frame(0x0800, Self.v4(17, options: [UInt8](repeating: 1, count: 40), Self.udp(9)))
        case .decoy: frame(0x0800, Self.v4(17, options: [0, 0, 0, 9], Self.udp(10)))
        case .shortHeader: frame(0x0800, [0x44] + plain.dropFirst())
        case .versionSix: frame(0x0800, [0x65] + plain.dropFirst())
        case .arp: frame(0x0806, plain)
        case .swappedType: frame(0x0008, plain)
        case .mistaken: frame(0x86dd, plain)
        case .udp6: frame(0x86dd, Self.v6(17, Self.udp(9)))
        case .udp6From: frame(0x86dd, Self.v6(17, Self.udp(10, from: 9)))
        case .udp6To10: frame(0x86dd, Self.v6(17, Self.udp(10)))
        case .cutUDP6: Array(frame(0x86dd, Self.v6(17, Self.udp(9)))[0..<61])
        case .cut6: Array(frame(0x86dd, Self.v6(17, Self.udp(9)))[0..<53])
        case .tcp6: frame(0x86dd, Self.v6(6, Self.tcp(80)))
        case .tcp6From: frame(0x86dd, Self.v6(6, Self.tcp(81, from: 80)))
        case .tcp6To9: frame(0x86dd, Self.v6(6, Self.tcp(9)))
        case .hopByHop: frame(0x86dd, Self.v6(0, [17, 0, 1, 4, 0, 0, 0, 0] + Self.udp(9)))
        case .fragment6: frame(0x86dd, Self.v6(44, [17, 0, 0, 0, 0, 0, 0, 1] + Self.udp(9)))
        case .ipip: frame(0x0800, Self.v4(4, plain))
        case .ipipTo10: frame(0x0800, Self.v4(4, Self.v4(17, Self.udp(10))))
        case .ipipTCP: frame(0x0800, Self.v4(4, Self.v4(6, Self.tcp(80))))
        case .ipipOptions:
            frame(
                0x0800,
                Self.v4(4, options: [1, 1, 1, 0], Self.v4(17, options: [1, 1, 1, 1, 1, 1, 1, 0], Self.udp(9)))
            )
        case .ipipMostOptions:
            frame(0x0800, Self.v4(4, Self.v4(17, options: [UInt8](repeating: 1, count: 40), Self.udp(9))))
        case .ipipFragment: frame(0x0800, Self.v4(4, Self.v4(17, fragment: 0x2000, Self.udp(9))))
        case .fragmentedIPIP: frame(0x0800, Self.v4(4, fragment: 0x2000, plain))
        case .ipipip: frame(0x0800, Self.v4(4, Self.v4(4, plain)))
        case .cutIPIP: Array(frame(0x0800, Self.v4(4, plain))[0..<53])
        // Its length is in the place of a port where its header has no length.
        case .cutHeader: frame(0x0800, Self.v4(4, [0x40, 0, 0, 9, 0, 0, 0, 0, 64, 17, 0, 0]))
        case .ip6ip: frame(0x0800, Self.v4(41, Self.v6(17, Self.udp(9))))
        case .ipip6: frame(0x86dd, Self.v6(4, plain))
        case .ipip6Options:
            frame(0x86dd, Self.v6(4, Self.v4(6, options: [UInt8](repeating: 1, count: 36), Self.tcp(80))))
        case .ipip6To10: frame(0x86dd, Self.v6(4, Self.v4(17, Self.udp(10))))
        case .ip6ip6: frame(0x86dd, Self.v6(41, Self.v6(17, Self.udp(9))))
        case .ip6ip6TCP: frame(0x86dd, Self.v6(41, Self.v6(6, Self.tcp(81, from: 80))))
        case .ip6ip6To10: frame(0x86dd, Self.v6(41, Self.v6(17, Self.udp(10))))
        case .tagged: frame(0x8100, [0, 5, 0x08, 0] + plain)
        case .taggedTo10: frame(0x8100, [0, 5, 0x08, 0] + Self.v4(17, Self.udp(10)))
        case .swappedTag: frame(0x0081, [0, 5, 0x08, 0] + plain)
        case .swappedServiceTag: frame(0xa888, [0, 5, 0x08, 0] + plain)
        case .twoSwappedServiceTags: frame(0xa888, [0, 5, 0xa8, 0x88, 0, 6, 0x08, 0] + plain)
        case .twoSwappedTags: frame(0x0081, [0, 5, 0, 0x81, 0, 6, 0x86, 0xdd] + Self.v6(6, Self.tcp(80)))
        case .threeSwappedTags: frame(0x0081, [0, 5, 0, 0x81, 0, 6, 0, 0x81, 0, 7, 0x08, 0] + plain)
        case .cutSwappedTag: frame(0x0081, [0, 5])
        case .swappedTagTo10: frame(0x0081, [0, 5, 0x08, 0] + Self.v4(17, Self.udp(10)))
        }
    }

    /// A packet whose other numbers are none of the ports.
    private static func v4(
        _ proto: UInt8,
        fragment: UInt16 = 0,
        options: [UInt8] = [],
        _ payload: [UInt8]
    ) -> [UInt8] {
        let (from, to) = (IPv4Address(10, 0, 0, 2), IPv4Address(10, 0, 0, 1))
        return EthernetFrame.ipv4(from: from, to: to, proto: proto, fragment: fragment, options: options, payload)
    }

    private static func v6(_ next: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let address = { (last: UInt8) in [0xfd] + [UInt8](repeating: 0, count: 14) + [last] }
        return EthernetFrame.ipv6(from: address(2), to: address(1), next: next, payload)
    }

    private static func udp(_ port: UInt16, from source: UInt16 = 4000, size: Int = 18) -> [UInt8] {
        EthernetFrame.udp(from: source, to: port, [UInt8](repeating: 0xa5, count: size))
    }

    private static func tcp(_ port: UInt16, from source: UInt16 = 4000) -> [UInt8] {
        EthernetFrame.tcp(from: source, to: port, [UInt8](repeating: 0xa5, count: 18))
    }
}
