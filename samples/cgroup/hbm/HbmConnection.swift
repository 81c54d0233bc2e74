import Glibc
import LibBPF
import LinuxHost
import SampleLab

/// A connection of TCP whose client is limited, made before any program is attached.
final class HbmConnection {
    let flow: TCPFlow
    let family: SocketKind.Family
    private let deaf: LoadedInstructions
    private var received = 0

    init(_ family: SocketKind.Family, withECN: Bool, on bench: HbmBench, port: UInt16) throws {
        let (source, target) = (HbmPacket.source(family, .wire), HbmPacket.target(family, .wire))
        for host in ["near", "far"] {
            try bench.network.inside(host) { try NetworkSettings.write([("ipv4/tcp_ecn", withECN ? "1" : "0")]) }
        }
        let route = TCPRoute(from: source, to: target, port: port)
        let listener = try bench.network.inside("far") { try TCPListener(route) }
        flow = try bench.inside { try bench.network.inside("near") { try TCPFlow(to: listener) } }
        deaf = try KernInstructions(
            programs: [.init("deaf", .socketFilter, [.move(.r0, 0), .exit])]
        ).load(name: "the filter of a deaf client")
        self.family = family
        var yes: CInt = 1
        let set = setsockopt(flow.client.descriptor.number, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
        try SystemCallError.check(set, "setsockopt(TCP_NODELAY)", on: "a socket")
        // What is left of it at the end is dropped with it.
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            flow.client.descriptor.number,
            SOL_SOCKET,
            SO_LINGER,
            &linger,
            socklen_t(MemoryLayout<Glibc.linger>.size)
        )
    }

    /// What the client knows of itself.
    struct State: Hashable {
        /// Its congestion window, in segments.
        var window = 0
        /// Its smoothed round trip in microseconds.
        var roundTrip = 0
        /// How many segments it has sent that were not acknowledged.
        var outstanding = 0
        /// Where slow start ends, in segments; ``endless`` where it does not.
        var threshold = 0

        /// No end of slow start.
        static let endless = 0x7fff_ffff
    }

    /// Reads it.
    func state() throws -> State {
        var raw = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        let result = getsockopt(flow.client.descriptor.number, CInt(IPPROTO_TCP), TCP_INFO, &raw, &size)
        try SystemCallError.check(result, "getsockopt(TCP_INFO)", on: "a socket")
        return State(
            window: Int(raw.tcpi_snd_cwnd),
            roundTrip: Int(raw.tcpi_rtt),
            outstanding: Int(raw.tcpi_unacked),
            threshold: Int(raw.tcpi_snd_ssthresh)
        )
    }

    /// Hands the kernel a byte to send.
    func send() throws {
        var byte: UInt8 = 0x48
        let count = Glibc.send(flow.client.descriptor.number, &byte, 1, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
        // An end that the kernel has given up says so by what it does not send.
        if count < 0, errno != EAGAIN, errno != EPIPE, errno != ECONNRESET, errno != ETIMEDOUT {
            try SystemCallError.check(count, "send(2)", on: "a TCP connection")
        }
    }

    /// How many bytes have come to the server.
    func arrived() -> Int {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = recv(flow.server.descriptor.number, &buffer, buffer.count, CInt(MSG_DONTWAIT))
        if count > 0 { received += count }
        return received
    }

    /// Lets the client hear nothing any more.
    func deafen() throws { try deaf.program("deaf").attachFilter(to: flow.client.descriptor) }
}

/// A segment of a connection.
struct HbmSegment: Hashable {
    var before = HbmQueue()
    var after = HbmQueue()
    var counts = HbmCounts()
    var began = 0
    var ended = 0
    /// What the client knew before the segment, and afterwards.
    var knew = HbmConnection.State()
    var knows = HbmConnection.State()
    /// How many bytes more have arrived.
    var arrived = 0

    /// What is done to a connection, one after another.
    struct Step: Sendable {
        let name: String
        let start: HbmTrial.Start
        var isSilent = false
        /// Whether the client has become deaf before.
        var isDeaf = false

        var settings: HbmSettings {
            var settings = HbmSettings(rate: 1000)
            settings.isSilent = isSilent
            return settings
        }

        /// The steps of a connection.
        static func all(_ half: HbmRuling.Half) -> [Step] {
            let debt = { (debt: Int, family: Int) in HbmTrial.Start.frozen(credit: family - debt) }
            return switch half {
            case .credit:
                [
                    Step(name: "in credit", start: debt(-100_000, 0)),
                    Step(name: "in debt, silently", start: debt(590_000, 0), isSilent: true),
                    Step(name: "in debt", start: debt(590_000, 0)),
                    Step(name: "in too much debt", start: debt(700_000, 0)),
                ]
            case .departure:
                [
                    Step(name: "in time", start: behind),
                    Step(name: "too far ahead, silently", start: .farAhead, isSilent: true),
                    Step(name: "too far ahead", start: .farAhead),
                    Step(name: "deaf in time", start: behind, isDeaf: true),
                    Step(name: "deaf, too far ahead with one outstanding", start: .farAhead, isDeaf: true),
                    Step(name: "deaf, too far ahead with two outstanding", start: .farAhead, isDeaf: true),
                ]
            }
        }

        private static let behind = HbmTrial.Start.elapsed(HbmTrial.Start.second, credit: 0, rate: 128_000)
    }

    /// The connections of a program, by name.
    static let connections = SocketKind.Family.allCases.flatMap { family in
        [false, true].map { (name: "\(family)\($0 ? " with ECN" : "")", family: family, withECN: $0) }
    }

    /// How many times a connection is made, for a deaf client repeats what was not acknowledged after 200 milliseconds.
    static let connectionsMade = 3
    /// The longest that the steps of a deaf client may take, in nanoseconds.
    static let deafTime = 150_000_000
}

extension HbmSession {
    /// Sends the segments of a connection.
    func segments(of connection: HbmConnection) throws -> [String: HbmSegment] {
        var found: [String: HbmSegment] = [:]
        var total = 0
        var isDeaf = false
        for step in HbmSegment.Step.all(half) {
            if step.isDeaf, !isDeaf { try connection.deafen() }
            isDeaf = step.isDeaf
            var segment = HbmSegment()
            try ask(step.settings)
            try set(step.start, step.settings)
            segment.before = try queue()
            segment.knew = try connection.state()
            segment.began = Int(Deadline.now)
            try connection.send()
            segment.ended = Int(Deadline.now)
            (segment.after, segment.counts) = (try queue(), try counted())
            // What was dropped is repeated some time later, and counted by nobody.
            let isSent = segment.counts.dropped == 0
            if isSent {
                try bench.patience.poll {
                    try connection.arrived() > total && (step.isDeaf || connection.state().outstanding == 0)
                }
            }
            segment.arrived = connection.arrived() - total
            total += segment.arrived
            segment.knows = try connection.state()
            found[step.name] = segment
        }
        return found
    }

    /// Sends the segments of connections, each in the first of its forms in which a deaf client was fast enough.
    ///
    /// Those that are used are closed: what a client has sent in vain it would send again while another is looked at.
    func segments(of connections: inout [[HbmConnection]]) throws -> [String: [String: HbmSegment]] {
        var found: [String: [String: HbmSegment]] = [:]
        for (place, one) in HbmSegment.connections.enumerated() where place < connections.count {
            while let connection = connections[place].popLast() {
                let segments = try segments(of: connection)
                found[one.name] = segments
                let deaf = HbmSegment.Step.all(half).filter(\.isDeaf).compactMap { segments[$0.name] }
                if (deaf.last?.ended ?? 0) - (deaf.first?.began ?? 0) <= HbmSegment.deafTime { break }
            }
        }
        return found
    }
}
