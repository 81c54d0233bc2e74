import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Prints what TCP counts of each connection that was made from the cgroup, once a second at most.
struct TcpDumpstats: Sample {
    struct Observation: Codable, Equatable {
        /// Whether the kernel listed the program as attached to the cgroup.
        var isAttached = false
        /// The processors that connections were made on.
        var processors: [Int] = []
        /// The rounds of each connection, by its name.
        var flows: [String: [Round]] = [:]
        /// What was printed of a connection after each ``Trouble``, by its name.
        var troubled: [String: Troubled] = [:]

        /// What was printed of a connection, and what the kernel itself says of it.
        struct Troubled: Codable, Equatable {
            /// The lines that the program printed.
            var lines: [String] = []
            /// The kernel's counts before the segment whose round trip had them printed.
            var before = TCPAccount()
            /// Those after it.
            var after = TCPAccount()
        }

        /// What came of some segments.
        struct Round: Codable, Equatable {
            /// The lines that the program printed when the client's round trip was measured.
            var lines: [String] = []
            /// How many replies to operations were not 0.
            var replies = 0
            /// The callbacks that were on for the client's and for the server's socket; 0 where there was no call.
            var callbacks = [0, 0]
            /// How many segments had arrived when the first round trip of the round was measured, by the kernel's own account.
            var delivered = 0
            /// How many of all were marked as having met congestion: before the round and after it.
            var congested = [0, 0]
            /// Whether the map has an entry for the client's socket, and whether one for the server's.
            var entries = [false, false]
            /// Nanoseconds from the end of the round to the next print, and from its start; 0 without an entry.
            var due: [Int] = [0, 0]
        }
    }

    static let manifest = Manifest(
        summary: "a sockops program prints what TCP counts of a connection, once a second at most",
        oracle:
            "a connection made from the cgroup has round trips reported (callback flag 8); two lines are printed at its first "
            + "one, with the segments that the kernel counts as delivered, and none before the time that the socket's entry in the "
            + "map names, a second later; once that has passed the next round trip prints two lines again, with as many segments "
            + "as were delivered, and the marked ones among them; the accepting socket and those outside have no entry and no line; "
            + "what is printed is right also after answers, 65536 segments, a segment that is lost and one that arrives twice",
        kernSources: ["samples/bpf/tcp_dumpstats_kern.c"],
        programTypes: ["SOCK_OPS"],
        needs: .socketOps
    )

    private static let loopback6 = InternetAddress.v6(.loopback)
    private static let loopback4 = InternetAddress.v4(.loopback)
    static let cases = [
        SocketOpsCase("IPv6", TCPRoute(from: loopback6, to: loopback6, port: 50_000), isForProcessors: true),
        SocketOpsCase("IPv4", TCPRoute(from: loopback4, to: loopback4, port: 50_001), isForProcessors: true),
        SocketOpsCase("client only", TCPRoute(from: loopback6, to: loopback6, port: 50_002), isServerInside: false),
        SocketOpsCase("server only", TCPRoute(from: loopback6, to: loopback6, port: 50_003), isClientInside: false),
    ]
    static let troubledRoute = TCPRoute(from: loopback6, to: loopback6, port: 50_004)
    static let rounds = ["connecting", "not due", "due", "due later", "due long ago"]

    func observe(in arena: borrowing Arena) throws -> Observation {
        let opened = try arena.openObject()
        let name = opened.programs.first { $0.section == "sockops" }?.name
        let object = try opened.load()
        let inner = arena.cgroup.child("inner")
        try inner.create()
        let program = try object.program(name ?? "of SEC(\"sockops\")")
        let session = DumpSession(
            map: try object.map("bpf_next_dump"),
            recorder: try arena.recordSocketOps(of: arena.cgroup),
            outer: arena.cgroup,
            inner: inner
        )
        let link = try program.attach(to: inner)
        try TCPFlow.prepare()
        try NetworkSettings.write([("ipv4/tcp_ecn", "1"), ("ipv4/tcp_timestamps", "1")])
        // Ordinary paths mark no packet; this one marks every packet of the cgroup that may be.
        let marker = try CongestionMarker(inner)
        var seen = Observation(isAttached: try program.isAttached(to: inner))
        let processors = try SenderProcessors.available()
        try arena.stimulate {
            seen.processors = processors.map { Int($0) }
            for one in Self.cases {
                guard one.isForProcessors else {
                    seen.flows[one.name] = try session.rounds(of: one)
                    continue
                }
                for processor in processors {
                    seen.flows["\(one.name), processor \(processor)"] = try Processors.pinned(to: processor) {
                        try session.rounds(of: one)
                    }
                }
            }
        }
        marker.remove()
        try arena.stimulate { seen.troubled = try session.troubles() }
        link.detach()
        try inner.remove(deadline: Deadline(after: answerTime))
        return seen
    }
}
