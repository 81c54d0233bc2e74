import LinuxHost

/// A TCP connection that a cgroup's sockops programs may have to do with: where, who is in the cgroup, on which processor.
public struct SocketOpsCase: Sendable {
    /// What it stands for.
    public let name: String
    /// Where its ends are.
    public let route: TCPRoute
    /// Whether the end that connects is in the cgroup.
    public let isClientInside: Bool
    /// Whether the end that listens is in the cgroup.
    public let isServerInside: Bool
    /// Whether it is repeated on every processor.
    public let isForProcessors: Bool
    /// Whether a second thread makes it.
    public let isByThread: Bool

    /// Describes a connection.
    public init(
        _ name: String,
        _ route: TCPRoute,
        isClientInside: Bool = true,
        isServerInside: Bool = true,
        isForProcessors: Bool = false,
        isByThread: Bool = false
    ) {
        self.name = name
        self.route = route
        self.isClientInside = isClientInside
        self.isServerInside = isServerInside
        self.isForProcessors = isForProcessors
        self.isByThread = isByThread
    }

    /// Whether an end is in the cgroup.
    public func isInside(_ end: TCPFlow.End) -> Bool { end == .client ? isClientInside : isServerInside }

    /// The same connection on a processor.
    func on(_ processor: CInt) -> SocketOpsCase {
        SocketOpsCase("\(name), processor \(processor)", route)
    }

    /// The port that upstream's sockops samples look at; with any other number they leave a connection alone.
    public static let port: UInt16 = 55601

    /// Whether a port of either end is the one that upstream's samples look at.
    public var hasPort: Bool { route.port == Self.port || route.clientPort == Self.port }

    /// Whether an operation's socket has that port: a listener knows of no other end.
    public func hasPort(in operation: SocketOperation) -> Bool {
        operation == .listen ? route.port == Self.port : hasPort
    }

    /// Whether both ends have addresses of IPv6 that share so many leading bits.
    public func sharesPrefix(of bits: Int) -> Bool { route.isIPv6 && route.sharedBits >= bits }

    private static let loopback4 = InternetAddress.v4(.loopback)
    private static let loopback6 = InternetAddress.v6(.loopback)

    private static func from(_ a: UInt16, _ b: UInt16, _ c: UInt16, _ d: UInt16) -> TCPRoute {
        TCPRoute(from: .v6(IPv6Address(a, b, c, d, 0, 0, 0, 1)), to: loopback6, port: port)
    }

    /// Connections that no program sees, each with one that others are compared with.
    public static let references = [
        SocketOpsCase(outside6, from(0, 0, 0, 0), isClientInside: false, isServerInside: false),
        SocketOpsCase(
            outside4,
            TCPRoute(from: loopback4, to: loopback4, port: port),
            isClientInside: false,
            isServerInside: false
        ),
    ]
    static let outside6 = "outside"
    static let outside4 = "IPv4 outside"

    /// Connections by what upstream's sockops samples tell apart.
    ///
    /// That is ports, address families, and how long a prefix of IPv6 addresses both ends share. They compare 44 bits, or 52.
    public static let standard =
        references + [
            SocketOpsCase("same address", from(0, 0, 0, 0), isForProcessors: true),
            SocketOpsCase("by a second thread", from(0, 0, 0, 0), isByThread: true),
            SocketOpsCase(
                "64 bits shared",
                TCPRoute(from: .v6(IPv6Address(0, 0, 0, 0, 0xfd00, 1, 2, 3)), to: loopback6, port: port)
            ),
            SocketOpsCase("52 bits shared", from(0, 0, 0, 0x0fff)),
            SocketOpsCase("51 bits shared", from(0, 0, 0, 0x1000), isForProcessors: true),
            SocketOpsCase("44 bits shared", from(0, 0, 0x000f, 0)),
            SocketOpsCase("43 bits shared", from(0, 0, 0x0010, 0), isForProcessors: true),
            SocketOpsCase("31 bits shared", from(0, 1, 0, 0)),
            SocketOpsCase("first bit differs", from(0xfd00, 0, 0, 0)),
            SocketOpsCase("client's port", TCPRoute(from: loopback6, to: loopback6, port: 55603, clientPort: port)),
            SocketOpsCase("port one higher", TCPRoute(from: loopback6, to: loopback6, port: port + 1)),
            SocketOpsCase("port one lower", TCPRoute(from: loopback6, to: loopback6, port: port - 1)),
            SocketOpsCase("IPv4", TCPRoute(from: loopback4, to: loopback4, port: port)),
            SocketOpsCase("IPv4, other port", TCPRoute(from: loopback4, to: loopback4, port: port + 1)),
        ] + split

    /// A connection between addresses that share 44 bits.
    public static let near = from(0, 0, 0x000f, 0)
    /// A connection between addresses that share 43 bits, to another address than that of ``near``.
    public static let far = TCPRoute(from: near.target, to: from(0, 0, 0x0010, 0).source, port: port)

    /// Connections of which one end is in the cgroup.
    public static let split = [
        SocketOpsCase("client only", from(0, 0, 0, 0), isServerInside: false),
        SocketOpsCase("server only", from(0, 0, 0, 0), isClientInside: false),
    ]
}

/// An operation that the kernel calls sockops programs for, by its number in linux/bpf.h (`BPF_SOCK_OPS_…`).
public enum SocketOperation: Int, Sendable, CaseIterable {
    case timeout = 1
    case receiveWindow
    case connect
    case activeEstablished
    case passiveEstablished
    case needsECN
    case baseRoundTrip
    case timeoutCallback
    case retransmitCallback
    case stateCallback
    case listen
    case roundTripCallback

    /// Whether a connection has exactly one; others the kernel may ask for again.
    var isOnce: Bool { [.connect, .activeEstablished, .passiveEstablished, .listen].contains(self) }
}

/// Something of one end of a TCP connection that a sockops program may have set.
public enum TCPTrait: String, Sendable, CaseIterable {
    /// `SO_SNDBUF` once connected, in bytes.
    case sendBuffer
    /// `SO_RCVBUF` once connected, in bytes.
    case receiveBuffer
    /// The congestion window once connected, in segments.
    case congestionWindow
    /// The largest congestion window while it sent all it could, in segments; ``TCPTrait/enoughSegments`` for more than that.
    case largestWindow
    /// How long a SYN waits for its answer at first, in microseconds; of the client only.
    case synTimeout
    /// The window that the SYN or the SYN-ACK offered on the wire, in bytes.
    case offeredWindow
    /// Whether the SYN, or the SYN-ACK, said on the wire that it can do ECN: 1 or 0.
    case offeredECN
    /// Whether the ends agreed on ECN: 1 or 0.
    case hasECN
    /// `IP_TOS` or `IPV6_TCLASS`.
    case serviceClass
    /// The shortest round trip that the congestion control goes by after one that took milliseconds, in microseconds;
    /// ``TCPTrait/longRoundTrip`` for that long and longer, 0 for a congestion control that tells none.
    case shortestRoundTrip

    /// More segments than any clamp of upstream's.
    public static let enoughSegments = 101
    /// More microseconds than any round trip that a program of upstream's names.
    public static let longRoundTrip = 1000
}
