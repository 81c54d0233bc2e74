import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// A kind of socket of the Internet families, as socket(2) takes it, to try whether the kernel lets a process have one.
public struct SocketKind: Sendable, Hashable, CustomStringConvertible {
    /// The version of the Internet protocol.
    public enum Family: String, Sendable, CaseIterable {
        /// `AF_INET`.
        case inet
        /// `AF_INET6`.
        case inet6
    }

    /// The socket's type.
    public enum Style: String, Sendable, CaseIterable {
        /// `SOCK_STREAM`.
        case stream
        /// `SOCK_DGRAM`.
        case datagram
        /// `SOCK_RAW`; needs `CAP_NET_RAW`.
        case raw
    }

    /// Its family.
    public let family: Family
    /// Its type.
    public let style: Style
    /// The number of its protocol, 0 for the type's usual one.
    public let proto: CInt

    /// Names a kind of socket.
    public init(_ family: Family, _ style: Style, _ proto: CInt) {
        self.family = family
        self.style = style
        self.proto = proto
    }

    /// Makes such a socket and closes it.
    ///
    /// - Returns: What socket(2) said: `ok`, the symbol of its errno such as `EPERM`, or the number of one without.
    public func attempt() -> String {
        do throws(SystemCallError) {
            _ = try make()
            return "ok"
        } catch {
            return error.errno.symbol ?? "\(error.errno.rawValue)"
        }
    }

    /// Makes such a socket.
    func make() throws(SystemCallError) -> OwnedDescriptor {
        let family = family == .inet ? AF_INET : AF_INET6
        let type =
            switch style {
            case .stream: SOCK_STREAM
            case .datagram: SOCK_DGRAM
            case .raw: SOCK_RAW
            }
        return try Sockets.make(family, type, proto)
    }

    /// Family, type and protocol in a word each: `inet6 raw 58`.
    public var description: String { "\(family.rawValue) \(style.rawValue) \(proto)" }

    /// Allows every group ICMP sockets of type datagram in the calling thread's network namespace.
    ///
    /// They are the only sockets that share protocols 1 and 58 with raw ones. A kernel without the sysctl is no error.
    public static func allowEchoDatagrams() throws(SystemCallError) {
        do {
            try SmallFile.write("0 2147483647", to: "/proc/sys/net/ipv4/ping_group_range")
        } catch let error where error.errno == .noSuchFileOrDirectory {}
    }
}
