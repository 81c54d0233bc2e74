import RunModel
import SampleKit
import WorkerWire

/// All that happened to one sample on one machine, in order, and the result that follows from it.
///
/// This is the one place where a result's verdict is decided. ``result`` depends on nothing else, so that what is found out
/// late (the machine panics behind the sample) is added, and the result is asked for again.
struct SampleHistory: Sendable {
    /// A try at the sample.
    struct Try: Sendable {
        var outcome: AttemptOutcome
        /// Which of the repetitions it belongs to; of each the last try counts.
        var repetition: Int
        var seconds: Double
    }

    let rules: VerdictRules
    let machine: String
    let expected: SampleResult.Expectation
    /// The verdict on a sample that was not run.
    var unrun: Ruling?
    /// All tries, in order.
    var tries: [Try] = []
    /// The run with the stimulus withheld.
    var control: AttemptOutcome?
    /// What happened on the machine after all of them.
    var after: [MachineDoubt] = []
    /// Seconds that all of it took.
    var seconds = 0.0

    /// Whether the result hangs on a control run: every repetition has passed.
    var wantsControl: Bool { counted?.verdict == .pass }

    /// The result.
    ///
    /// The worst of these counts, and of several that rank the same the first: what the repetitions came to, what happened
    /// between two tries, the control run, what was leaked, what happened afterwards. A retry forgives a try that failed; it
    /// does not forgive what a machine did between tries.
    var result: SampleResult {
        var result = SampleResult(
            sample: rules.entry.id,
            machine: machine,
            verdict: .error,
            expected: expected
        )
        result.duration = seconds
        if let unrun {
            result.take(unrun)
            return result
        }
        guard let counted else {
            result.take(Ruling(verdict: .error, reason: .harness, message: "the sample was not run"))
            return result
        }
        result.attempts = tries.map { one in
            SampleResult.Attempt(
                verdict: one.outcome.verdict,
                reason: one.outcome.reason,
                message: one.outcome.message,
                duration: one.seconds
            )
        }
        let all = tries.map(\.outcome) + (control.map { [$0] } ?? [])
        result.leaks = all.flatMap(\.leaks)
        result.checks = counted.checks
        result.notReached = counted.notReached
        result.observation = counted.observation
        result.take(flaky(counted.ruling))
        for one in tries.dropFirst() {
            result.worsen(by: rules.ruling(of: one.outcome.doubt, "between two tries"))
        }
        if let control, counted.verdict == .pass {
            let (kind, ruling) = rule(on: control)
            result.control = kind
            result.worsen(by: ruling)
            result.worsen(by: rules.ruling(of: control.doubt, "after the sample"))
        }
        for outcome in all { result.worsen(by: Ruling(leaks: outcome.leaks, outcome.custody)) }
        for doubt in after { result.worsen(by: rules.ruling(of: doubt, "after the sample")) }
        return result
    }

    /// The worst of the repetitions' last tries.
    private var counted: AttemptOutcome? {
        var worst: AttemptOutcome?
        for (index, one) in tries.enumerated() {
            let isLast = index + 1 == tries.count || tries[index + 1].repetition != one.repetition
            guard isLast else { continue }
            if let known = worst, !one.outcome.ruling.isWorse(than: known.verdict) { continue }
            worst = one.outcome
        }
        return worst
    }

    private func flaky(_ ruling: Ruling) -> Ruling {
        let passed = tries.count { $0.outcome.verdict == .pass }
        guard passed > 0, passed < tries.count else { return ruling }
        var ruling = ruling
        let words = "flaky: \(passed) of \(tries.count) passed"
        ruling.message = ruling.message.isEmpty ? words : "\(words); \(ruling.message)"
        return ruling
    }

    /// What a control run says: an oracle that also passes without the stimulus is broken.
    private func rule(on control: AttemptOutcome) -> (SampleResult.Control, Ruling?) {
        if let splat = Ruling(splats: control.splats, "the kernel logged in the control run:") {
            return (.notRun, splat)
        }
        if let loss = control.loss { return (.notRun, rules.ruling(of: loss).prefixed("in the control run")) }
        switch (control.verdict, control.reason) {
        case (.fail, .oracle):
            return (.refused, nil)
        case (.pass, _):
            let message = "the oracle also passes without the stimulus: broken oracle"
            return (.accepted, Ruling(verdict: .error, reason: .harness, message: message))
        default:
            return (
                .notRun,
                Ruling(
                    verdict: .error,
                    reason: .harness,
                    message: "the control run broke: \(control.message)",
                    details: control.details
                )
            )
        }
    }
}

extension SampleResult {
    fileprivate mutating func take(_ ruling: Ruling) {
        verdict = ruling.verdict
        reason = ruling.reason
        need = ruling.need
        message = ruling.message
        details = ruling.details
    }

    fileprivate mutating func worsen(by ruling: Ruling?) {
        if let ruling, ruling.isWorse(than: verdict) { take(ruling) }
    }
}
