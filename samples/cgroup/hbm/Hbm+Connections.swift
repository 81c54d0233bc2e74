import RunModel
import SampleLab

extension Hbm {
    /// What the segments of a connection must have come to.
    static func checks(
        _ found: [String: HbmSegment],
        _ half: HbmRuling.Half,
        _ name: String,
        _ family: SocketKind.Family,
        withECN: Bool
    ) -> [Check] {
        // A byte behind the headers of IP and TCP, both without options.
        let length = (family == .inet ? 20 : 40) + 20 + 1
        let packet = HbmPacket(family, isTCP: true, ecn: withECN ? 2 : 0, length: length)
        let steps = HbmSegment.Step.all(half)
        var checks: [Check] = []
        for step in steps {
            let title = "\(half.rawValue): TCP of \(name) \(step.name)"
            guard let segment = found[step.name] else {
                checks.append(.equal(title, expected: "tried", observed: "not tried"))
                continue
            }
            let ruling = HbmRuling(
                half,
                packet,
                step.settings,
                before: segment.before,
                clock: segment.counts.last,
                outstanding: segment.knew.outstanding
            )
            let noticed = noticed(segment.counts, ruling)
            let sender = (window: segment.knew.window, roundTrip: segment.knew.roundTrip)
            let counts = ruling.counts(
                packet,
                step.settings,
                clock: segment.counts.last,
                noticed: noticed,
                sender: sender
            )
            checks += [
                .equal(
                    title,
                    expected: text(counts, ruling.queue, "sent", [ruling.isDropped ? 0 : 1]),
                    observed: text(segment.counts, segment.after, "sent", [segment.arrived])
                ),
                .within(
                    "\(title): the clock",
                    segment.began...max(segment.began, segment.ended),
                    observed: segment.counts.last
                ),
                .within(
                    "\(title): where slow start ends",
                    thresholds(segment, ruling, noticed, step),
                    observed: segment.knows.threshold
                ),
            ]
        }
        // Only so are there drops and none at both sides of what a sender may wait for.
        let deaf = steps.filter(\.isDeaf).map { found[$0.name]?.knew.outstanding ?? -1 }
        checks.append(
            .equal("\(half.rawValue): TCP of \(name): outstanding", expected: Array(deaf.indices), observed: deaf)
        )
        return checks
    }

    /// Where slow start may end then: at half the window of a sender that was told, which Reno takes.
    private static func thresholds(
        _ segment: HbmSegment,
        _ ruling: HbmRuling,
        _ noticed: Bool,
        _ step: HbmSegment.Step
    ) -> ClosedRange<Int> {
        let before = segment.knew.threshold
        let half = max(segment.knew.window / 2, 2)
        if ruling.isCongested, !ruling.isDropped {
            // The receiver tells it, in an answer. The second time the window is still on its way down.
            return before == HbmConnection.State.endless ? half...half : 2...before
        }
        // Who is slowing down already, and heard nothing since, does not start again.
        let isSlowing = step.isDeaf && segment.knew.outstanding > 1
        return noticed && !isSlowing ? half...half : before...before
    }
}
