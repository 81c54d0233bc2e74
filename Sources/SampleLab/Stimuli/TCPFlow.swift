import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// Where the two ends of a TCP connection are.
public struct TCPRoute: Sendable, Hashable {
    /// The address that the client binds to; its port is between 20000 and 29999.
    public let source: InternetAddress
    /// The address that the server listens on, of the same version as the source.
    public let target: InternetAddress
    /// The port that the server listens on.
    public let port: UInt16
    /// The port that the client binds to; 0 for one that the kernel chooses.
    public let clientPort: UInt16
    /// The type of service (`IP_TOS`) or the traffic class (`IPV6_TCLASS`) that the client sends with.
    public let serviceClass: UInt8
    /// The congestion control of both ends, which the kernel loads a module for where it must.
    public let congestionControl: String

    /// Names a route.
    public init(
        from source: InternetAddress,
        to target: InternetAddress,
        port: UInt16,
        clientPort: UInt16 = 0,
        serviceClass: UInt8 = 0,
        congestionControl: String = "reno"
    ) {
        self.source = source
        self.target = target
        self.port = port
        self.clientPort = clientPort
        self.serviceClass = serviceClass
        self.congestionControl = congestionControl
    }

    /// Whether both ends have addresses of IPv6.
    public var isIPv6: Bool { if case .v6 = target { true } else { false } }

    /// How many leading bits of their addresses both ends share.
    public var sharedBits: Int {
        let pairs = zip(source.bytes, target.bytes)
        guard let (index, difference) = pairs.enumerated().map({ ($0, $1.0 ^ $1.1) }).first(where: { $0.1 != 0 }) else {
            return source.bytes.count * 8
        }
        return index * 8 + difference.leadingZeroBitCount
    }
}

/// A socket that takes TCP connections.
public struct TCPListener: ~Copyable, Sendable {
    fileprivate let descriptor: OwnedDescriptor
    fileprivate let route: TCPRoute

    /// Listens at the end of a route.
    ///
    /// The socket belongs to the cgroup that the process is in now.
    public init(_ route: TCPRoute) throws(SystemCallError) {
        let made = try TCPFlow.socket(route)
        try Sockets.bind(made, route.target, route.port)
        try SystemCallError.check(listen(made.number, 1), "listen(2)", on: "\(route.target):\(route.port)")
        descriptor = made
        self.route = route
    }

    /// Takes the connection that is on its way.
    ///
    /// - Throws: `SystemCallError` with `ETIMEDOUT` if it is not there in time.
    fileprivate func connection() throws(SystemCallError) -> TCPEnd {
        guard Deadline(after: answerTime).waitReadable(descriptor.number) else {
            throw SystemCallError("accept(2)", on: "\(route.target):\(route.port)", errno: .timedOut)
        }
        let accepted = accept(descriptor.number, nil, nil)
        try SystemCallError.check(accepted, "accept(2)", on: "\(route.target):\(route.port)")
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        return TCPEnd(OwnedDescriptor(owning: accepted))
    }
}

/// A TCP connection over `lo` with both ends in this process, small segments and Reno as congestion control unless its route
/// names another.
///
/// Small segments make a window of many segments fit into small buffers; Reno, which every kernel has, fills it exactly
/// up to its limits. Both sockets belong to the cgroup that the process is in when the flow is made.
public struct TCPFlow: ~Copyable, Sendable {
    /// The end that connected.
    public let client: TCPEnd
    /// The end that accepted.
    public let server: TCPEnd

    /// The ends of a flow.
    public enum End: String, Sendable, CaseIterable {
        /// The end that connected.
        case client
        /// The end that accepted.
        case server
    }

    /// The congestion controls that the kernel has now; modules that are not loaded are not among them.
    public static var congestionControls: [String] {
        let file = "/proc/sys/net/ipv4/tcp_available_congestion_control"
        return ((try? SmallFile.text(file)) ?? "").split(whereSeparator: \.isWhitespace).map { String($0) }
    }

    /// The payload of a segment, in bytes, before TCP's options take their part.
    public static let segmentLimit = 256

    /// Brings `lo` of the calling thread's namespace up with IPv6, and with further addresses.
    public static func prepare(_ addresses: [InternetAddress] = []) throws(SystemCallError) {
        // IPv6 may be off by the machine's defaults; one connection must not start with what an earlier one has learnt;
        // and no client may get a port that samples mean.
        try NetworkSettings.write([
            ("ipv6/conf/lo/disable_ipv6", "0"),
            ("ipv4/tcp_no_metrics_save", "1"),
            ("ipv4/ip_local_port_range", "20000 29999"),
        ])
        var route = try RouteSocket()
        let loopback = try Interface(named: "lo")
        try route.setUp(loopback)
        for address in addresses {
            let length: UInt8 = if case .v4 = address { 32 } else { 128 }
            try route.addAddress(address, prefixLength: length, to: loopback)
        }
    }

    /// Connects to a listener of its own.
    ///
    /// - Throws: `SystemCallError` with `ETIMEDOUT` if the connection is not there in time, or what a call says.
    public init(_ route: TCPRoute) throws(SystemCallError) {
        try self.init(to: try TCPListener(route))
    }

    /// Connects to a listener, which may be of another cgroup.
    ///
    /// - Throws: `SystemCallError` with `ETIMEDOUT` if the connection is not there in time, or what a call says.
    public init(to listener: borrowing TCPListener) throws(SystemCallError) {
        let connected = try Self.connecting(listener.route)
        let accepted = try listener.connection()
        client = connected
        server = accepted
    }

    /// Sends a SYN that arrives and is never answered: the listener's filter drops it.
    ///
    /// - Returns: What the kernel knows of the attempt, which is then given up.
    public static func unanswered(_ route: TCPRoute) throws(SystemCallError) -> TCPInfo {
        let listener = try TCPListener(route)
        try ignoreAll(listener.descriptor)
        return try withExtendedLifetime(listener) { () throws(SystemCallError) in try connecting(route).info() }
    }

    /// Sends a SYN whose answers arrive and are never seen: the client's filter drops them.
    ///
    /// - Returns: The end that goes on trying.
    static func deaf(to listener: borrowing TCPListener) throws(SystemCallError) -> TCPEnd {
        try connecting(listener.route, isDeaf: true)
    }

    private static func ignoreAll(_ socket: borrowing OwnedDescriptor) throws(SystemCallError) {
        var nothing = sock_filter(code: UInt16(BPF_RET), jt: 0, jf: 0, k: 0)
        let number = socket.number
        let result = withUnsafeMutablePointer(to: &nothing) { instruction in
            var program = sock_fprog(len: 1, filter: instruction)
            return setsockopt(
                number,
                SOL_SOCKET,
                SO_ATTACH_FILTER,
                &program,
                socklen_t(MemoryLayout<sock_fprog>.size)
            )
        }
        try SystemCallError.check(result, "setsockopt(SO_ATTACH_FILTER)", on: "a socket")
    }

    /// Sends from one end to the other without pause and watches the sender's congestion window.
    ///
    /// It ends when the window has passed a bound, when it has stood at the bound for some bytes more, or after two
    /// seconds. The bytes are received as they come.
    ///
    /// - Parameters:
    ///   - end: The end that sends.
    ///   - bound: A number of segments.
    ///   - bytes: How many bytes must arrive after the window has reached the bound.
    /// - Returns: The largest window that was seen.
    /// - Throws: `SystemCallError` where a call says what the traffic cannot have caused.
    public func largestWindow(from end: End, past bound: Int, orAfter bytes: Int) throws(SystemCallError) -> Int {
        switch end {
        case .client: try Self.largestWindow(client, server, bound, bytes)
        case .server: try Self.largestWindow(server, client, bound, bytes)
        }
    }

    /// Sends one byte from the client, and waits until the server has it and the client knows.
    ///
    /// - Throws: `SystemCallError` with `ETIMEDOUT` if that takes too long.
    public func passSegment() throws(SystemCallError) {
        let deadline = Deadline(after: answerTime)
        var buffer = [UInt8](repeating: 0, count: 16)
        let before = try client.delivered().segments
        _ = try client.sendSome([0x41])
        guard deadline.waitReadable(server.descriptor.number) else {
            throw SystemCallError("recv(2)", on: "a TCP connection", errno: .timedOut)
        }
        _ = try server.drain(into: &buffer)
        // Nothing is sent back that an acknowledgement could wait for.
        try Sockets.set(server.descriptor, CInt(IPPROTO_TCP), TCP_QUICKACK, 1, "TCP_QUICKACK")
        var isDelivered = false
        while !isDelivered {
            isDelivered = try client.delivered().segments > before
            if isDelivered { break }
            if deadline.hasPassed { throw SystemCallError("send(2)", on: "a TCP connection", errno: .timedOut) }
            deadline.pause(milliseconds: 1)
        }
    }

    /// Has each end hear late of a byte that it sent, and asks what round trip its congestion control goes by then.
    ///
    /// An end that need not acknowledge at once (`TCP_QUICKACK` off) does so by what it sends next, or after forty milliseconds. What it
    /// sends next it sends two milliseconds later, so both round trips are long on every machine.
    ///
    /// - Returns: What ``TCPEnd/shortestRoundTrip()`` says of each end, 0 where it says nothing.
    /// - Throws: `SystemCallError` with `ETIMEDOUT` if a byte is not there in time.
    func shortestRoundTrips() throws(SystemCallError) -> (client: Int, server: Int) {
        try Sockets.set(client.descriptor, CInt(IPPROTO_TCP), TCP_QUICKACK, 0, "TCP_QUICKACK")
        try Sockets.set(server.descriptor, CInt(IPPROTO_TCP), TCP_QUICKACK, 0, "TCP_QUICKACK")
        try Self.passLate(client, server)
        try Self.passLate(server, client)
        _ = try client.sendSome([0x43])
        return (try Self.awaitedRoundTrip(of: client), try Self.awaitedRoundTrip(of: server))
    }

    /// Sends a byte and gives its receiver time.
    private static func passLate(_ sender: borrowing TCPEnd, _ receiver: borrowing TCPEnd) throws(SystemCallError) {
        let deadline = Deadline(after: answerTime)
        _ = try sender.sendSome([0x42])
        guard deadline.waitReadable(receiver.descriptor.number) else {
            throw SystemCallError("recv(2)", on: "a TCP connection", errno: .timedOut)
        }
        deadline.pause(milliseconds: 2)
    }

    private static func awaitedRoundTrip(of end: borrowing TCPEnd) throws(SystemCallError) -> Int {
        let deadline = Deadline(after: answerTime)
        while true {
            guard let shortest = try end.shortestRoundTrip() else { return 0 }
            if shortest < UInt32.max || deadline.hasPassed { return shortest }
            deadline.pause(milliseconds: 1)
        }
    }

    private static func largestWindow(
        _ sender: borrowing TCPEnd,
        _ receiver: borrowing TCPEnd,
        _ bound: Int,
        _ bytes: Int
    ) throws(SystemCallError) -> Int {
        let deadline = Deadline(after: answerTime)
        let chunk = [UInt8](repeating: 0x41, count: 32768)
        var buffer = [UInt8](repeating: 0, count: 65536)
        var largest = 0
        var rest = bytes
        while !deadline.hasPassed {
            let sent = try sender.sendSome(chunk)
            largest = max(largest, try sender.info().congestionWindow)
            let arrived = try receiver.drain(into: &buffer)
            largest = max(largest, try sender.info().congestionWindow)
            if largest > bound { break }
            if largest == bound { rest -= arrived }
            if rest <= 0 { break }
            if sent == 0, arrived == 0 { _ = deadline.waitReadable(receiver.descriptor.number) }
        }
        return largest
    }

    fileprivate static func socket(_ route: TCPRoute) throws(SystemCallError) -> OwnedDescriptor {
        let family = if case .v4 = route.target { AF_INET } else { AF_INET6 }
        let made = try Sockets.make(family, SOCK_STREAM, 0)
        try Sockets.set(made, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR")
        try Sockets.set(made, CInt(IPPROTO_TCP), TCP_MAXSEG, CInt(segmentLimit), "TCP_MAXSEG")
        let name = route.congestionControl
        let result = setsockopt(made.number, CInt(IPPROTO_TCP), TCP_CONGESTION, name, socklen_t(name.utf8.count))
        try SystemCallError.check(result, "setsockopt(TCP_CONGESTION)", on: name)
        return made
    }

    /// A socket whose SYN is on its way; over `lo` it has arrived when this returns.
    private static func connecting(_ route: TCPRoute, isDeaf: Bool = false) throws(SystemCallError) -> TCPEnd {
        let made = try socket(route)
        try Sockets.bind(made, route.source, route.clientPort)
        if isDeaf { try ignoreAll(made) }
        if route.serviceClass != 0 {
            if route.isIPv6 {
                try Sockets.set(made, CInt(IPPROTO_IPV6), IPV6_TCLASS, CInt(route.serviceClass), "IPV6_TCLASS")
            } else {
                try Sockets.set(made, CInt(IPPROTO_IP), IP_TOS, CInt(route.serviceClass), "IP_TOS")
            }
        }
        let number = made.number
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        let result = Sockets.with(route.target, route.port) { connect(number, $0, $1) }
        if result < 0, errno != EINPROGRESS {
            try SystemCallError.check(result, "connect(2)", on: "\(route.target):\(route.port)")
        }
        return TCPEnd(made)
    }
}
