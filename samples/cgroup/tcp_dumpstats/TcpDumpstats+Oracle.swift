import RunModel
import SampleKit
import SampleLab

extension TcpDumpstats {
    /// The names of the connections, and whether their client is in the cgroup.
    private static func names(_ seen: Observation) -> [(name: String, isDumped: Bool)] {
        cases.flatMap { one in
            one.isForProcessors
                ? seen.processors.map { ("\(one.name), processor \($0)", one.isClientInside) }
                : [(one.name, one.isClientInside)]
        }
    }

    /// A second, which the source gives as the interval.
    private static let second = 1_000_000_000

    func judge(_ seen: Observation) -> Judgement {
        var checks: [Check] = [
            .equal("the program was attached", expected: true, observed: seen.isAttached),
            .atLeast("processors", bound: 1, observed: seen.processors.count),
        ]
        for (name, isDumped) in Self.names(seen) {
            let rounds = seen.flows[name] ?? []
            checks.append(.equal("\(name): rounds", expected: Self.rounds.count, observed: rounds.count))
            for (title, round) in zip(Self.rounds, rounds) {
                checks += Self.checks(
                    "\(name), \(title)",
                    round,
                    isDumped,
                    prints: !["not due", "due later"].contains(title)
                )
                guard isDumped else { continue }
                switch title {
                case "due later":
                    checks.append(
                        .atLeast("\(name), \(title): nanoseconds left", bound: Self.second * 2, observed: round.due[0])
                    )
                case "not due": break
                default:
                    checks += [
                        .atMost("\(name), \(title): nanoseconds left", bound: Self.second, observed: round.due[0]),
                        .atLeast(
                            "\(name), \(title): nanoseconds from the start",
                            bound: Self.second,
                            observed: round.due[1]
                        ),
                    ]
                }
            }
            guard isDumped, let last = rounds.last else { continue }
            checks.append(.atLeast("\(name): marked segments", bound: 3, observed: last.congested[0]))
        }
        for trouble in Trouble.allCases { checks += Self.checks(trouble, seen.troubled[trouble.rawValue] ?? .init()) }
        return Judgement(checks, notReached: SenderProcessors.notReached(onOthers: seen.processors.count - 1))
    }

    /// What must have been printed after a trouble, and that it was one.
    private static func checks(_ trouble: Trouble, _ seen: Observation.Troubled) -> [Check] {
        // Only a timer could change these meanwhile, on a machine that is very slow.
        let (duplicates, timeouts) = (
            Set([seen.before.duplicates, seen.after.duplicates]), Set([seen.before.timeouts, seen.after.timeouts])
        )
        let possible = duplicates.flatMap { duplicates in
            timeouts.map {
                "dsack_dups=\(duplicates) delivered=\(seen.after.delivered); delivered_ce=0 icsk_retransmits=\($0)"
            }
        }
        let lines = seen.lines.joined(separator: "; ")
        return [
            Check(
                claim: "\(trouble.rawValue): lines",
                expected: possible.sorted().joined(separator: ", or "),
                observed: lines.isEmpty ? "none" : lines,
                held: possible.contains(lines)
            ),
            .equal(
                "\(trouble.rawValue), by the kernel's own counts",
                expected: true,
                observed: trouble.hasHappened(by: seen.after)
            ),
        ]
    }

    private static func checks(
        _ title: String,
        _ round: Observation.Round,
        _ isDumped: Bool,
        prints: Bool
    ) -> [Check] {
        // Kernels count a mark before or after they measure the round trip.
        let marked = Array(Set(round.congested).sorted())
        let possible = (isDumped && prints ? (marked[0]...(marked.last ?? 0)).map { $0 } : [])
            .map { "dsack_dups=0 delivered=\(round.delivered); delivered_ce=\($0) icsk_retransmits=0" }
        let lines = round.lines.joined(separator: "; ")
        return [
            Check(
                claim: "\(title): lines",
                expected: possible.isEmpty ? "none" : possible.joined(separator: ", or "),
                observed: lines.isEmpty ? "none" : lines,
                held: possible.isEmpty ? lines.isEmpty : possible.contains(lines)
            ),
            .equal("\(title): replies that are not 0", expected: 0, observed: round.replies),
            .equal("\(title): entries of client and server", expected: [isDumped, false], observed: round.entries),
            .equal(
                "\(title): callbacks of client and server",
                expected: [isDumped ? 8 : 0, 0],
                observed: round.callbacks
            ),
        ]
    }

    static let examples: [Example<Observation>] = [
        .accepted("as it must be", good()),
        .accepted("marks counted later", changed { $0.lines[1] = "delivered_ce=4 icsk_retransmits=0" }),
        .rejected("nothing seen", Observation()),
        .rejected("no trouble", troubled(Trouble.allCases) { $0 = .init() }),
        .accepted("a timeout before the print", troubled([.lossy]) { $0.before.timeouts = 0 }),
        .rejected(
            "a timeout told of that was none",
            troubled([.lossy]) { $0.lines[1] = "delivered_ce=0 icsk_retransmits=2" }
        ),
        .rejected("received for delivered", troubled([.answered]) { $0.lines[0] = "dsack_dups=0 delivered=14" }),
        .rejected("16 bits of delivered", troubled([.long]) { $0.lines[0] = "dsack_dups=1 delivered=1000" }),
        .rejected("lost for twice", troubled([.lossy]) { $0.lines[0] = "dsack_dups=1 delivered=10" }),
        .rejected("never twice", troubled([.doubled]) { $0.lines[0] = "dsack_dups=0 delivered=10" }),
        .rejected("nothing lost", troubled([.lossy]) { $0.after.lost = 0 }),
        .rejected("never printed", changed { $0.lines = [] }),
        .rejected("printed twice", changed { $0.lines += $0.lines }),
        .rejected("one segment too many", changed { $0.lines[0] = "dsack_dups=0 delivered=9" }),
        .rejected("fields exchanged", changed { $0.lines[0] = "dsack_dups=7 delivered=0" }),
        .rejected("no marks", changed { $0.lines[1] = "delivered_ce=0 icsk_retransmits=0" }),
        .rejected("a retransmission", changed { $0.lines[1] = "delivered_ce=5 icsk_retransmits=1" }),
        .rejected("printed too early", changed(round: 1) { $0.lines = good().flows["client only"]?[0].lines ?? [] }),
        .rejected("a tenth of a second", changed { $0.due = [95_000_000, 100_500_000] }),
        .rejected("ten seconds", changed { $0.due = [9_999_000_000, 10_000_500_000] }),
        .rejected("no entry", changed { $0.entries = [false, false] }),
        .rejected("an entry for the server", changed { $0.entries = [true, true] }),
        .rejected("other callbacks", changed { $0.callbacks = [9, 0] }),
        .rejected("the server's callbacks", changed { $0.callbacks = [8, 8] }),
        .rejected("a reply", changed { $0.replies = 1 }),
        .rejected("the interval overwritten", changed(round: 3) { $0.due = [900_000_000, 1_000_000_000] }),
    ]

    private static func troubled(
        _ troubles: [Trouble],
        _ change: (inout Observation.Troubled) -> Void
    ) -> Observation {
        var seen = good()
        for trouble in troubles { change(&seen.troubled[trouble.rawValue, default: .init()]) }
        return seen
    }

    private static func good() -> Observation {
        var seen = Observation(isAttached: true, processors: [0, 1])
        for trouble in Trouble.allCases {
            var account = TCPAccount()
            account.delivered = trouble == .long ? 66_536 : 10
            switch trouble {
            case .answered: account.received = 14
            case .long, .recovered: account.resentEver = 2
            case .lossy: (account.lost, account.resent, account.selected, account.resentEver) = (1, 1, 9, 1)
            case .doubled: account.duplicates = 1
            }
            var one = Observation.Troubled(before: account, after: account)
            one.lines = [
                "dsack_dups=\(account.duplicates) delivered=\(account.delivered)", "delivered_ce=0 icsk_retransmits=0",
            ]
            seen.troubled[trouble.rawValue] = one
        }
        for (name, isDumped) in names(seen) {
            seen.flows[name] = [1, 2, 4, 7, 8].enumerated().map { index, delivered in
                var round = Observation.Round(delivered: delivered, entries: [isDumped, false])
                round.congested = [[0, 0], [0, 1], [1, 3], [3, 4], [4, 5]][index]
                guard isDumped else { return round }
                round.callbacks = [8, 0]
                round.due = index == 3 ? [59_000_000_000, 60_000_000_000] : [999_000_000, 1_000_500_000]
                if index != 1, index != 3 {
                    round.lines = [
                        "dsack_dups=0 delivered=\(delivered)",
                        "delivered_ce=\(round.congested[1]) icsk_retransmits=0",
                    ]
                }
                return round
            }
        }
        return seen
    }

    private static func changed(round: Int = 4, _ change: (inout Observation.Round) -> Void) -> Observation {
        var seen = good()
        guard var rounds = seen.flows["client only"] else { return seen }
        change(&rounds[round])
        seen.flows["client only"] = rounds
        return seen
    }
}
