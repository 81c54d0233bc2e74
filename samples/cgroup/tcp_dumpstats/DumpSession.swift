import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Makes connections and looks at what is printed and stored meanwhile.
struct DumpSession: ~Copyable {
    let map: BPFMap
    let recorder: SocketOpsRecorder
    let outer: ControlGroup
    let inner: ControlGroup

    typealias Round = TcpDumpstats.Observation.Round

    /// Passes segments over a connection: while the next print is not due, when it is, when it is due later, when it has long been.
    func rounds(of one: SocketOpsCase) throws -> [Round] {
        _ = try recorder.take()
        try (one.isServerInside ? inner : outer).enter()
        let listener = try TCPListener(one.route)
        try (one.isClientInside ? inner : outer).enter()
        let start = Deadline.now
        let flow = try TCPFlow(to: listener)
        try outer.enter()
        var found = [try round(flow, since: start, delivered: try flow.client.delivered().segments, 0)]
        found.append(try pass(2, over: flow, dueAt: nil))
        found.append(try pass(3, over: flow, dueAt: 0))
        // A minute.
        found.append(try pass(1, over: flow, dueAt: Deadline.now + 60_000_000_000))
        found.append(try pass(2, over: flow, dueAt: Deadline.now - 1))
        return found
    }

    private func pass(_ count: Int, over flow: borrowing TCPFlow, dueAt time: UInt64?) throws -> Round {
        let socket = flow.client.descriptor.number
        if let time, try map.lookup(socket, as: UInt64.self) != nil { try map.update(socket, time) }
        let start = Deadline.now
        let congested = try flow.client.delivered().congested
        var delivered = 0
        for number in 0..<count {
            try flow.passSegment()
            if number == 0 { delivered = try flow.client.delivered().segments }
        }
        return try round(flow, since: start, delivered: delivered, congested)
    }

    private func round(
        _ flow: borrowing TCPFlow,
        since start: UInt64,
        delivered: Int,
        _ congested: Int
    ) throws -> Round {
        var seen = Round(delivered: delivered, congested: [congested, try flow.client.delivered().congested])
        let (client, server) = (try flow.client.port(), try flow.server.port())
        for call in try recorder.take() {
            let isClient = (call.localPort, call.remotePort) == (client, server)
            if isClient { seen.callbacks[0] |= call.callbacks } else { seen.callbacks[1] |= call.callbacks }
            // In the network's softirq there may be lines of others before ours.
            seen.lines += call.isShared ? call.lines.suffix(2).filter { $0.hasPrefix("d") } : call.lines
            // To a measured round trip the kernel takes no reply.
            if call.operation != SocketOperation.roundTripCallback.rawValue, call.reply != 0 { seen.replies += 1 }
        }
        let next = try map.lookup(flow.client.descriptor.number, as: UInt64.self)
        seen.entries = [next != nil, try map.lookup(flow.server.descriptor.number, as: UInt64.self) != nil]
        if let next {
            seen.due = [Deadline.now, start].map { Int(truncatingIfNeeded: next &- $0) }
        }
        return seen
    }
}
