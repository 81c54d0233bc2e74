import SampleLab

extension HbmTrial {
    /// Every trial, in the order in which they are made.
    static let all: [HbmTrial] =
        credits + departures + thresholds + HbmRuling.Half.allCases.flatMap { common($0) + chain($0) }

    /// What packets can be: UDP and TCP, not capable of ECN, capable of it in both ways, and marked already.
    private static let kinds: [(name: String, isTCP: Bool, ecn: UInt8)] = [
        ("UDP", false, 0), ("UDP with ECT(0)", false, 2), ("TCP", true, 0), ("TCP with ECT(1)", true, 1),
        ("TCP with CE", true, 3),
    ]

    /// The last debt, as a credit, on this side of each threshold and the first on the other.
    private static let credits: [HbmTrial] = SocketKind.Family.allCases.flatMap { family in
        kinds.flatMap { kind in
            [HbmRuling.largeLength - 1, HbmRuling.largeLength].flatMap { length in
                [0, HbmRuling.markDebt, HbmRuling.largeDropDebt, HbmRuling.dropDebt].flatMap { debt in
                    [debt, debt + 1].map { debt in
                        HbmTrial(
                            "\(kind.name), \(length) bytes of \(family), debt of \(debt)",
                            .credit,
                            HbmPacket(family, isTCP: kind.isTCP, ecn: kind.ecn, length: length),
                            .frozen(credit: length - debt)
                        )
                    }
                }
            }
        }
    }

    /// The same at leads of time.
    private static let departures: [HbmTrial] = SocketKind.Family.allCases.flatMap { family in
        kinds.flatMap { kind in
            [HbmRuling.largeLength - 1, HbmRuling.largeLength].flatMap { length in
                (Start.leads + [("far ahead", 9 * Start.second...10 * Start.second)]).map { lead in
                    HbmTrial(
                        "\(kind.name), \(length) bytes of \(family), \(lead.name)",
                        .departure,
                        HbmPacket(family, isTCP: kind.isTCP, ecn: kind.ecn, length: length),
                        .ahead(lead.range),
                        HbmSettings(rate: 1000)
                    )
                }
            }
        }
    }

    /// What both programs have in common: beginnings, rates, flags, cgroups and devices.
    private static func common(_ half: HbmRuling.Half) -> [HbmTrial] {
        let (short, full) = (HbmPacket(.inet, length: 60), HbmPacket(.inet6, length: 1500))
        /// A queue that has a packet dropped: of TCP, and of UDP.
        let full4 = HbmPacket(.inet, isTCP: true, length: 120)
        let blocked = half == .credit ? Start.frozen(credit: -1_000_000) : .farAhead
        let rated = { (rate: Int) in HbmSettings(rate: rate) }
        var silent = rated(10)
        silent.isSilent = true
        var uncounted = rated(10)
        uncounted.counts = false
        var looping = rated(10)
        looping.limitsLoopback = true
        return [
            HbmTrial("the first packet", half, short, .fresh, rated(5), isForProcessors: true),
            HbmTrial("the first of 1500 bytes", half, full, .fresh, rated(4_000_000)),
            HbmTrial("after a second", half, short, .elapsed(Start.second, credit: -99_000, rate: 640), rated(5)),
            HbmTrial("after a millisecond", half, full, .elapsed(1_000_000, credit: 20_000, rate: 1280), rated(10)),
            HbmTrial("after a microsecond", half, full, .elapsed(1000, credit: -1000, rate: 128_000), rated(1000)),
            HbmTrial("at a high rate", half, full, .elapsed(1_000_000, credit: 0, rate: 512_000_000), rated(4_000_000)),
            HbmTrial("at no rate", half, full, .elapsed(Start.second, credit: 2000, rate: 0), rated(0)),
            HbmTrial("the rate grows", half, short, .elapsed(1000, credit: 9000, rate: 128), rated(33_000_000)),
            HbmTrial("blocked", half, short, blocked, rated(10), isForProcessors: true),
            HbmTrial(
                "blocked, by a UDP socket",
                half,
                HbmPacket(.inet, length: 900, isDatagram: true),
                blocked,
                rated(10)
            ),
            HbmTrial(
                "a UDP socket of IPv4",
                half,
                HbmPacket(.inet, ecn: 2, length: 900, isDatagram: true),
                .fresh,
                rated(10)
            ),
            HbmTrial(
                "a UDP socket of IPv6",
                half,
                HbmPacket(.inet6, ecn: 1, length: 1400, isDatagram: true),
                .fresh,
                rated(10)
            ),
            HbmTrial("blocked TCP", half, full4, blocked, rated(10), isForProcessors: true),
            HbmTrial("blocked TCP, silently", half, full4, blocked, silent),
            HbmTrial("blocked, uncounted", half, short, blocked, uncounted),
            HbmTrial("blocked TCP, uncounted", half, full4, blocked, uncounted),
            HbmTrial("blocked below", half, short, blocked, rated(10), at: .below),
            HbmTrial("blocked beside", half, short, blocked, rated(10), at: .beside),
            HbmTrial("blocked above", half, full, blocked, rated(10), at: .above),
            HbmTrial("blocked on lo", half, short, blocked, looping, by: .loopback),
            HbmTrial("blocked on lo of IPv6", half, full, blocked, looping, by: .loopback),
            HbmTrial("lo without limits", half, short, blocked, rated(10), by: .loopback),
            HbmTrial("lo of IPv6 without limits", half, full, blocked, rated(10), by: .loopback),
        ]
    }

    /// Leads around each threshold, from four microseconds below to four above as far as the machine is fast enough.
    private static let thresholds: [HbmTrial] = [
        ("UDP at the mark", HbmPacket(.inet, length: 120), HbmRuling.markLead),
        ("TCP at the mark", HbmPacket(.inet6, isTCP: true, ecn: 1, length: 1500), HbmRuling.markLead),
        ("large", HbmPacket(.inet, isTCP: true, ecn: 2, length: 121), HbmRuling.largeDropLead),
        ("small", HbmPacket(.inet6, isTCP: true, ecn: 2, length: 120), HbmRuling.dropLead),
    ].flatMap { name, packet, lead in
        (-20...20).map { step in
            HbmTrial(
                "\(name), near \(lead), \(step)",
                .departure,
                packet,
                .near(lead + step * 200),
                HbmSettings(rate: 1000)
            )
        }
    }

    /// Packets one after another at a rate of a megabit or of twenty, as the clock wants it: from the very first one on, and,
    /// where that takes a hundred packets, from a few above a threshold.
    private static func chain(_ half: HbmRuling.Half) -> [HbmTrial] {
        let udp = HbmPacket(.inet, length: 1500)
        let tcp = HbmPacket(.inet6, isTCP: true, ecn: 2, length: 1500)
        var chains = [("UDP", udp, 1, Start.fresh), ("TCP", tcp, 20, Start.fresh)]
        if half == .credit {
            chains += [
                ("UDP without much credit", udp, 1, .elapsed(1000, credit: 9000, rate: 128)),
                ("TCP without much credit", tcp, 20, .elapsed(1000, credit: 9000 - HbmRuling.markDebt, rate: 2560)),
            ]
        }
        return chains.flatMap { name, packet, rate, start in
            (0..<12).map { place in
                HbmTrial(
                    "\(name) \(place) at \(rate) Mbps",
                    half,
                    packet,
                    place == 0 ? start : .kept,
                    HbmSettings(rate: rate)
                )
            }
        }
    }

    /// Every trial with those that are repeated on processors.
    static func all(on processors: [Int]) -> [HbmTrial] {
        all.flatMap { one in one.isForProcessors ? [one] + processors.map { one.on($0) } : [one] }
    }
}
