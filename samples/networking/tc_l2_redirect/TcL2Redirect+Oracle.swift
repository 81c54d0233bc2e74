import LinuxHost
import RunModel
import SampleKit
import SampleLab

extension TcL2Redirect {
    func judge(_ seen: Observation) -> Judgement {
        var checks: [Check] = []
        for step in Step.all {
            let part = seen.steps[step.title] ?? Seen()
            let wanted = step.expected(index: part.index)
            checks += [
                .tally("\(step.title): frames at the server", expected: wanted.arrived, observed: part.arrived),
                .tally("\(step.title): frames back at the client", expected: wanted.answers, observed: part.answers),
                .tally("\(step.title): packets in at the tunnel", expected: wanted.unpacked, observed: part.unpacked),
                .equal("\(step.title): received by the tunnel", expected: wanted.received, observed: part.received),
                .equal("\(step.title): sent by the tunnel", expected: wanted.sent, observed: part.sent),
                .equal("\(step.title): by the other tunnel", expected: wanted.strays, observed: part.strays),
                .equal("\(step.title): interface in the map", expected: part.index, observed: part.mapped),
            ]
        }
        for trial in Trial.all {
            checks.append(
                .equal(
                    "\(trial.title): test runs",
                    expected: Self.text(trial.expected),
                    observed: Self.text(seen.trials[trial.title] ?? [:])
                )
            )
        }
        let wanted = Self.expectedLines { seen.steps[$0.title]?.index ?? 0 }
        return Judgement(checks + [.tally("lines printed", expected: wanted, observed: seen.printed)])
    }

    private static func text(_ answers: [String: UInt32]) -> [String] {
        answers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    }

    /// The lines that the kern half must print in all steps.
    static func expectedLines(index: (Step) -> Int32) -> [String: Int] {
        var lines: [String: Int] = [:]
        for step in Step.all {
            let device = "ifindex:\(index(step))"
            for request in step.answered where step.redirects(request) {
                // The last bits of an IPv6 address are not printed.
                let word = request.destination.bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                let name = if case .v4 = request.destination { "daddr4" } else { "daddr6" }
                let line = "e/ingress redirect \(name):\(String(word, radix: 16)) to \(device)"
                lines[line, default: 0] += request.count
            }
            for request in step.answered where step.forwards && step.returns(request) {
                let router = step.tunnel == .ipip ? "daddr4:a020101" : "daddr6:2401db02::1"
                lines["ingress forward to \(device) \(router)", default: 0] += request.count
            }
        }
        return lines
    }
}

extension TcL2Redirect.Step {
    /// What the step must bring.
    func expected(index: Int32) -> TcL2Redirect.Seen {
        typealias Address = TcL2Redirect.Address
        var seen = TcL2Redirect.Seen(index: index, mapped: index)
        for request in TcL2Redirect.Request.all {
            // The router takes one off what it forwards: before the redirection at its way out, not before that at its way in.
            let isForwarded = side == .egress || side == .ingress && !redirects(request)
            let ttl = TcL2Redirect.Request.ttl - (isForwarded ? 1 : 0)
            let way = [PacketForm.ethernet(from: Address.farHardware, to: Address.serverHardware)]
            let tunnel = redirects(request) ? [tunnel.requestHeader(around: request)] : []
            let frame = PacketForm.joined(way + tunnel + request.form(isReply: false, ttl: ttl))
            seen.arrived[frame, default: 0] += request.count
            if redirects(request) { seen.sent = seen.sent + request.tally }
        }
        for request in answered {
            let way = PacketForm.ethernet(from: Address.nearHardware, to: Address.clientHardware)
            let frame = PacketForm.joined([way] + request.form(isReply: true, ttl: 63))
            seen.answers[frame, default: 0] += request.count
            guard returns(request) else { continue }
            let packet = request.form(isReply: true, ttl: 64)
            seen.unpacked[PacketForm.joined(packet), default: 0] += request.count
            seen.received = seen.received + request.tally
            guard forwards else { continue }
            let outer = PacketForm.joined([tunnel.replyHeader(around: request)] + packet)
            seen.unpacked[outer, default: 0] += request.count
        }
        return seen
    }
}

extension TcL2Redirect.Tunnel {
    /// The header that the kern half must have put around a request.
    fileprivate func requestHeader(around request: TcL2Redirect.Request) -> String {
        typealias Address = TcL2Redirect.Address
        let size = request.size + overhead
        switch self {
        case .ipip:
            return PacketForm.ipv4(from: Address.router4, to: Address.server4, ttl: 64, proto: 4, size: size)
        case .ip6tnl:
            let next = request.tunnelProtocol
            return PacketForm.ipv6(from: Address.router6, to: Address.server6, hopLimit: 64, next: next, size: size)
        }
    }

    /// The header that the server's own tunnel puts around an answer, not to be fragmented.
    fileprivate func replyHeader(around request: TcL2Redirect.Request) -> String {
        typealias Address = TcL2Redirect.Address
        let size = request.size + overhead
        switch self {
        case .ipip:
            let (from, to) = (Address.server4, Address.router4)
            return PacketForm.ipv4(from: from, to: to, ttl: 64, proto: 4, size: size, fragment: 0x4000)
        case .ip6tnl:
            let next = request.tunnelProtocol
            return PacketForm.ipv6(from: Address.server6, to: Address.router6, hopLimit: 64, next: next, size: size)
        }
    }
}

extension TcL2Redirect.Request {
    /// The protocol number of the packet in a tunnel.
    fileprivate var tunnelProtocol: UInt8 { if case .v4 = destination { 4 } else { 41 } }

    fileprivate var tally: Tally { Tally(Int64(count), Int64(count * size)) }

    /// A request or its answer in words, without what is around it.
    fileprivate func form(isReply: Bool, ttl: UInt8) -> [String] {
        let (from, to) = isReply ? (destination, source) : (source, destination)
        let echo = PacketForm.echo(isReply: isReply, payload)
        switch (from, to) {
        case (.v4(let from), .v4(let to)):
            return [PacketForm.ipv4(from: from, to: to, ttl: ttl, proto: 1, size: size), echo]
        case (.v6(let from), .v6(let to)):
            return [PacketForm.ipv6(from: from, to: to, hopLimit: ttl, next: 58, size: size), echo]
        default: return []
        }
    }
}
