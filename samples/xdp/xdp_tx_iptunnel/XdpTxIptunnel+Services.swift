import LinuxHost
import SampleLab

extension XdpTxIptunnel {
    /// Where packets of a service go.
    struct Tunnel: Sendable, Hashable {
        var source: InternetAddress
        var destination: InternetAddress
        /// The hardware address of the next hop.
        var hardware: HardwareAddress
        /// The protocol of the service, under which its packets count.
        var proto: UInt8
    }

    /// An entry of the program's hash: a virtual address with a port and a protocol, and its tunnel.
    struct Service: Sendable {
        var address: InternetAddress
        var port: UInt16
        var tunnel: Tunnel

        /// `struct vip` of the source: an address in 16 bytes, the port in network order, the family, the protocol, three bytes of nothing.
        struct Key: BitwiseCopyable {
            var words: (UInt64, UInt64, UInt64)
        }

        /// `struct iptnl_info`: two addresses in 16 bytes each, the family, the hardware address.
        struct Value: BitwiseCopyable {
            var words: (UInt64, UInt64, UInt64, UInt64, UInt64)
        }

        var key: Key {
            let bytes = Self.padded(address) + EthernetFrame.big(port) + Self.family(address) + [tunnel.proto, 0, 0, 0]
            return bytes.withUnsafeBytes { $0.loadUnaligned(as: Key.self) }
        }

        var value: Value {
            let bytes =
                Self.padded(tunnel.source) + Self.padded(tunnel.destination) + Self.family(tunnel.source)
                + tunnel.hardware.bytes
            return bytes.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
        }

        private static func padded(_ address: InternetAddress) -> [UInt8] {
            address.bytes + [UInt8](repeating: 0, count: 16 - address.bytes.count)
        }

        /// `AF_INET` or `AF_INET6` in the machine's byte order.
        private static func family(_ address: InternetAddress) -> [UInt8] {
            let number: UInt16 = if case .v4 = address { 2 } else { 10 }
            return withUnsafeBytes(of: number) { Array($0) }
        }
    }
}

extension XdpTxIptunnel.Service {
    typealias Tunnel = XdpTxIptunnel.Tunnel

    /// The most entries that the hash takes (`MAX_IPTNL_ENTRIES` of the source).
    static let most = 256

    static let web = v4(10, 0, 0, 1)
    static let range = v4(10, 0, 0, 2)
    static let crossed = v4(10, 0, 0, 3)
    static let filler = v4(10, 99, 0, 1)
    static let web6 = v6(0xfd00, 0x1234, 0x5678, 0x9abc, 0x0011, 0x2233, 0x4455, 1)
    static let crossed6 = v6(0xfd00, 0, 0, 0, 0, 0, 0, 3)
    /// An address of IPv6 whose first four bytes are one of IPv4, and nothing behind them.
    static let short6 = v6(0x0a00, 0x0007, 0, 0, 0, 0, 0, 0)

    /// Ports of UDP at ``range``.
    static let ports: ClosedRange<UInt16> = 443...447
    /// Ports of UDP at ``filler``, as many as there is room for.
    static let rest: ClosedRange<UInt16> = 20000...(20000 + UInt16(most - special.count) - 1)

    /// Every entry, as many as the hash takes.
    static let all: [Self] = special + rest.map { Self(address: filler, port: $0, tunnel: tunnel4(9, 17)) }
    /// One more than that.
    static let surplus = Self(address: filler, port: rest.upperBound + 1, tunnel: tunnel4(9, 17))

    private static let special: [Self] =
        [
            Self(address: web, port: 9000, tunnel: tunnel4(1, 17)),
            Self(address: web, port: 9000, tunnel: tunnel4(2, 6)),
            Self(address: web, port: 65535, tunnel: tunnel4(3, 6)),
            // Protocols without ports have port 0.
            Self(address: web, port: 0, tunnel: tunnel4(4, 1)),
            Self(address: web, port: 0, tunnel: tunnel4(5, 0)),
            Self(address: web, port: 0, tunnel: tunnel4(6, 255)),
            Self(address: web6, port: 9000, tunnel: tunnel6(1, 17)),
            Self(address: web6, port: 9000, tunnel: tunnel6(2, 6)),
            Self(address: web6, port: 1, tunnel: tunnel6(3, 17)),
            Self(address: web6, port: 0, tunnel: tunnel6(4, 58)),
            Self(address: web6, port: 0, tunnel: tunnel6(5, 0)),
            Self(address: web6, port: 0, tunnel: tunnel6(6, 255)),
            Self(address: short6, port: 9000, tunnel: tunnel6(7, 17)),
            // Tunnels of the other version.
            Self(address: crossed, port: 9000, tunnel: tunnel6(8, 17)),
            Self(address: crossed6, port: 9000, tunnel: tunnel4(8, 17)),
        ] + ports.map { Self(address: range, port: $0, tunnel: tunnel4(7, 17)) }

    /// The tunnel for an address, port and protocol, if it is of the address's version: the program has no header for another.
    static func tunnel(_ address: InternetAddress, _ port: UInt16, _ proto: UInt8) -> Tunnel? {
        let service = all.first { $0.address == address && $0.port == port && $0.tunnel.proto == proto }
        return service.flatMap { $0.tunnel.source.bytes.count == address.bytes.count ? $0.tunnel : nil }
    }

    // No byte of a tunnel's addresses is another's at its place.
    private static func tunnel4(_ number: UInt8, _ proto: UInt8) -> Tunnel {
        Tunnel(
            source: v4(172, 16 + number, 0xf0, number),
            destination: v4(192, 168, 0x80 + number, 0xfe - number),
            hardware: HardwareAddress(0x0a, 0x31, 0x42, 0x53, 0x64, number),
            proto: proto
        )
    }

    private static func tunnel6(_ number: UInt8, _ proto: UInt8) -> Tunnel {
        let last = UInt16(number)
        return Tunnel(
            source: v6(0xfd10, 0x1111, 0x2222, 0x3333, 0x4444, 0x5555, 0x6666, last),
            destination: v6(0xfd20, 0xaaaa, 0xbbbb, 0xcccc, 0xdddd, 0xeeee, 0xfff0, 0x100 + last),
            hardware: HardwareAddress(0x0e, 0x75, 0x86, 0x97, 0xa8, number),
            proto: proto
        )
    }

    private static func v4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> InternetAddress {
        .v4(IPv4Address(a, b, c, d))
    }

    private static func v6(
        _ a: UInt16,
        _ b: UInt16,
        _ c: UInt16,
        _ d: UInt16,
        _ e: UInt16,
        _ f: UInt16,
        _ g: UInt16,
        _ h: UInt16
    ) -> InternetAddress { .v6(IPv6Address(a, b, c, d, e, f, g, h)) }
}
