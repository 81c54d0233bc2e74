import Glibc
public import LinuxHost

/// A UDP socket that sends from the network namespace that it was made in.
public struct DatagramSender: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// Opens a socket for addresses of the same version as this one, bound to an address and port of the host.
    ///
    /// Large datagrams may be cut into fragments: their size is not limited to what the path takes (`IP_PMTUDISC_DONT`).
    ///
    /// - Throws: `SystemCallError` with `EADDRNOTAVAIL` for an address that the host does not have.
    public init(from source: InternetAddress, port: UInt16) throws(SystemCallError) {
        let isV4 = if case .v4 = source { true } else { false }
        let made = try Sockets.make(isV4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0)
        // IP_MTU_DISCOVER, IPV6_MTU_DISCOVER and IP_PMTUDISC_DONT of linux/in.h and linux/in6.h.
        try Sockets.set(made, CInt(isV4 ? IPPROTO_IP : IPPROTO_IPV6), isV4 ? 10 : 23, 0, "MTU_DISCOVER")
        try Sockets.bind(made, source, port)
        descriptor = made
    }

    /// Sends a datagram.
    ///
    /// - Throws: `SystemCallError` with `ENETUNREACH` where there is no route.
    public func send(_ payload: [UInt8], to target: InternetAddress, port: UInt16) throws(SystemCallError) {
        let number = descriptor.number
        let result = Sockets.with(target, port) { CInt(sendto(number, payload, payload.count, 0, $0, $1)) }
        try SystemCallError.check(result, "sendto(2)", on: "\(target):\(port)")
    }
}
