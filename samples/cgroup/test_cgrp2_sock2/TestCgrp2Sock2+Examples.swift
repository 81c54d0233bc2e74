import SampleKit
import SampleLab

extension TestCgrp2Sock2 {
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
        .rejected(
            "another user allowed what root is denied",
            {
                var seen = good()
                seen.foreign["prog1"]?["\(rawICMPv6)"] = "ok"
                return seen
            }()
        ),
        .rejected(
            "a protocol of nine bits denied",
            {
                var seen = good()
                seen.refused["prog2"]?["inet"]?[257] = "EPERM"
                return seen
            }()
        ),
        .rejected(
            "every protocol from 58 on denied",
            {
                var seen = good()
                for proto: CInt in 58...255 { seen.refused["prog1"]?["inet6"]?[proto] = "EPERM" }
                return seen
            }()
        ),
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
        .accepted("lines not told apart", printed { $0 = nil }),
        .rejected("nothing printed", printed { $0 = [:] }),
        .rejected("a line missing", printed { $0?["prog2"]?[0].removeLast() }),
        .rejected("the group for the user", printed { $0?["prog1"]?[1][1] = "socket: uid 1073884110 gid 1073884110" }),
        .rejected("the other program's line first", printed { $0?["both"]?[0].swapAt(1, 2) }),
        .rejected("printed for a process outside", printed { $0?["outside"]?[0] = ["socket: uid 0 gid 0"] }),
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
        complete(&seen)
        return seen
    }

    private static func printed(_ change: (inout [String: [[String]]]?) -> Void) -> Observation {
        var seen = good()
        change(&seen.printed)
        return seen
    }

    private static func changed(_ change: (inout [String: [String: String]]) -> Void) -> Observation {
        var seen = good()
        change(&seen.answers)
        complete(&seen)
        return seen
    }

    /// Gives another user the same answers, and to all raw protocols those of the kinds that were tried.
    private static func complete(_ seen: inout Observation) {
        seen.foreign = seen.answers
        for situation in situations(seen.deniesDatagrams == true ? .datagram : .raw) {
            guard let answers = seen.answers[situation.name] else { continue }
            seen.printed?[situation.name] = [seen.owner, stranger].map { lines(for: situation, $0, answers) }
        }
        for (situation, answers) in seen.answers {
            for family in SocketKind.Family.allCases {
                let isMissing = answers["\(family.rawValue) raw 6"] == "EAFNOSUPPORT"
                var refused: [CInt: String] = [0: isMissing ? "EAFNOSUPPORT" : "EPROTONOSUPPORT"]
                if isMissing {
                    for proto in protocols { refused[proto] = "EAFNOSUPPORT" }
                }
                for kind in kinds where kind.family == family && kind.style == .raw {
                    if let answer = answers["\(kind)"], answer != "ok" { refused[kind.proto] = answer }
                }
                seen.refused[situation, default: [:]][family.rawValue] = refused
            }
        }
    }
}
