import LibBPF
import LinuxHost
import SampleLab

extension TcpDumpstats {
    /// What has happened to a connection when its numbers are printed: no two of the kernel's counts are the same by then.
    enum Trouble: String, CaseIterable {
        /// The server has sent as well.
        case answered = "answers received"
        /// More segments than 16 bits count.
        case long = "many segments"
        /// Of two segments that were lost one is still so, was sent again and lost again, and those behind it have arrived.
        case lossy = "a segment lost"
        /// All have arrived in the end.
        case recovered = "none lost any more"
        /// Acknowledgements were lost, so that what had arrived was sent again.
        case doubled = "a segment sent twice"

        /// Whether the kernel's own counts say so.
        func hasHappened(by account: TCPAccount) -> Bool {
            switch self {
            case .answered: account.received > account.delivered + 1
            case .long: account.delivered > 0x1_0100
            case .lossy: account.lost > 0 && account.resent > 0 && account.selected > 1
            case .recovered: account.resentEver > 0 && account.unacknowledged == 0
            case .doubled: account.duplicates > 0 && account.unacknowledged == 0
            }
        }
    }
}

extension DumpSession {
    typealias Troubled = TcpDumpstats.Observation.Troubled

    /// The payloads of two segments that are dropped, and the lengths of their packets with and without options of TCP.
    private static let lost: [(payload: Int, packets: ClosedRange<Int32>)] = [(200, 250...300), (100, 150...200)]
    /// The payload of many whole segments that are sent at once: in recovery the kernel sends no more than has arrived.
    private static let several = 12_000
    /// More bytes than 2^16 segments hold.
    private static let many = 0x1_0400 * TCPFlow.segmentLimit

    /// Room for all that is sent while a segment is missing, with what the kernel needs for as many small segments.
    private static let room = 1 << 20
    /// How often the troubles are made anew.
    private static let tries = 5

    /// Lets a connection have its troubles one after another; the client is in the cgroup and the server outside.
    ///
    /// On a machine that stands still now and then timers strike before an acknowledgement can come. The kernel then sends one
    /// segment at a time and measures no round trip, and the troubles are others than these; they are made anew.
    func troubles() throws -> [String: Troubled] {
        var attempt = 0
        while true {
            attempt += 1
            try outer.enter()
            let listener = try TCPListener(TcpDumpstats.troubledRoute)
            try inner.enter()
            let flow = try TCPFlow(to: listener)
            try outer.enter()
            let strikes = try ProtocolCounters.timeouts()
            let losses = Result { try self.losses(flow) }
            if attempt < Self.tries, try ProtocolCounters.timeouts() > strikes { continue }
            return try losses.get().merging(try doubling(flow)) { first, _ in first }
        }
    }

    /// What is printed once segments have been lost, in which no timer takes part.
    private func losses(_ flow: borrowing TCPFlow) throws -> [String: Troubled] {
        var found: [String: Troubled] = [:]
        for _ in 0..<4 { try flow.passBack() }
        found[.answered] = try troubled(flow) { try flow.passSegment() }
        // With a large window the losses below cannot keep what follows them from being sent.
        try silently(flow) { try flow.pass(bytes: Self.many) { _ = try recorder.take() } }
        found[.long] = try troubled(flow) { try flow.passSegment() }
        try flow.makeRoom(Self.room)
        try silently(flow) {
            let first = try PacketDropper(outer, lengths: Self.lost[0].packets)
            let second = try PacketDropper(outer, lengths: Self.lost[1].packets)
            for (payload, _) in Self.lost {
                try flow.sendNow(payload)
                try flow.sendNow(Self.several)
                _ = try flow.awaitAccount { $0.selected > 1 && $0.resent > 0 }
            }
            first.remove()
            let held = try flow.client.account().unacknowledged
            // What arrives behind a hole makes the kernel fill that, up to the next one. A round trip is reported only once all is
            // acknowledged that was under way at the last report, so it is for the segment that fills the hole.
            found[.lossy] = try troubled(flow) {
                try flow.sendNow(1)
                _ = try flow.awaitAccount { $0.unacknowledged < held }
            }
            second.remove()
        }
        try silently(flow) {
            try flow.sendNow(1)
            try flow.receive(Self.lost[0].payload + Self.lost[1].payload + 2 * Self.several + 2)
            _ = try flow.awaitAccount { $0.unacknowledged == 0 }
        }
        found[.recovered] = try troubled(flow) { try flow.passSegment() }
        return found
    }

    /// What is printed once a segment was sent twice, which a timer does.
    private func doubling(_ flow: borrowing TCPFlow) throws -> [String: Troubled] {
        try silently(flow) {
            let dropper = try PacketDropper(inner, lengths: 0...Int32.max)
            for _ in 0..<2 { try flow.sendNow(1) }
            try flow.receive(2)
            dropper.remove()
            _ = try flow.awaitAccount { $0.unacknowledged == 0 && $0.duplicates > 0 }
        }
        return [TcpDumpstats.Trouble.doubled.rawValue: try troubled(flow) { try flow.passSegment() }]
    }

    /// What is printed after a last step, before which all is printed that was due.
    private func troubled(_ flow: borrowing TCPFlow, _ last: () throws -> Void) throws -> Troubled {
        _ = try lines(of: flow)
        let before = try flow.client.account()
        try map.update(flow.client.descriptor.number, UInt64(0))
        try last()
        let after = try flow.client.account()
        return Troubled(lines: try lines(of: flow), before: before, after: after)
    }

    /// Does something while nothing is due: a minute is long enough for all of it.
    private func silently(_ flow: borrowing TCPFlow, _ body: () throws -> Void) throws {
        try map.update(flow.client.descriptor.number, Deadline.now + 60_000_000_000)
        try body()
    }

    /// What was printed of the client since the last time.
    private func lines(of flow: borrowing TCPFlow) throws -> [String] {
        let ports = (try flow.client.port(), try flow.server.port())
        return try recorder.take().filter { ($0.localPort, $0.remotePort) == ports }.flatMap { call in
            call.isShared ? call.lines.suffix(2).filter { $0.hasPrefix("d") } : call.lines
        }
    }
}

extension [String: TcpDumpstats.Observation.Troubled] {
    fileprivate subscript(trouble: TcpDumpstats.Trouble) -> TcpDumpstats.Observation.Troubled? {
        get { self[trouble.rawValue] }
        set { self[trouble.rawValue] = newValue }
    }
}
