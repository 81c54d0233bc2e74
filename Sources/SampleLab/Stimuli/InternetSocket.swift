import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// A socket of the Internet families that a sample sends and receives by, or whose options it looks at.
///
/// It belongs to the cgroup and the network namespace that its maker was in when it was made, wherever its maker goes then.
public struct InternetSocket: ~Copyable, Sendable {
    /// The socket.
    public let descriptor: OwnedDescriptor

    /// Makes a socket.
    ///
    /// What it sends may be cut into fragments (`IP_PMTUDISC_DONT`).
    ///
    /// - Throws: `SystemCallError` with `EPERM` where a program does not let the caller have it, `EAFNOSUPPORT` without IPv6.
    public init(_ kind: SocketKind) throws(SystemCallError) {
        let made = try kind.make()
        let isV4 = kind.family == .inet
        // IP_MTU_DISCOVER, IPV6_MTU_DISCOVER and IP_PMTUDISC_DONT of linux/in.h and linux/in6.h.
        try Sockets.set(made, CInt(isV4 ? IPPROTO_IP : IPPROTO_IPV6), isV4 ? 10 : 23, 0, "MTU_DISCOVER")
        descriptor = made
    }

    private init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    // MARK: Datagrams and connections

    /// Gives it an address and port of its host, 0 for any port.
    ///
    /// - Throws: `SystemCallError` with `EADDRNOTAVAIL` for an address that the host does not have.
    public func bind(to address: InternetAddress, port: UInt16 = 0) throws(SystemCallError) {
        try Sockets.bind(descriptor, address, port)
    }

    /// The port that it has.
    public func port() throws(SystemCallError) -> UInt16 { try Sockets.port(descriptor) }

    /// Makes room for so many bytes that are on their way out, or have come and were not taken yet, whatever the limits of users are.
    public func setBuffers(_ bytes: CInt) throws(SystemCallError) {
        try Sockets.set(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, bytes, "SO_RCVBUFFORCE")
        try Sockets.set(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, bytes, "SO_SNDBUFFORCE")
    }

    /// Sends a datagram.
    ///
    /// - Returns: What sendto(2) said: `ok`, or the symbol of its errno, such as `EPERM` where a program drops the datagram.
    public func offer(_ payload: [UInt8], to target: InternetAddress, port: UInt16) -> String {
        InternetSocket.offer(payload, by: descriptor.number, to: target, port: port)
    }

    /// Sends a datagram by a socket's number, for threads that share the socket; see ``offer(_:to:port:)``.
    public static func offer(
        _ payload: [UInt8],
        by number: CInt,
        to target: InternetAddress,
        port: UInt16
    ) -> String {
        let result = Sockets.with(target, port) {
            CInt(sendto(number, payload, payload.count, CInt(MSG_NOSIGNAL), $0, $1))
        }
        let error = errno
        return result >= 0 ? "ok" : Errno(rawValue: error).symbol ?? "errno \(error)"
    }

    /// Takes out one datagram.
    ///
    /// - Returns: Its payload; `nil` if none comes before the deadline.
    public func receive(until deadline: Deadline = Deadline(after: answerTime)) throws(SystemCallError) -> [UInt8]? {
        try Sockets.receive(descriptor, deadline)
    }

    /// Takes out all datagrams that are there.
    public func receiveAll() throws(SystemCallError) -> [[UInt8]] {
        var found: [[UInt8]] = []
        while let payload = try receive(until: Deadline(after: .zero)) { found.append(payload) }
        return found
    }

    /// Lets others connect to it.
    public func listen() throws(SystemCallError) {
        try SystemCallError.check(Glibc.listen(descriptor.number, 16), "listen(2)", on: "a socket")
    }

    /// Connects to a port; the answer is waited for, up to the deadline that a stimulus has.
    ///
    /// - Throws: `SystemCallError` with `ECONNREFUSED` where nobody listens, `EAGAIN` where nobody answers.
    public func connect(to target: InternetAddress, port: UInt16) throws(SystemCallError) {
        // A connect(2) that blocks ends by the limit for sending.
        var limit = timeval(tv_sec: Int(answerTime.components.seconds), tv_usec: 0)
        let number = descriptor.number
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = Sockets.with(target, port) { Glibc.connect(number, $0, $1) }
        try SystemCallError.check(result, "connect(2)", on: "\(target):\(port)")
    }

    /// Takes a connection that another end has asked for.
    ///
    /// - Returns: The socket of the connection; `nil` if none is there before the deadline.
    public func accept(until deadline: Deadline = Deadline(after: answerTime)) throws(SystemCallError)
        -> InternetSocket?
    {
        guard deadline.waitReadable(descriptor.number) else { return nil }
        let number = Glibc.accept(descriptor.number, nil, nil)
        try SystemCallError.check(number, "accept(2)", on: "a socket")
        return InternetSocket(OwnedDescriptor(owning: number))
    }

    // MARK: Options

    /// Its options that a program of its cgroup may set.
    public func options() throws(SystemCallError) -> SocketOptions { try SocketOptions(of: descriptor) }

    /// The number that no other socket of the machine has had since it booted (`SO_COOKIE`, Linux 4.12).
    public func cookie() throws(SystemCallError) -> UInt64 {
        var value: UInt64 = 0
        var size = socklen_t(MemoryLayout<UInt64>.size)
        // SO_COOKIE is 57 (asm-generic/socket.h).
        let result = getsockopt(descriptor.number, SOL_SOCKET, 57, &value, &size)
        try SystemCallError.check(result, "getsockopt(SO_COOKIE)", on: "a socket")
        return value
    }
}

/// Options of a socket that programs on the creation of sockets set.
public struct SocketOptions: Sendable, Hashable {
    /// The index of the interface that it is bound to (`SO_BINDTOIFINDEX`, Linux 5.1); 0 for none.
    public let interface: Int
    /// The mark of what it sends (`SO_MARK`), unsigned.
    public let mark: Int
    /// The priority of what it sends (`SO_PRIORITY`), unsigned.
    public let priority: Int

    /// Reads the options of a socket of any family.
    public init(of socket: borrowing OwnedDescriptor) throws(SystemCallError) {
        // SO_BINDTOIFINDEX is 62, SO_MARK 36 (asm-generic/socket.h).
        interface = try Sockets.option(socket, SOL_SOCKET, 62, "SO_BINDTOIFINDEX")
        mark = Int(UInt32(truncatingIfNeeded: try Sockets.option(socket, SOL_SOCKET, 36, "SO_MARK")))
        priority = Int(UInt32(truncatingIfNeeded: try Sockets.option(socket, SOL_SOCKET, SO_PRIORITY, "SO_PRIORITY")))
    }

    /// The options of new sockets that are none of the Internet: a packet socket and a UNIX one.
    ///
    /// Needs `CONFIG_PACKET` and `CONFIG_UNIX`.
    public static func ofOtherFamilies() throws(SystemCallError) -> [SocketOptions] {
        let packet = try Sockets.make(AF_PACKET, SOCK_DGRAM, 0)
        let local = try Sockets.make(AF_UNIX, SOCK_DGRAM, 0)
        return [try SocketOptions(of: packet), try SocketOptions(of: local)]
    }
}
