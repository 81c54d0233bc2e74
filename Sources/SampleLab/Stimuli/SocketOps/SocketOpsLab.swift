import Glibc
public import LibBPF
public import LinuxHost
import SystemPackage

/// Makes the connections of ``SocketOpsCase``s, with a program on a cgroup and a recorder behind it.
public struct SocketOpsLab: ~Copyable {
    private let recorder: SocketOpsRecorder
    private let outer: ControlGroup
    private let inner: ControlGroup
    private let traits: [TCPTrait]

    /// Prepares the calling thread's network namespace: `lo` is up and has the cases' addresses, and nothing but programs
    /// decides on ECN and on options that take room from segments.
    ///
    /// - Parameters:
    ///   - recorder: A recorder on the outer cgroup.
    ///   - outer: The cgroup that the process is in.
    ///   - inner: A cgroup below it, that programs are attached to.
    ///   - cases: The connections that shall be made.
    ///   - traits: What is measured of each.
    /// - Throws: `SystemCallError` where the namespace cannot be set up.
    public init(
        _ recorder: consuming SocketOpsRecorder,
        outer: ControlGroup,
        inner: ControlGroup,
        cases: [SocketOpsCase],
        traits: [TCPTrait]
    ) throws(SystemCallError) {
        let own: [InternetAddress] = [.v4(.loopback), .v6(.loopback)]
        try TCPFlow.prepare(
            Array(Set(cases.flatMap { [$0.route.source, $0.route.target] })).filter { !own.contains($0) }
        )
        try NetworkSettings.write([("ipv4/tcp_ecn", "0"), ("ipv4/tcp_timestamps", "0")])
        self.recorder = recorder
        self.outer = outer
        self.inner = inner
        self.traits = traits
    }

    /// Makes connections one after another and leaves the process in the outer cgroup.
    ///
    /// - Returns: What was seen, by the cases' names.
    public func run(
        _ cases: [SocketOpsCase],
        on processors: [CInt]
    ) throws -> [String: SocketOpsObservation.Flow] {
        var seen: [String: SocketOpsObservation.Flow] = [:]
        var isInside = false
        func enter(_ inside: Bool) throws {
            if isInside != inside { try (inside ? inner : outer).enter() }
            isInside = inside
        }
        func make(_ one: SocketOpsCase) throws {
            if traits.contains(.synTimeout) {
                try enter(one.isClientInside)
                let pending = try TCPFlow.unanswered(one.route)
                seen[one.name, default: .init()].client.traits["\(TCPTrait.synTimeout)"] =
                    pending.awaitsAnswer ? pending.initialTimeout : 0
            }
            _ = try recorder.take()
            let capture =
                traits.contains(.offeredWindow) || traits.contains(.offeredECN)
                ? try PacketSocket(on: try Interface(named: "lo")) : nil
            try enter(one.isServerInside)
            let made =
                one.isByThread
                ? try WorkThread.run { try Connection(one.route) {} }
                : try Connection(one.route) { try enter(one.isClientInside) }
            var found = seen[one.name, default: .init()]
            for end in TCPFlow.End.allCases {
                let (measured, algorithm, port) =
                    end == .client ? try measure(made.flow.client, one) : try measure(made.flow.server, one)
                found[end].traits.merge(measured) { $1 }
                found[end].algorithm = algorithm
                found[end].port = port
            }
            if let frames = try capture?.frames() { Self.read(frames, into: &found) }
            Self.sort(try recorder.take(), into: &found)
            if traits.contains(.shortestRoundTrip) {
                let shortest = try made.flow.shortestRoundTrips()
                for end in TCPFlow.End.allCases {
                    let value = end == .client ? shortest.client : shortest.server
                    found[end].traits["\(TCPTrait.shortestRoundTrip)"] = min(value, TCPTrait.longRoundTrip)
                }
            }
            if traits.contains(.largestWindow) {
                for end in TCPFlow.End.allCases {
                    let largest = try made.flow.largestWindow(
                        from: end,
                        past: TCPTrait.enoughSegments - 1,
                        orAfter: 500_000
                    )
                    found[end].traits["\(TCPTrait.largestWindow)"] = min(largest, TCPTrait.enoughSegments)
                }
            }
            seen[one.name] = found
        }
        for one in cases {
            try make(one)
            guard one.isForProcessors else { continue }
            for processor in processors { try Processors.pinned(to: processor) { try make(one.on(processor)) } }
        }
        try enter(false)
        return seen
    }

    /// Which of several servers of the inner cgroup is the first to repeat a SYN-ACK to a client outside that hears nothing.
    ///
    /// - Returns: Its place, `nil` where none did in time, and how many microseconds after its SYN that was seen.
    public func firstRepeatedAnswer(_ routes: [TCPRoute]) throws -> (place: Int?, after: Int) {
        let capture = try PacketSocket(on: try Interface(named: "lo"))
        try inner.enter()
        let servers = try routes.map { Server(try TCPListener($0)) }
        try outer.enter()
        var starts: [UInt64] = []
        var clients: [Client] = []
        for server in servers {
            starts.append(Deadline.now)
            clients.append(Client(try TCPFlow.deaf(to: server.listener)))
        }
        // An optimized build would close the servers as soon as they are named no longer, and nothing would be repeated.
        return try withExtendedLifetime((servers, clients)) {
            let ports = try clients.map { try $0.end.port() }
            let deadline = Deadline(after: answerTime)
            var answers = [Int](repeating: 0, count: routes.count)
            while !deadline.hasPassed {
                for frame in try capture.frames(atLeast: 1, until: deadline) where frame.isOutgoing {
                    guard let segment = TCPSegment(frame: frame.bytes), segment.isAnswer,
                        let place = ports.firstIndex(of: segment.targetPort)
                    else { continue }
                    answers[place] += 1
                    if answers[place] == 2 { return (place, Int((Deadline.now - starts[place]) / 1000)) }
                }
            }
            return (nil, 0)
        }
    }

    private func measure(
        _ end: borrowing TCPEnd,
        _ one: SocketOpsCase
    ) throws(SystemCallError) -> (traits: [String: Int], algorithm: String, port: Int) {
        var found: [String: Int] = [:]
        let info = try end.info()
        for trait in traits {
            switch trait {
            case .sendBuffer: found["\(trait)"] = try end.sendBuffer()
            case .receiveBuffer: found["\(trait)"] = try end.receiveBuffer()
            case .congestionWindow: found["\(trait)"] = info.congestionWindow
            case .hasECN: found["\(trait)"] = info.hasECN ? 1 : 0
            case .serviceClass: found["\(trait)"] = try end.serviceClass(isIPv6: one.route.isIPv6)
            case .largestWindow, .synTimeout, .offeredWindow, .offeredECN, .shortestRoundTrip: break
            }
        }
        return (found, try end.congestionControl(), try end.port())
    }

    private static func read(_ frames: [PacketSocket.Frame], into found: inout SocketOpsObservation.Flow) {
        for frame in frames where frame.isOutgoing {
            guard let segment = TCPSegment(frame: frame.bytes) else { continue }
            let end: TCPFlow.End = segment.isAnswer ? .server : .client
            guard segment.isAnswer || segment.isRequest,
                segment.sourcePort == found[end].port,
                segment.targetPort == found[end == .client ? .server : .client].port
            else { continue }
            found[end].traits["\(TCPTrait.offeredWindow)"] = segment.window
            found[end].traits["\(TCPTrait.offeredECN)"] = segment.offersECN ? 1 : 0
        }
    }

    /// Tells by their ports whose calls they are.
    private static func sort(_ calls: [SocketOpsRecorder.Call], into found: inout SocketOpsObservation.Flow) {
        let (client, server) = (found.client.port, found.server.port)
        for call in calls {
            switch (call.localPort, call.remotePort) {
            case (client, server): found.client.calls.append(call)
            case (server, client): found.server.calls.append(call)
            case (server, 0): found.listener.append(call)
            default: found.strays += 1
            }
        }
    }
}

/// A connection with its listener, which another thread may have made.
private final class Connection: Sendable {
    let listener: TCPListener
    let flow: TCPFlow

    init(_ route: TCPRoute, beforeConnecting prepare: () throws -> Void) throws {
        let listener = try TCPListener(route)
        try prepare()
        flow = try TCPFlow(to: listener)
        self.listener = listener
    }
}

private final class Server {
    let listener: TCPListener

    init(_ listener: consuming TCPListener) { self.listener = listener }
}

private final class Client {
    let end: TCPEnd

    init(_ end: consuming TCPEnd) { self.end = end }
}
