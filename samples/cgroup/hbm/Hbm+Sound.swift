import SampleLab

extension Hbm {
    /// When all of it happens, in nanoseconds.
    static let clock = 5_000_000_000

    /// What the oracle expects to see, on two processors and a kernel with fq.
    static let sound: Observation = {
        var seen = Observation(processors: [0, 1])
        for half in HbmRuling.Half.allCases {
            var found = Observation.Half(isAttached: true)
            for trial in HbmTrial.all(on: seen.processors) where trial.half == half {
                let last = found.trials.list.last ?? HbmTrial.Outcome()
                found.trials.list.append(
                    trial.start == .kept
                        ? outcome(of: trial, before: last.after, last.counts)
                        : outcome(of: trial, before: queue(trial.start, trial.settings))
                )
            }
            found.tosses = tosses(half)
            found.crowd = crowd(half, processors: seen.processors.count)
            for one in HbmSegment.connections { found.connections[one.name] = segments(half, one.family, one.withECN) }
            seen.halves[half.rawValue] = found
        }
        seen.delays = HbmSession.keptPackets.map { _ in
            let departure = clock + HbmSession.keptLead
            let queue = HbmQueue(time: departure, rate: HbmSession.keptSettings.rate * 128)
            return HbmDelay(before: queue, clock: clock, departure: departure, arrival: departure + 70_000)
        }
        return seen
    }()

    private static func queue(_ start: HbmTrial.Start, _ settings: HbmSettings) -> HbmQueue {
        let rate = settings.rate * 128
        return switch start {
        case .fresh, .kept: HbmQueue()
        case .frozen(let credit): HbmQueue(time: clock * 2, credit: credit, rate: rate)
        case .elapsed(let time, let credit, let rate): HbmQueue(time: clock - time, credit: credit, rate: rate)
        case .ahead, .near: HbmQueue(time: clock + start.lead, rate: rate)
        }
    }

    /// What must come of a trial.
    static func outcome(of trial: HbmTrial, before: HbmQueue, _ earlier: HbmCounts? = nil) -> HbmTrial.Outcome {
        let earlier = earlier ?? HbmCounts(trial.settings)
        var outcome = HbmTrial.Outcome(before: before, after: before, counts: earlier)
        (outcome.began, outcome.ended) = (clock - 1000, clock + 1000)
        (outcome.answer, outcome.arrivals, outcome.departure) = ("ok", [Int(trial.packet.ecn)], 0)
        guard trial.isLimited else { return outcome }
        let ruling = HbmRuling(trial.half, trial.packet, trial.settings, before: before, clock: clock)
        let noticed = ruling.notice == 1
        outcome.after = ruling.queue
        outcome.counts = earlier.adding(
            ruling.counts(trial.packet, trial.settings, clock: clock, noticed: noticed)
        )
        if ruling.isDropped {
            (outcome.answer, outcome.arrivals) = (noticed ? "ENOBUFS" : "EPERM", [])
        } else {
            if ruling.isCongested { outcome.arrivals = [3] }
            if trial.half == .departure { outcome.departure = ruling.departure }
        }
        return outcome
    }

    private static func tosses(_ half: HbmRuling.Half) -> [[Int]] {
        let value =
            half == .credit
            ? (HbmRuling.markDebt + HbmRuling.largeDropDebt) / 2 : (HbmRuling.markLead + HbmRuling.largeDropLead) / 2
        return (0..<HbmSession.tosses).map { [value, $0 % 2] }
    }

    private static func crowd(_ half: HbmRuling.Half, processors: Int) -> HbmCrowd {
        let settings = HbmSettings(rate: 10)
        let before = queue(HbmSession.crowdStart(half), settings)
        var crowd = HbmCrowd(before: before, after: before, counts: HbmCounts(settings), began: clock, ended: clock + 9)
        let count = processors * HbmSession.crowd
        for _ in 0..<count {
            let ruling = HbmRuling(half, HbmSession.crowded, settings, before: crowd.after, clock: clock)
            crowd.after = ruling.queue
            crowd.counts.credits += ruling.credit
            crowd.counts[returned: ruling.notice == 1 ? 3 : 1] += 1
        }
        (crowd.counts.packets, crowd.counts.bytes) = (count, count * HbmSession.crowded.length)
        (crowd.counts.first, crowd.counts.last) = (clock, clock + 5)
        (crowd.taken, crowd.arrivals) = (count, [2: count])
        return crowd
    }

    private static func segments(
        _ half: HbmRuling.Half,
        _ family: SocketKind.Family,
        _ withECN: Bool
    ) -> [String: HbmSegment] {
        var found: [String: HbmSegment] = [:]
        let packet = HbmPacket(family, isTCP: true, ecn: withECN ? 2 : 0, length: family == .inet ? 41 : 61)
        var state = HbmConnection.State(window: 10, roundTrip: 60, threshold: HbmConnection.State.endless)
        var outstanding = 0
        for step in HbmSegment.Step.all(half) {
            var segment = HbmSegment(before: queue(step.start, step.settings))
            state.outstanding = outstanding
            segment.knew = state
            let ruling = HbmRuling(
                half,
                packet,
                step.settings,
                before: segment.before,
                clock: clock,
                outstanding: outstanding
            )
            let noticed = ruling.notice == 1
            segment.after = ruling.queue
            segment.counts = ruling.counts(
                packet,
                step.settings,
                clock: clock,
                noticed: noticed,
                sender: (state.window, state.roundTrip)
            )
            (segment.began, segment.ended) = (clock - 1000, clock + 1000)
            segment.arrived = ruling.isDropped ? 0 : 1
            if noticed && outstanding < 2 || ruling.isCongested && !ruling.isDropped {
                state.threshold = max(state.window / 2, 2)
                state.window = state.threshold
            }
            segment.knows = state
            if step.isDeaf { outstanding += 1 }
            found[step.name] = segment
        }
        return found
    }
}
