import RunModel
import SampleKit
import SampleLab

extension TestCgrp2Sock2 {
    /// A state of the cgroup and the process: which programs are attached, and which kinds of socket they deny.
    struct Situation {
        let name: String
        let attached: [String]
        let denied: Set<SocketKind>
    }

    static let rawICMPv6 = SocketKind(.inet6, .raw, 58)
    static let rawICMP = SocketKind(.inet, .raw, 1)

    /// What objects deny that deny sockets of this type.
    static func situations(_ style: SocketKind.Style = .raw) -> [Situation] {
        let (second, first) = (SocketKind(.inet, style, 1), SocketKind(.inet6, style, 58))
        return [
            Situation(name: "outside", attached: ["bpf_prog1", "bpf_prog2"], denied: []),
            Situation(name: "both", attached: ["bpf_prog1", "bpf_prog2"], denied: [first, second]),
            Situation(name: "prog1", attached: ["bpf_prog1"], denied: [first]),
            Situation(name: "prog2", attached: ["bpf_prog2"], denied: [second]),
            Situation(name: "detached", attached: [], denied: []),
        ]
    }

    func judge(_ seen: Observation) -> Judgement {
        let situations = Self.situations(seen.deniesDatagrams == true ? .datagram : .raw)
        var denials = 0
        var checks: [Check] = []
        var notReached = SenderProcessors.notReached(onOthers: seen.processors - 1)
        let free = seen.answers["outside"] ?? [:]
        let inet6 = Self.kinds.filter { $0.family == .inet6 }
        let hasIPv6 = !inet6.allSatisfy { free["\($0)"] == "EAFNOSUPPORT" }
        if seen.printed == nil {
            notReached.append("what the programs print, which only the first pid namespace can tell from others' lines")
        }
        if !hasIPv6 { notReached.append("AF_INET6, which this kernel does not have: bpf_prog1 had nothing to deny") }
        for kind in Self.kinds where free["\(kind)"] == "EACCES" && Self.isEcho(kind) {
            notReached.append("\(kind), which this kernel allows nobody")
        }
        for situation in situations {
            let attached = seen.attached[situation.name] ?? []
            checks.append(.equal("\(situation.name): attached", expected: situation.attached, observed: attached))
            for kind in Self.kinds {
                let usual =
                    if kind.family == .inet6, !hasIPv6 {
                        "EAFNOSUPPORT"
                    } else if Self.isEcho(kind), free["\(kind)"] == "EACCES" {
                        "EACCES"
                    } else {
                        "ok"
                    }
                let expected = situation.denied.contains(kind) && usual == "ok" ? "EPERM" : usual
                let found = seen.answers[situation.name]?["\(kind)"] ?? "not tried"
                checks.append(.equal("\(situation.name): \(kind)", expected: expected, observed: found))
                if expected == "EPERM", found == "EPERM" { denials += 1 }
                checks.append(
                    .equal(
                        "\(situation.name): \(kind) of another user",
                        expected: found,
                        observed: seen.foreign[situation.name]?["\(kind)"] ?? "not tried"
                    )
                )
            }
            checks += Self.printChecks(seen, situation)
            for family in SocketKind.Family.allCases {
                // A protocol that no header can name is the kernel's own matter; the cgroup's programs never deny it.
                var expected = (seen.refused["outside"]?[family.rawValue] ?? [:]).filter { !(1...255).contains($0.key) }
                for proto: CInt in 1...255 {
                    let isDenied = situation.denied.contains(SocketKind(family, .raw, proto))
                    if family == .inet6, !hasIPv6 {
                        expected[proto] = "EAFNOSUPPORT"
                    } else if isDenied {
                        expected[proto] = "EPERM"
                    }
                }
                checks.append(
                    .equal(
                        "\(situation.name): protocols of \(family) without a raw socket",
                        expected: Self.text(expected),
                        observed: (seen.refused[situation.name]?[family.rawValue]).map { Self.text($0) } ?? "not tried"
                    )
                )
            }
        }
        // Where nobody is allowed the kinds that the object denies, nothing shows what it does.
        checks.append(.atLeast("denials", bound: 2, observed: denials))
        return Judgement(checks, notReached: notReached)
    }

    /// Protocols and what was said of them, neighbours of one answer together.
    private static func text(_ refused: [CInt: String]) -> String {
        var runs: [(first: CInt, last: CInt, answer: String)] = []
        for (proto, answer) in refused.sorted(by: { $0.key < $1.key }) {
            if let run = runs.last, run.last == proto - 1, run.answer == answer {
                runs[runs.count - 1].last = proto
            } else {
                runs.append((proto, proto, answer))
            }
        }
        let words = runs.map { "\($0.answer) \($0.first)" + ($0.last > $0.first ? "-\($0.last)" : "") }
        return words.isEmpty ? "none" : words.joined(separator: ", ")
    }

    /// Whether a kind of socket is one that a sysctl must allow first.
    static func isEcho(_ kind: SocketKind) -> Bool {
        kind.style == .datagram && (kind.proto == 1 || kind.proto == 58)
    }
}
