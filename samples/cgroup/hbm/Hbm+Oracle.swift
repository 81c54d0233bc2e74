import RunModel
import SampleKit
import SampleLab

extension Hbm {
    func judge(_ seen: Observation) -> Judgement {
        var checks: [Check] = [.atLeast("processors", bound: 1, observed: seen.processors.count)]
        for half in HbmRuling.Half.allCases {
            let found = seen.halves[half.rawValue] ?? Observation.Half()
            checks.append(.equal("\(half.rawValue): attached", expected: true, observed: found.isAttached))
            let trials = HbmTrial.all(on: seen.processors).filter { $0.half == half }
            let outcomes = found.trials.list
            var wrong: [[Check]] = []
            for (place, trial) in trials.enumerated() {
                let objections = Self.objections(trial, at: place, of: outcomes)
                if !objections.isEmpty { wrong.append(objections) }
            }
            checks += [
                .equal("\(half.rawValue): packets", expected: trials.count, observed: outcomes.count),
                .equal(
                    "\(half.rawValue): packets treated as they must be",
                    expected: trials.count,
                    observed: trials.count - wrong.count
                ),
            ]
            checks += wrong.joined().prefix(20)
            if half == .departure { checks += Self.reached(trials, outcomes) }
            checks += Self.checks(found.tosses, half)
            checks += Self.checks(found.crowd, half, seen.processors.count)
            for one in HbmSegment.connections {
                checks += Self.checks(
                    found.connections[one.name] ?? [:],
                    half,
                    one.name,
                    one.family,
                    withECN: one.withECN
                )
            }
        }
        checks += Self.checks(seen.delays)
        let missing = seen.delays == nil ? ["packets kept until they may leave: this kernel has no fq"] : []
        return Judgement(checks, notReached: SenderProcessors.notReached(onOthers: seen.processors.count - 1) + missing)
    }

    // MARK: Trials

    /// What is wrong with what came of a trial; nothing where nothing is.
    private static func objections(_ trial: HbmTrial, at place: Int, of outcomes: [HbmTrial.Outcome]) -> [Check] {
        guard outcomes.indices.contains(place) else {
            return [.equal(trial.name, expected: "tried", observed: "not tried")]
        }
        let found = outcomes[place]
        let clock = trial.settings.counts && trial.isLimited ? found.counts.last : found.began
        // What was asked for stands there before, even where a program has written over it.
        let earlier = trial.countsOn && place > 0 ? outcomes[place - 1].counts : HbmCounts(trial.settings)
        let expected = expected(trial, found, after: earlier, clock)
        // It looks at its clock while sendto(2) lasts.
        let isTimely = found.began <= clock && clock <= found.ended
        if isTimely, expected == found { return [] }
        return [
            .equal(trial.name, expected: text(expected), observed: text(found)),
            .within("\(trial.name): the clock", found.began...max(found.began, found.ended), observed: clock),
        ].filter { !$0.held }
    }

    /// What a trial must have come to, at this time of the program's clock.
    private static func expected(
        _ trial: HbmTrial,
        _ found: HbmTrial.Outcome,
        after earlier: HbmCounts,
        _ clock: Int
    ) -> HbmTrial.Outcome {
        var expected = found
        guard trial.isLimited else {
            (expected.after, expected.counts) = (found.before, earlier)
            (expected.answer, expected.arrivals) = ("ok", [Int(trial.packet.ecn)])
            return expected
        }
        let ruling = HbmRuling(trial.half, trial.packet, trial.settings, before: found.before, clock: clock)
        let noticed = noticed(found.counts, after: earlier, ruling)
        expected.after = ruling.queue
        expected.counts = earlier.adding(
            ruling.counts(trial.packet, trial.settings, clock: clock, noticed: noticed)
        )
        expected.answer = ruling.isDropped ? noticed ? "ENOBUFS" : "EPERM" : "ok"
        expected.arrivals = ruling.isDropped ? [] : [ruling.isCongested ? 3 : Int(trial.packet.ecn)]
        // Nobody hands the interface what was dropped, and lo has no recorder; where nothing is counted no clock is known.
        let departs = trial.half == .departure && !ruling.isDropped && trial.device == .wire && trial.settings.counts
        if departs { expected.departure = ruling.departure }
        return expected
    }

    private static func text(_ outcome: HbmTrial.Outcome) -> String {
        text(outcome.counts, outcome.after, outcome.answer, outcome.arrivals) + ", departure \(outcome.departure)"
    }

    /// Whether the sender was told to slow down; where chance decides, what the program says counts.
    static func noticed(_ counts: HbmCounts, after earlier: HbmCounts = HbmCounts(), _ ruling: HbmRuling) -> Bool {
        guard ruling.notice > 0, ruling.notice < 1 else { return ruling.notice == 1 }
        return [2, 3].contains { counts[returned: $0] != earlier[returned: $0] }
    }

    /// Counts, the queue, what the sender heard and what arrived.
    static func text(_ counts: HbmCounts, _ queue: HbmQueue, _ answer: String, _ arrivals: [Int]) -> String {
        let returned = (0...3).map { "\(counts[returned: $0])" }.joined(separator: " ")
        return
            "rate \(counts.rate) flags \(counts.flags) packets \(counts.packets) of \(counts.bytes), marked \(counts.marked) of "
            + "\(counts.markedBytes), dropped \(counts.dropped) of \(counts.droppedBytes), CE \(counts.congested), returned "
            + "\(returned), first \(counts.first) last \(counts.last), windows \(counts.windows) in \(counts.windowCount), "
            + "round trips \(counts.roundTrips), credits \(counts.credits); queue \(queue.time) \(queue.credit) \(queue.rate); "
            + "\(answer), arrived \(arrivals)"
    }

    /// Each lead must have been met by some trial: on a busy machine one may be missed, and is then judged by what it was.
    private static func reached(_ trials: [HbmTrial], _ outcomes: [HbmTrial.Outcome]) -> [Check] {
        HbmTrial.Start.leads.map { lead in
            let count = zip(trials, outcomes).count { trial, outcome in
                trial.start == .ahead(lead.range) && lead.range.contains(outcome.before.time &- outcome.counts.last)
            }
            return .atLeast("trials \(lead.name)", bound: 1, observed: count)
        }
    }

    // MARK: Chance and crowds

    /// By chance the sender is told in a part of all cases that follows from the debt or the lead of each.
    ///
    /// A sound kernel leaves six standard deviations once in five hundred million runs.
    private static func checks(_ tosses: [[Int]], _ half: HbmRuling.Half) -> [Check] {
        let (mark, drop) =
            half == .credit
            ? (HbmRuling.markDebt, HbmRuling.largeDropDebt) : (HbmRuling.markLead, HbmRuling.largeDropLead)
        var (told, expected, variance, count, wrong) = (0, 0.0, 0.0, 0, 0)
        for toss in tosses where toss.count == 2 {
            guard toss[0] > mark, toss[0] < drop, toss[1] >= 0 else {
                // Those outside of the region are looked at by the trials.
                if toss[1] < 0 { wrong += 1 }
                continue
            }
            let chance = HbmRuling.chance(toss[0] - mark, of: drop - mark)
            (count, told) = (count + 1, told + toss[1])
            (expected, variance) = (expected + chance, variance + chance * (1 - chance))
        }
        let margin = 6 * variance.squareRoot() + 1
        return [
            .equal(
                "\(half.rawValue): packets that chance decides on and that are counted wrong",
                expected: 0,
                observed: wrong
            ),
            // A busy machine misses the region now and then.
            .atLeast("\(half.rawValue): packets that chance decides on", bound: HbmSession.tosses / 4, observed: count),
            .within(
                "\(half.rawValue): of them those whose senders are told",
                Int((expected - margin).rounded(.up))...Int((expected + margin).rounded(.down)),
                observed: told
            ),
        ]
    }

    /// What processors send at once is counted as if they had sent it one after another.
    private static func checks(_ crowd: HbmCrowd, _ half: HbmRuling.Half, _ processors: Int) -> [Check] {
        let (packet, settings) = (HbmSession.crowded, HbmSettings(rate: 10))
        let count = processors * HbmSession.crowd
        var queue = crowd.before
        var counts = HbmCounts(settings)
        var noticed = 0
        for _ in 0..<count {
            let ruling = HbmRuling(half, packet, settings, before: queue, clock: crowd.began)
            queue = ruling.queue
            counts.credits += ruling.credit
            noticed += ruling.notice == 1 ? 1 : 0
        }
        (counts.packets, counts.bytes) = (count, count * packet.length)
        counts[returned: 3] = noticed
        counts[returned: 1] = count - noticed
        (counts.first, counts.last) = (crowd.counts.first, crowd.counts.last)
        // How far ahead each was nobody knows, for that is by the clock.
        if half == .departure { counts.credits = crowd.counts.credits }
        return [
            .equal(
                "\(half.rawValue): by all processors at once",
                expected: text(counts, queue, "\(count) taken", [count]),
                observed: text(
                    crowd.counts,
                    crowd.after,
                    "\(crowd.taken) taken",
                    crowd.arrivals.sorted { $0.key < $1.key }.map { $0.key == 2 ? $0.value : -$0.value }
                )
            ),
            .within(
                "\(half.rawValue): the first of them",
                crowd.began...max(crowd.began, crowd.ended),
                observed: crowd.counts.first
            ),
            .within(
                "\(half.rawValue): the last of them",
                crowd.began...max(crowd.began, crowd.ended),
                observed: crowd.counts.last
            ),
        ]
    }

    /// A packet that may leave later does not arrive before that.
    private static func checks(_ delays: [HbmDelay]?) -> [Check] {
        guard let delays else { return [] }
        var checks: [Check] = [
            .equal("packets that fq keeps", expected: HbmSession.keptPackets.count, observed: delays.count)
        ]
        for (packet, delay) in zip(HbmSession.keptPackets, delays) {
            let ruling = HbmRuling(
                .departure,
                packet,
                HbmSession.keptSettings,
                before: delay.before,
                clock: delay.clock
            )
            let name = "a packet of \(packet.family) that fq keeps"
            checks.append(.equal("\(name): departure", expected: ruling.departure, observed: delay.departure))
            checks.append(.atLeast("\(name): arrival", bound: ruling.departure, observed: delay.arrival))
        }
        return checks
    }
}
