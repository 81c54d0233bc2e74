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

    /// Names a route.
    public init(from source: InternetAddress, to target: InternetAddress, port: UInt16) {
        self.source = source
        self.target = target
        self.port = port
    }
}

/// A TCP connection over `lo` with both ends in this process, small segments and Reno as congestion control.
///
/// Small segments make a window of many segments fit into small buffers; Reno, which every kernel has, fills it exactly
/// up to its limits. Both sockets belong to the cgroup that the process is in when the flow is made.
public struct TCPFlow: ~Copyable {
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
        let listener = try Self.listener(route)
        let connecting = try Self.connecting(route)
        guard Deadline(after: answerTime).waitReadable(listener.number) else {
            throw SystemCallError("accept(2)", on: "\(route.target):\(route.port)", errno: .timedOut)
        }
        let accepted = accept(listener.number, nil, nil)
        try SystemCallError.check(accepted, "accept(2)", on: "\(route.target):\(route.port)")
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        client = connecting
        server = TCPEnd(OwnedDescriptor(owning: accepted))
    }

    /// Sends a SYN that arrives and is never answered: the listener's filter drops it.
    ///
    /// - Returns: What the kernel knows of the attempt, which is then given up.
    public static func unanswered(_ route: TCPRoute) throws(SystemCallError) -> TCPInfo {
        let listener = try listener(route)
        var nothing = sock_filter(code: UInt16(BPF_RET), jt: 0, jf: 0, k: 0)
        let result = withUnsafeMutablePointer(to: &nothing) { instruction in
            var program = sock_fprog(len: 1, filter: instruction)
            let size = socklen_t(MemoryLayout<sock_fprog>.size)
            return setsockopt(listener.number, SOL_SOCKET, SO_ATTACH_FILTER, &program, size)
        }
        try SystemCallError.check(result, "setsockopt(SO_ATTACH_FILTER)", on: "\(route.target):\(route.port)")
        return try withExtendedLifetime(listener) { () throws(SystemCallError) in try connecting(route).info() }
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

    private static func socket(_ route: TCPRoute) throws(SystemCallError) -> OwnedDescriptor {
        let family = if case .v4 = route.target { AF_INET } else { AF_INET6 }
        let made = try Sockets.make(family, SOCK_STREAM, 0)
        try Sockets.set(made, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR")
        try Sockets.set(made, CInt(IPPROTO_TCP), TCP_MAXSEG, CInt(segmentLimit), "TCP_MAXSEG")
        let reno = "reno"
        let result = setsockopt(made.number, CInt(IPPROTO_TCP), TCP_CONGESTION, reno, socklen_t(reno.utf8.count))
        try SystemCallError.check(result, "setsockopt(TCP_CONGESTION)", on: reno)
        return made
    }

    private static func listener(_ route: TCPRoute) throws(SystemCallError) -> OwnedDescriptor {
        let made = try socket(route)
        try Sockets.bind(made, route.target, route.port)
        try SystemCallError.check(listen(made.number, 1), "listen(2)", on: "\(route.target):\(route.port)")
        return made
    }

    /// A socket whose SYN is on its way; over `lo` it has arrived when this returns.
    private static func connecting(_ route: TCPRoute) throws(SystemCallError) -> TCPEnd {
        let made = try socket(route)
        try Sockets.bind(made, route.source, 0)
        let number = made.number
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        let result = Sockets.with(route.target, route.port) { connect(number, $0, $1) }
        if result < 0, errno != EINPROGRESS {
            try SystemCallError.check(result, "connect(2)", on: "\(route.target):\(route.port)")
        }
        return TCPEnd(made)
    }
}
