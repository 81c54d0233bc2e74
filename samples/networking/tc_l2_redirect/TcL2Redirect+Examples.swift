import LinuxHost
import SampleKit
import SampleLab

extension TcL2Redirect {
    static let examples: [Example<Observation>] = [
        .accepted("every program does its part", run()),
        .accepted("devices with other indices", run(index: 90_000)),
        .rejected("nothing sent", Observation()),
        .rejected("not redirected where it must be", run(like: [.whole: .unredirected, .unforwarded: .unredirected])),
        .rejected("redirected although no program is there to do it", run(like: [.unredirected: .whole])),
        .rejected("not dropped", run(like: [.unredirected: .undropped])),
        .rejected("dropped although no program is there to do it", run(like: [.undropped: .unredirected])),
        .rejected("answers not forwarded", run(like: [.whole: .unforwarded, .unredirected: .unforwarded])),
        .rejected("answers forwarded although no program is there to do it", run(like: [.unforwarded: .whole])),
        .rejected("redirected into nothing", everywhere { $0.answers = [:] }),
        .rejected("the last step missing", run { $0.steps[last] = nil }),
        .rejected("one answer lost", answering { changed($0, by: -1) }),
        .rejected("one answer twice", answering { changed($0, by: 1) }),
        .rejected("a frame of something else", run { $0.steps[last]?.arrived["02:00:00:00:00:03 > elsewhere"] = 1 }),
        .rejected("the tunnel's destination in the other byte order", arriving("10.2.1.102", "102.1.2.10")),
        .rejected("the IPv6 tunnel to another network", arriving("> 2401:db02:0:0:0:0:0:66", "> 2db:124:0:0:0:0:0:66")),
        .rejected("the tunnel's TTL that of the packet", arriving("ttl 64 proto 4", "ttl 33 proto 4")),
        .rejected("the tunnel's hop limit the host's", arriving("hops 64", "hops 61")),
        .rejected("a type of service by chance", arriving("proto 4, 49 bytes", "proto 4, 49 bytes, tos 255")),
        .rejected("a flow label by chance", arriving("next 4, 69 bytes", "next 4, 69 bytes, class and label 000f0f0f")),
        .rejected("IPv4 marked as IPv6 in the tunnel", arriving("next 4,", "next 41,")),
        .rejected("a packet changed inside", arriving("ttl 33 proto 1", "ttl 32 proto 1")),
        .rejected(
            "a header checksum not computed",
            arriving("proto 4, 49 bytes", "proto 4, 49 bytes, wrong header checksum")
        ),
        .rejected("IPv6 not redirected", sixNeverRedirected),
        .rejected("a neighbouring address redirected", arriving("10.1.1.101 > 10.10.0.255", "10.2.1.1 > 10.2.1.102")),
        .rejected("one packet not counted as sent", run { $0.steps[last]?.sent.packets -= 1 }),
        .rejected("the tunnel's header counted", run { $0.steps[last]?.sent.bytes += 40 }),
        .rejected("one packet not counted as received", run { $0.steps[last]?.received.packets -= 1 }),
        .rejected("counted by the other tunnel", run { $0.steps[last]?.strays = Tally(1, 84) }),
        .rejected("another interface in the map", everywhere { $0.mapped += 1 }),
        .rejected(
            "every IPv4 packet taken for a tunnel",
            run { $0.trials["IPv4 of protocol 17"]?["_l2_to_iptun_ingress_forward"] = 7 }
        ),
        .rejected("no test run", run { $0.trials = [:] }),
        .rejected("nothing printed", run { $0.printed = [:] }),
        .rejected("a line printed once too often", run { $0.printed = changed($0.printed, by: 1) }),
        .rejected("the interface's index cut to 16 bits", run { $0.printed = expectedLines { _ in 17 } }),
    ]

    private static let last = Step.all.last?.title ?? ""

    /// A whole run, right unless some arrangements behave like others, or something is changed afterwards.
    private static func run(
        index: Int32 = 0x0100_0011,
        like: [Step.Arrangement: Step.Arrangement] = [:],
        _ change: (inout Observation) -> Void = { _ in }
    ) -> Observation {
        let device = { (step: Step) in index + (step.tunnel == .ipip ? 0 : 1) }
        var seen = Observation(printed: expectedLines(index: device))
        for trial in Trial.all { seen.trials[trial.title] = trial.expected }
        for step in Step.all {
            let arrangement = like[step.arrangement] ?? step.arrangement
            let other = Step(tunnel: step.tunnel, side: step.side, arrangement: arrangement)
            seen.steps[step.title] = other.expected(index: device(step))
        }
        change(&seen)
        return seen
    }

    /// A run in which each step brought something else than it ought to.
    private static func everywhere(_ change: (inout Seen) -> Void) -> Observation {
        run { seen in for step in Step.all { change(&seen.steps[step.title, default: Seen()]) } }
    }

    /// A run in which frames arrived at the server with other words in what they say.
    private static func arriving(_ words: String, _ others: String) -> Observation {
        everywhere { part in
            var arrived: [String: Int] = [:]
            for (frame, count) in part.arrived {
                let pieces = frame.split(separator: words, omittingEmptySubsequences: false)
                arrived[pieces.joined(separator: others), default: 0] += count
            }
            part.arrived = arrived
        }
    }

    /// A run whose last step had other answers.
    private static func answering(_ change: ([String: Int]) -> [String: Int]) -> Observation {
        run { seen in
            let answers = seen.steps[last]?.answers ?? [:]
            seen.steps[last]?.answers = change(answers)
        }
    }

    private static var sixNeverRedirected: Observation {
        run { seen in
            for step in Step.all where step.tunnel == .ip6tnl && step.redirects {
                // As with the program for IPv4 alone, in whose steps the same frames of IPv6 arrive.
                let like = Step(tunnel: .ipip, side: step.side, arrangement: step.arrangement)
                var part = seen.steps[step.title] ?? Seen()
                part.arrived = part.arrived.filter { !$0.key.contains("2401:face") }
                    .merging(like.expected(index: 0).arrived.filter { $0.key.contains("2401:face") }) { $1 }
                seen.steps[step.title] = part
            }
        }
    }

    /// The numbers with one of them changed.
    private static func changed(_ counts: [String: Int], by difference: Int) -> [String: Int] {
        var counts = counts
        if let key = counts.keys.min() { counts[key, default: 0] += difference }
        return counts
    }
}
