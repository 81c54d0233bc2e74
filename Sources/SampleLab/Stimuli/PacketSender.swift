import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// Sends packets of this host whose IP headers are made by hand (raw(7), `IPPROTO_RAW`).
///
/// They go the way of all packets of the network namespace that it was made in. The kernel fills in IPv4's length, checksum, and
/// identification where that is 0.
public struct PacketSender: ~Copyable {
    private let socket4: OwnedDescriptor
    private let socket6: OwnedDescriptor

    /// Opens a socket of each version.
    ///
    /// - Throws: `SystemCallError` with `EPERM` without `CAP_NET_RAW`, `EAFNOSUPPORT` on a kernel without IPv6.
    public init() throws(SystemCallError) {
        let socket4 = try Sockets.make(AF_INET, SOCK_RAW, CInt(IPPROTO_RAW))
        let socket6 = try Sockets.make(AF_INET6, SOCK_RAW, CInt(IPPROTO_RAW))
        self.socket4 = socket4
        self.socket6 = socket6
    }

    /// Sends a packet, from its IP header on, to the address that is in the header too.
    ///
    /// - Throws: `SystemCallError` with `ENETUNREACH` where there is no route, `EMSGSIZE` for one that does not fit.
    public func send(_ packet: [UInt8], to destination: InternetAddress) throws(SystemCallError) {
        let number =
            switch destination {
            case .v4: socket4.number
            case .v6: socket6.number
            }
        let result = Sockets.with(destination, 0) { CInt(sendto(number, packet, packet.count, 0, $0, $1)) }
        try SystemCallError.check(result, "sendto(2)", on: "\(destination)")
    }
}
