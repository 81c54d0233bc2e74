import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab
import SystemPackage

/// Turns packets for a virtual address into tunnels at a router's interfaces, both ways.
///
/// A client pings addresses of a server through a router. One program on the router takes the requests for the virtual
/// addresses out of their Ethernet frames and gives them to a tunnel device with a key; another gives what comes back in tunnels
/// to that device; a third, on the server, drops what reaches a virtual address without a tunnel.
struct TcL2Redirect: Sample {
    struct Observation: Codable, Equatable {
        /// What each step brought, by its title; steps after one without all answers are missing.
        var steps: [String: Seen] = [:]
        /// How often the kern half printed a line that names one of the tunnel devices, in all steps together.
        var printed: [String: Int] = [:]
        /// What each program returned for the frame of each ``Trial``, by the trial's title and the function's name.
        var trials: [String: [String: UInt32]] = [:]
    }

    /// What a step brought: frames and packets by what they say, with how often each was seen.
    struct Seen: Codable, Equatable {
        /// The index of the step's tunnel device.
        var index: Int32 = 0
        /// What the kern half's map held in the end.
        var mapped: Int32 = 0
        /// Frames that came in at the server.
        var arrived: [String: Int] = [:]
        /// Frames that came in at the client.
        var answers: [String: Int] = [:]
        /// Packets that came in at the step's tunnel device, in their tunnels and out of them.
        var unpacked: [String: Int] = [:]
        /// What the tunnel device counted as received, bytes without the tunnel's headers.
        var received = Tally()
        /// What the tunnel device counted as sent.
        var sent = Tally()
        /// What the other tunnel device counted, received and sent together.
        var strays = Tally()
    }

    static let manifest = Manifest(
        summary: "traffic control programs at a router redirect packets for virtual addresses into tunnels, and back",
        oracle:
            "a client's echo requests to virtual addresses reach the server in tunnels, from 10.2.1.1 to 10.2.1.102 "
            + "as protocol 4 or from 2401:db02::1 to 2401:db02::66 as protocol 4 or 41, with TTL 64 and nothing changed "
            + "inside, whether they are redirected as they come in, as they go out or where the router sends them itself, and each "
            + "is answered once; "
            + "without the redirection they arrive without a tunnel and all are dropped, and only the program that drops them "
            + "keeps them from being answered; requests to neighbouring addresses are never touched; what comes back "
            + "passes the tunnel device whole; its counters and the printed lines agree to the packet and byte; "
            + "test runs with other protocols, addresses, types and lengths return what they must",
        kernSources: ["samples/bpf/tc_l2_redirect_kern.c"],
        programTypes: ["SCHED_CLS"],
        needs: .trafficControl + .veth + .eventBuffers + [
            "CONFIG_BPF_EVENTS", "CONFIG_NET_IPIP", "CONFIG_IPV6_TUNNEL", "CONFIG_NET_NS", "kernel>=5.9",
            "helper:bpf_probe_read_kernel_str", "helper:bpf_skb_set_tunnel_key",
        ]
    )

    func observe(in arena: borrowing Arena) throws -> Observation {
        let object = try arena.loadObject()
        try TunnelKey.check(object)
        let map = try object.map("tun_iface")
        var network = try Network()
        let recorder = try arena.recordPrints()
        let processor = try Processors.online().first ?? 0
        var seen = Observation()
        for step in Step.all {
            let device = network.device(of: step.tunnel)
            try map.update(Int32(0), device.index)
            try network.arrange(step, object)
            let before = (own: try network.traffic(of: step.tunnel), other: try network.traffic(of: step.tunnel.other))
            // One processor deals with the packets in the order in which they are sent.
            try arena.stimulate {
                try Processors.pinned(to: processor) {
                    for request in Request.all {
                        for _ in 0..<request.count { try network.send(request, step.side) }
                    }
                }
            }
            let expected = arena.isControl ? 0 : step.answered.reduce(0) { $0 + $1.count }
            var part = Seen(index: device.index, mapped: try map.lookup(Int32(0), as: Int32.self) ?? -1)
            part.answers = try network.answers(atLeast: expected)
            part.arrived = try network.arrivals()
            part.unpacked = try network.unpacked(by: step.tunnel)
            let after = (own: try network.traffic(of: step.tunnel), other: try network.traffic(of: step.tunnel.other))
            part.received = after.own.received - before.own.received
            part.sent = after.own.sent - before.own.sent
            part.strays = after.other.received + after.other.sent - (before.other.received + before.other.sent)
            seen.steps[step.title] = part
            // Steps after a loss would only wait for what does not come.
            if part.answers.values.reduce(0, +) < expected { break }
        }
        try network.removeFilters()
        let recording = try recorder.finish()
        guard !recording.isTorn else {
            throw SystemCallError("record the lines", on: "all programs that print", errno: .noBufferSpace)
        }
        // Behind the recording: these are printed too.
        try arena.stimulate { seen.trials = try Self.tryAll(object) }
        // Other programs on the machine may print as well; nobody else has devices of these indices.
        let own = Tunnel.allCases.map { "ifindex:\(network.device(of: $0).index)" }
        for line in recording.lines.map(\.text)
        where own.contains(where: { line.hasSuffix($0) || line.contains("\($0) ") }) {
            seen.printed[line, default: 0] += 1
        }
        return seen
    }
}
