import RunModel
import SampleKit
import SampleLab

extension TestCgrp2Sock2 {
    /// A state of the cgroup and the process: which programs are attached, and which kinds of socket they deny.
    private struct Situation {
        let name: String
        let attached: [String]
        let denied: Set<SocketKind>
    }

    private static let rawICMPv6 = SocketKind(.inet6, .raw, 58)
    private static let rawICMP = SocketKind(.inet, .raw, 1)

    /// What objects deny that deny sockets of this type.
    private static func situations(_ style: SocketKind.Style = .raw) -> [Situation] {
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
        var notReached: [String] = []
        let free = seen.answers["outside"] ?? [:]
        let inet6 = Self.kinds.filter { $0.family == .inet6 }
        let hasIPv6 = !inet6.allSatisfy { free["\($0)"] == "EAFNOSUPPORT" }
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
            }
        }
        // Where nobody is allowed the kinds that the object denies, nothing shows what it does.
        checks.append(.atLeast("denials", bound: 2, observed: denials))
        return Judgement(checks, notReached: notReached)
    }

    /// Whether a kind of socket is one that a sysctl must allow first.
    private static func isEcho(_ kind: SocketKind) -> Bool {
        kind.style == .datagram && (kind.proto == 1 || kind.proto == 58)
    }

    static let examples: [Example<Observation>] = [
        .accepted("each denies its own", good()),
        .accepted(
            "a kernel without IPv6",
            changed { answers in
                for situation in situations() {
                    for kind in kinds where kind.family == .inet6 {
                        answers[situation.name]?["\(kind)"] = "EAFNOSUPPORT"
                    }
                }
            }
        ),
        .accepted(
            "a kernel that allows nobody ICMP datagrams",
            changed { answers in
                for situation in situations() {
                    for kind in kinds where isEcho(kind) { answers[situation.name]?["\(kind)"] = "EACCES" }
                }
            }
        ),
        .accepted("an object that denies datagrams", good(.datagram)),
        .rejected(
            "datagrams denied by an object that denies raw sockets",
            { seen in
                var seen = seen
                seen.deniesDatagrams = false
                return seen
            }(good(.datagram))
        ),
        .rejected(
            "raw sockets denied by an object that denies datagrams",
            { seen in
                var seen = seen
                seen.deniesDatagrams = true
                return seen
            }(good())
        ),
        .rejected(
            "nothing that could be denied",
            {
                var seen = good(.datagram)
                for situation in situations() {
                    for kind in kinds where isEcho(kind) { seen.answers[situation.name]?["\(kind)"] = "EACCES" }
                }
                return seen
            }()
        ),
        .rejected("nothing tried", Observation()),
        .rejected("attached, but nothing tried", changed { $0 = [:] }),
        .rejected("tried, but not attached", Observation(answers: good().answers)),
        .rejected(
            "nothing denied",
            changed { answers in
                for situation in situations() { answers[situation.name] = table([:]) }
            }
        ),
        .rejected(
            "everything denied",
            changed { answers in
                for situation in situations() {
                    answers[situation.name] = table(Dictionary(uniqueKeysWithValues: kinds.map { ($0, "EPERM") }))
                }
            }
        ),
        .rejected("EACCES for EPERM", changed { $0["prog1"] = table([rawICMPv6: "EACCES"]) }),
        .rejected("the wrong program's socket denied", changed { $0["prog1"] = table([rawICMP: "EPERM"]) }),
        .rejected("the family not looked at", changed { $0["prog2"]?["inet6 raw 1"] = "EPERM" }),
        .rejected("the type not looked at", changed { $0["prog2"]?["inet datagram 1"] = "EPERM" }),
        .rejected("the protocol not looked at", changed { $0["prog1"]?["inet6 raw 255"] = "EPERM" }),
        .rejected("only the last of two programs asked", changed { $0["both"] = table([rawICMP: "EPERM"]) }),
        .rejected("denied outside the cgroup", changed { $0["outside"] = table([rawICMP: "EPERM"]) }),
        .rejected("denied after detaching", changed { $0["detached"] = table([rawICMP: "EPERM"]) }),
        .rejected("IPv6 there for raw sockets only", changed { $0["outside"]?["inet6 stream 0"] = "EAFNOSUPPORT" }),
    ]

    private static func table(_ denied: [SocketKind: String]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: kinds.map { ("\($0)", denied[$0] ?? "ok") })
    }

    private static func good(_ style: SocketKind.Style = .raw) -> Observation {
        var seen = Observation(deniesDatagrams: style == .datagram)
        for situation in situations(style) {
            if !situation.attached.isEmpty { seen.attached[situation.name] = situation.attached }
            seen.answers[situation.name] = table(
                Dictionary(uniqueKeysWithValues: situation.denied.map { ($0, "EPERM") })
            )
        }
        return seen
    }

    private static func changed(_ change: (inout [String: [String: String]]) -> Void) -> Observation {
        var seen = good()
        change(&seen.answers)
        return seen
    }
}
