import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Gives the ends of TCP connections between near IPv6 addresses small buffers, a small window and a short SYN timeout.
struct TcpClamp: Sample {
    struct Observation: Codable, Equatable {
        /// One end of a connection.
        struct End: Codable, Equatable {
            /// `SO_SNDBUF` once connected, in bytes.
            var sendBuffer = 0
            /// `SO_RCVBUF` once connected, in bytes.
            var receiveBuffer = 0
            /// The largest congestion window while it sent all it could, in segments.
            var window = 0
        }

        /// A connection.
        struct Flow: Codable, Equatable {
            /// How long its SYN waits for an answer at first, in microseconds.
            var synTimeout = 0
            /// The end that connected.
            var client = End()
            /// The end that accepted.
            var server = End()
        }

        /// Whether the kernel listed the program as attached to the cgroup.
        var isAttached = false
        /// What the connections looked like, by the case that they stand for.
        var flows: [String: Flow] = [:]
        /// The buffers of a user who asked for as much as the program does, with the kernel's limits.
        var granted = End()
        /// Ten ticks of the kernel, in microseconds.
        var tenTicks = 0
    }

    static let manifest = Manifest(
        summary: "a sockops program clamps buffers, window and SYN timeout of TCP connections within a datacentre",
        oracle:
            "both ends of an IPv6 connection to port 55601 in the cgroup whose addresses share 44 bits have the "
            + "buffers of a user who asked for 150000 bytes and a congestion window that grows to 100 and no "
            + "further, and its SYN waits ten ticks; connections to another port, of IPv4, of farther addresses "
            + "or outside the cgroup are as without it",
        kernSources: ["samples/bpf/tcp_clamp_kern.c"],
        programTypes: ["SOCK_OPS"],
        needs: .cgroup + ["CONFIG_BPF_EVENTS", "CONFIG_INET", "CONFIG_IPV6"],
        unseenHelpers: [
            "bpf_trace_printk": "what it prints is for who debugs it; what it does is looked at in the sockets"
        ]
    )

    /// An address that differs from ::1 in the 45th bit and later ones, which the program does not compare.
    private static let near = InternetAddress.v6(IPv6Address(0, 0, 0xf, 0, 0, 0, 0, 1))
    /// An address that differs from ::1 in the 44th bit, the last that the program compares.
    private static let far = InternetAddress.v6(IPv6Address(0, 0, 0x10, 0, 0, 0, 0, 1))
    /// An address that differs from ::1 in the first 32 bits only.
    private static let foreign = InternetAddress.v6(IPv6Address(0xfd00, 0, 0, 0, 0, 0, 0, 1))
    private static let loopback4 = InternetAddress.v4(.loopback)
    private static let loopback6 = InternetAddress.v6(.loopback)

    private static let outside = [
        ("outside", TCPRoute(from: loopback6, to: loopback6, port: 55601)),
        ("IPv4 outside", TCPRoute(from: loopback4, to: loopback4, port: 55601)),
    ]
    private static let inside = [
        ("same address", TCPRoute(from: loopback6, to: loopback6, port: 55601)),
        ("44 bits shared", TCPRoute(from: near, to: loopback6, port: 55601)),
        ("43 bits shared", TCPRoute(from: far, to: loopback6, port: 55601)),
        ("first word differs", TCPRoute(from: foreign, to: loopback6, port: 55601)),
        ("other port", TCPRoute(from: loopback6, to: loopback6, port: 55602)),
        ("IPv4", TCPRoute(from: loopback4, to: loopback4, port: 55601)),
    ]

    func observe(in arena: borrowing Arena) throws -> Observation {
        let object = try arena.loadObject()
        let inner = arena.cgroup.child("inner")
        try inner.create()
        let program = try object.program("bpf_clamp")
        let link = try program.attach(to: inner)
        try TCPFlow.prepare([Self.near, Self.far, Self.foreign])
        var seen = Observation()
        seen.isAttached = try program.isAttached(to: inner)
        seen.tenTicks = try KernelTick.microseconds(10)
        (seen.granted.sendBuffer, seen.granted.receiveBuffer) = try TCPEnd.granted(asking: 150_000)
        try arena.stimulate {
            for (name, route) in Self.outside { seen.flows[name] = try Self.flow(route) }
            try inner.enter()
            for (name, route) in Self.inside { seen.flows[name] = try Self.flow(route) }
            try arena.cgroup.enter()
        }
        link.detach()
        try inner.remove(deadline: Deadline(after: answerTime))
        return seen
    }

    private static func flow(_ route: TCPRoute) throws -> Observation.Flow {
        let pending = try TCPFlow.unanswered(route)
        var seen = Observation.Flow(synTimeout: pending.awaitsAnswer ? pending.initialTimeout : 0)
        let flow = try TCPFlow(route)
        // The buffers grow with the traffic where nobody has set them, so they are read before it.
        seen.client = try end(flow.client)
        seen.server = try end(flow.server)
        seen.client.window = try flow.largestWindow(from: .client, past: 100, orAfter: 500_000)
        seen.server.window = try flow.largestWindow(from: .server, past: 100, orAfter: 500_000)
        return seen
    }

    private static func end(_ end: borrowing TCPEnd) throws -> Observation.End {
        Observation.End(sendBuffer: try end.sendBuffer(), receiveBuffer: try end.receiveBuffer())
    }
}
