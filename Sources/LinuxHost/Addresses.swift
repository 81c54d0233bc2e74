import Glibc
import SystemPackage

/// A network interface of the namespace it was looked up in.
public struct Interface: Sendable, Hashable {
    /// Its name, such as `lo`.
    public let name: String
    /// Its index, 1 or more.
    public let index: CInt

    /// Looks an interface up by name in the calling thread's network namespace.
    ///
    /// - Throws: ``SystemCallError`` with `ENODEV` if there is none.
    public init(named name: String) throws(SystemCallError) {
        let index = if_nametoindex(name)
        guard index != 0 else { throw SystemCallError("if_nametoindex(3)", on: name, errno: Errno(rawValue: ENODEV)) }
        self.name = name
        self.index = CInt(index)
    }
}

/// An Ethernet hardware address.
public struct HardwareAddress: Sendable, Hashable, CustomStringConvertible {
    /// Its six bytes, in the order in which they are sent.
    public let bytes: [UInt8]

    /// A locally administered unicast address, `02:00:00:00:HH:LL` for a number.
    public init(local number: UInt16) {
        bytes = [2, 0, 0, 0, UInt8(number >> 8), UInt8(number & 255)]
    }

    /// Takes six bytes in the order in which they are sent.
    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ e: UInt8, _ f: UInt8) {
        bytes = [a, b, c, d, e, f]
    }

    /// Takes the bytes of a frame; `nil` for another count than six.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 6 else { return nil }
        self.bytes = Array(bytes)
    }

    /// The address in lower-case hexadecimal with colons.
    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}

/// An IPv4 address.
public struct IPv4Address: Sendable, Hashable, CustomStringConvertible {
    /// Its four bytes, in network order.
    public let bytes: [UInt8]

    /// Creates the address a.b.c.d.
    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        bytes = [a, b, c, d]
    }

    /// 127.0.0.1.
    public static let loopback = IPv4Address(127, 0, 0, 1)

    /// The address as a number whose first byte is the most significant one: 0x7f000001 for 127.0.0.1.
    public var number: UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The address as people write it.
    public var description: String {
        bytes.map { "\($0)" }.joined(separator: ".")
    }
}

/// An IPv6 address.
public struct IPv6Address: Sendable, Hashable, CustomStringConvertible {
    /// Its sixteen bytes, in network order.
    public let bytes: [UInt8]

    /// Creates the address of eight groups, as people write it without `::`.
    public init(
        _ a: UInt16,
        _ b: UInt16,
        _ c: UInt16,
        _ d: UInt16,
        _ e: UInt16,
        _ f: UInt16,
        _ g: UInt16,
        _ h: UInt16
    ) {
        bytes = [a, b, c, d, e, f, g, h].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    }

    /// Takes sixteen bytes in network order.
    ///
    /// - Precondition: There are sixteen.
    public init(bytes: [UInt8]) {
        precondition(bytes.count == 16)
        self.bytes = bytes
    }

    /// ::1.
    public static let loopback = IPv6Address(0, 0, 0, 0, 0, 0, 0, 1)

    /// The eight groups in hexadecimal, none left out: `0:0:0:0:0:0:0:1`.
    public var description: String {
        stride(from: 0, to: 16, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
            .joined(separator: ":")
    }
}

/// An address of either version of the Internet protocol.
public enum InternetAddress: Sendable, Hashable, CustomStringConvertible {
    /// An IPv4 address.
    case v4(IPv4Address)
    /// An IPv6 address.
    case v6(IPv6Address)

    /// The address as people write it, one of IPv6 in brackets.
    public var description: String {
        switch self {
        case .v4(let address): "\(address)"
        case .v6(let address): "[\(address)]"
        }
    }
}
