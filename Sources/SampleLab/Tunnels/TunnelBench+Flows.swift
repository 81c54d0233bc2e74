import LibBPF
public import LinuxHost
public import SampleKit

extension TunnelBench {
    /// Has a host send by kinds of tunnels and packets come in them, of each after another, and says what came of it.
    ///
    /// - Parameters:
    ///   - kinds: The kinds.
    ///   - withPrograms: Whether their programs are put on the devices.
    ///   - arena: The sample's arena; in a control run nothing is sent.
    ///   - prepare: What is done before each.
    /// - Returns: What ``TunnelKind/expected(_:withPrograms:_:)`` says for each processor, if all is right; what came until
    ///   something was missing, and nothing after that.
    /// - Throws: `ObjectMismatch` for an object of another form, `SystemCallError` for the harness's own calls.
    public func perform(
        _ kinds: [Kind],
        withPrograms: Bool,
        in arena: borrowing Arena,
        prepare: (Kind) throws -> Void = { _ in }
    ) throws -> Tallies {
        var all: Tallies = [:]
        for kind in kinds where !isBroken {
            try prepare(kind)
            all = all + (try perform(kind, withPrograms: withPrograms, in: arena)).named("\(kind.rawValue): ")
        }
        return all
    }

    /// Runs a closure on one processor after another, and says on how many.
    public func onEachProcessor(in arena: borrowing Arena, _ body: () throws -> Void) throws -> Int {
        var rounds = 0
        try arena.stimulate {
            try SenderProcessors.each { _, _ in
                try body()
                SenderProcessors.settle()
                rounds += 1
            }
        }
        return rounds
    }

    /// Has nothing waited for any more, if something is not as it must be.
    public func note(_ found: Tallies, expected: Tallies, in arena: borrowing Arena) {
        if !arena.isControl, found != expected { isBroken = true }
    }

    private func perform(_ kind: Kind, withPrograms: Bool, in arena: borrowing Arena) throws -> Tallies {
        _ = try recorder.take()
        let device = try device(kind)
        let (setter, getter) = withPrograms ? (kind.setter, kind.getter) : (nil, nil)
        try attach(setter, to: device, at: .egress, of: kind.host)
        try attach(getter, to: device, at: .ingress, of: kind.host)
        let packets = kind.sent + kind.astray
        let frames = incomingFrames(kind)
        let far = try far(kind.host)
        let rounds = try onEachProcessor(in: arena) {
            for packet in packets { try send(packet, from: kind.host) }
            for frame in frames { try far.socket.send(frame) }
        }
        let wanted = kind.outcome(withPrograms: withPrograms, run) * rounds
        let deadline = Deadline(after: answerTime)
        let found =
            try unpacked(kind, wanted, deadline) + leaving(kind, wanted, deadline) + home(kind, wanted, deadline)
            + printed(wanted, deadline)
        try detach(setter, from: device, at: .egress, of: kind.host)
        try detach(getter, from: device, at: .ingress, of: kind.host)
        note(found, expected: wanted, in: arena)
        return found
    }

    /// What the far end sends: in each kind of headers a packet for nobody, and echo requests.
    private func incomingFrames(_ kind: Kind) -> [[UInt8]] {
        kind.arrivals(run).enumerated().flatMap { number, arrival in
            ([kind.received(number)] + kind.echoes(isOutgoing: false)).map { packet in
                var headers = arrival.headers
                // GRE of a device without frames says which version it carries.
                if kind.device == .ip6gre, !packet.isV4 { headers.header.replaceSubrange(2..<4, with: [0x86, 0xdd]) }
                return headers.frame(
                    around: packet.carried(by: kind.device, isOutgoing: false),
                    from: farHardware(kind.host),
                    to: hardware(kind.host)
                )
            }
        }
    }

    /// Puts a program on a side of a device.
    public func attach(
        _ program: String?,
        to device: Interface,
        at side: RouteSocket.FilterSide,
        of host: TunnelHost
    ) throws {
        guard let program else { return }
        let attached = try object.program(program)
        try network.configure(host.rawValue) { try attached.attachFilter(to: device, at: side, by: &$0) }
    }

    /// Takes it away.
    public func detach(
        _ program: String?,
        from device: Interface,
        at side: RouteSocket.FilterSide,
        of host: TunnelHost
    ) throws {
        guard program != nil else { return }
        try network.configure(host.rawValue) { try $0.removeFilter(from: device, at: side) }
    }

    /// Runs programs without a device.
    public func perform(_ trials: [TunnelTrial], in arena: borrowing Arena) throws -> Tallies {
        if isBroken { return [:] }
        _ = try recorder.take()
        var found: Tallies = [:]
        let rounds = try onEachProcessor(in: arena) {
            for trial in trials {
                let answer = try object.program(trial.program).run(on: trial.frame)
                found.add("\(trial.program) answers \(answer) to \(trial.title)")
            }
        }
        for line in try recorder.take().whole() where line.task == name {
            found.add("printed: \(Self.withoutPlace(line.text))")
        }
        note(found, expected: TunnelTrial.expected(trials) * rounds, in: arena)
        return found
    }

    /// A line without the number of the source's line in it.
    private static func withoutPlace(_ text: String) -> String {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        return parts.map { part in
            part.hasPrefix("line:") && part.dropFirst(5).allSatisfy(\.isNumber) ? "line:*" : String(part)
        }.joined(separator: " ")
    }
}
