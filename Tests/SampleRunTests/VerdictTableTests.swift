import LinuxHost
import RunModel
import SampleKit
import Testing
import WorkerWire

@testable import SampleRun

/// Everything that can happen to a sample, at every place where it can, and the verdict.
struct VerdictTableTests {
    /// A verdict with its reason.
    struct Mark: Equatable, CustomStringConvertible {
        var verdict: Verdict
        var reason: Reason?

        init(_ verdict: Verdict, _ reason: Reason? = nil) {
            self.verdict = verdict
            self.reason = reason
        }

        init(_ result: SampleResult) { self.init(result.verdict, result.reason) }

        var description: String { "\(verdict) \(reason.map { "\($0)" } ?? "-")" }

        static let pass = Mark(.pass)
        static let broken = Mark(.error, .harness)
    }

    /// What a worker can come to.
    struct Event: Sendable, CustomTestStringConvertible {
        var name: String
        var outcome: WorkerOutcome
        /// In the only try; in one of two repetitions; in a try that is made again, and passes; in the control run.
        var alone, repeated, retried, control: Mark

        var testDescription: String { name }
    }

    private static func worker(_ frame: WorkerFrame?, _ change: (inout WorkerOutcome) -> Void = { _ in })
        -> WorkerOutcome
    {
        var outcome = WorkerOutcome(allowed: 10)
        outcome.said = frame.map { [$0.json.text] } ?? []
        outcome.end = .init(status: 0, signal: nil, cpuSeconds: 0, peakKiB: 0)
        change(&outcome)
        return outcome
    }

    private static func saw(_ number: Int64) -> WorkerFrame { .observed(.object(["number": .integer(number)])) }

    private static let good = worker(saw(42))
    private static let wrong = worker(saw(41))

    private static func lost(_ kind: MachineLoss.Kind) -> WorkerOutcome {
        worker(nil) {
            $0.end = nil
            $0.loss = MachineLoss(kind, "words", excerpt: ["a line"])
        }
    }

    /// A worker that left something behind, and who may still hold it.
    private static func leaking(_ frame: WorkerFrame, _ kind: String, doubts: [String]?) -> WorkerOutcome {
        worker(frame) {
            $0.leaks = [SampleResult.Leak(kind: kind, subject: "17")]
            $0.custody = doubts.map { LeakCustody(doubts: $0) }
        }
    }

    private static let lossMarks: [(MachineLoss.Kind, Mark)] = [
        (.panic, Mark(.fail, .crash)), (.hang, Mark(.fail, .timeout)), (.reset, Mark(.miss, .guestLost)),
        (.powerOff, Mark(.miss, .guestLost)), (.emulator, Mark(.miss, .guestLost)), (.outOfMemory, .broken),
        (.stream, .broken), (.boot, Mark(.error, .bootFailed)), (.emulatorBoot, Mark(.error, .bootFailed)),
    ]

    static let events: [Event] =
        lossMarks.map { kind, mark in
            Event(name: "\(kind)", outcome: lost(kind), alone: mark, repeated: mark, retried: .pass, control: mark)
        }
        + [
            ("good", good, .pass, .pass, .pass, .broken),
            ("wrong", wrong, Mark(.fail, .oracle), Mark(.fail, .oracle), .pass, .pass),
            ("silent", worker(nil), .broken, .broken, .pass, .broken),
            ("broken", worker(.broke(message: "x")), .broken, .broken, .pass, .broken),
            ("unreadable", worker(.observed(.string("42"))), .broken, .broken, .pass, .broken),
            (
                "timeout", worker(saw(42)) { $0.timedOut = true }, Mark(.fail, .timeout), Mark(.fail, .timeout), .pass,
                .broken
            ),
            (
                "crash", worker(saw(42)) { $0.end = .init(status: nil, signal: 6, cpuSeconds: 0, peakKiB: 0) },
                Mark(.error, .crash), Mark(.error, .crash), .pass, .broken
            ),
            (
                "splat", worker(saw(42)) { $0.splats = ["WARNING: x"] }, Mark(.fail, .splat), Mark(.fail, .splat),
                .pass,
                Mark(.fail, .splat)
            ),
            (
                "memory kill",
                worker(nil) {
                    $0.end = .init(status: nil, signal: 9, cpuSeconds: 0, peakKiB: 0)
                    $0.memoryKills = ["Out of memory: Killed process 7"]
                }, .broken, .broken, .pass, .broken
            ),
            ("starved", worker(.starved(message: "ENOMEM", details: [])), .broken, .broken, .pass, .broken),
            (
                "load refused", worker(.refused(reason: .loadRejected, message: "x", details: [])),
                Mark(.fail, .loadRejected), Mark(.fail, .loadRejected), .pass, .broken
            ),
            (
                "attachment refused", worker(.refused(reason: .attachFailed, message: "x", details: [])),
                Mark(.fail, .attachFailed), Mark(.fail, .attachFailed), .pass, .broken
            ),
            (
                "option unknown",
                worker(.refused(reason: .attachFailed, message: "x", details: [], need: .option("CONFIG_NEW"))),
                .broken, .broken, .pass, .broken
            ),
            (
                "helper locked", worker(.unmet(need: .helper("bpf_fake"), message: "x", details: [])),
                Mark(.skip, .featureMissing), .pass, Mark(.skip, .featureMissing), .broken
            ),
            (
                "helper that is not needed", worker(.unmet(need: .helper("bpf_other"), message: "x", details: [])),
                .broken, .broken, .pass, .broken
            ),
            (
                "kept by the kernel", leaking(saw(42), "program", doubts: []), Mark(.fail, .notFreed),
                Mark(.fail, .notFreed), Mark(.fail, .notFreed), Mark(.fail, .notFreed)
            ),
            (
                // A detachment that the kernel ignored: the program still counts, and nothing holds it.
                "still counting and kept by the kernel", leaking(saw(41), "program", doubts: []),
                Mark(.fail, .oracle), Mark(.fail, .oracle), Mark(.fail, .notFreed), Mark(.fail, .notFreed)
            ),
            (
                // What the sample saw is the kernel's fault, whoever holds what was leaked.
                "still counting and held by somebody", leaking(saw(41), "program", doubts: ["x"]),
                Mark(.fail, .oracle), Mark(.fail, .oracle), .broken, .broken
            ),
            ("held by somebody", leaking(saw(42), "map", doubts: ["x"]), .broken, .broken, .broken, .broken),
            ("held by nobody knows whom", leaking(saw(42), "link", doubts: nil), .broken, .broken, .broken, .broken),
            ("cgroup left", leaking(saw(42), "cgroup", doubts: ["x"]), .broken, .broken, .broken, .broken),
        ].map { name, outcome, alone, repeated, retried, control in
            Event(
                name: name,
                outcome: outcome,
                alone: alone,
                repeated: repeated,
                retried: retried,
                control: control
            )
        }

    /// The history of a sample with these tries, each in the repetition of its number.
    private func history(
        _ tries: [(Int, WorkerOutcome)],
        control: WorkerOutcome? = wrong,
        failsForNoBoot: Bool = false
    ) -> SampleHistory {
        var host = goodHost()
        host.options["CONFIG_NEW"] = nil
        let rules = VerdictRules(entry: fakes[0], host: host, failsForNoBoot: failsForNoBoot)
        var history = SampleHistory(rules: rules, machine: "m", expected: .pass)
        for (repetition, outcome) in tries {
            let judged = AttemptOutcome(outcome, by: rules)
            history.tries.append(SampleHistory.Try(outcome: judged, repetition: repetition, seconds: 0))
        }
        if history.wantsControl { history.control = control.map { AttemptOutcome($0, by: rules) } }
        return history
    }

    @Test(arguments: events) func `what a worker comes to counts by where it happened`(event: Event) {
        let outcome = event.outcome
        #expect(Mark(history([(0, outcome)]).result) == event.alone)
        #expect(Mark(history([(0, outcome), (1, Self.good)]).result) == event.repeated)
        #expect(Mark(history([(0, Self.good), (1, outcome)]).result) == event.repeated)
        // Twice the same is what it is once.
        #expect(Mark(history([(0, outcome), (1, outcome)]).result) == event.alone)
        // A skip is not tried again.
        if outcome.last.map({ if case .unmet(.helper("bpf_fake"), _, _) = $0 { false } else { true } }) ?? true {
            #expect(Mark(history([(0, outcome), (0, Self.good)]).result) == event.retried)
        }
        #expect(Mark(history([(0, Self.wrong), (0, outcome)]).result) == event.alone)
        var control = outcome
        // What is left by a control run is left by a run that its oracle refused.
        if !outcome.leaks.isEmpty { control.said = Self.wrong.said }
        #expect(Mark(history([(0, Self.good)], control: control).result) == event.control)
    }

    /// What can happen on a machine when no worker runs.
    private static let doubts: [(MachineDoubt, Mark)] =
        lossMarks.compactMap { kind, mark in MachineDoubt(loss: MachineLoss(kind, "words")).map { ($0, mark) } }
        + [MachineDoubt(splats: ["WARNING: x"])].compactMap { $0 }.map { ($0, Mark(.fail, .splat)) }

    @Test func `what happens between two workers is never lost`() {
        for (doubt, mark) in Self.doubts {
            func after(_ outcome: WorkerOutcome) -> WorkerOutcome {
                var outcome = outcome
                outcome.doubt = doubt
                return outcome
            }
            let good = Self.good
            // Between two repetitions, before a retry, before the control run, after all of it.
            #expect(Mark(history([(0, good), (1, after(good))]).result) == mark, "\(doubt)")
            #expect(Mark(history([(0, Self.wrong), (0, after(good))]).result) == mark, "\(doubt)")
            #expect(Mark(history([(0, good)], control: after(Self.wrong)).result) == mark, "\(doubt)")
            var ended = history([(0, good)])
            ended.after = [doubt]
            #expect(Mark(ended.result) == mark, "\(doubt)")
            ended = history([(0, Self.worker(.unmet(need: .helper("bpf_fake"), message: "x", details: [])))])
            ended.after = [doubt]
            #expect(Mark(ended.result) == mark, "\(doubt)")
            // Before the first try it is the sample's before.
            #expect(Mark(history([(0, after(good))]).result) == .pass, "\(doubt)")
            // What is as bad already, or worse, stays.
            ended = history([(0, Self.wrong)])
            ended.after = [doubt]
            #expect(Mark(ended.result) == Mark(.fail, .oracle), "\(doubt)")
        }
    }

    @Test func `the worst of what a machine did counts`() {
        var ended = history([(0, Self.good)])
        ended.after = [MachineDoubt(splats: ["WARNING: x"], loss: MachineLoss(.reset, "words"))].compactMap { $0 }
        #expect(Mark(ended.result) == Mark(.fail, .splat))
        ended.after = [MachineDoubt(splats: ["WARNING: x"], loss: MachineLoss(.panic, "words"))].compactMap { $0 }
        #expect(Mark(ended.result) == Mark(.fail, .crash))
    }

    @Test func `a kernel that does not start fails wherever that was asked for`() {
        let boot = Self.lost(.boot)
        for tries in [[(0, boot)], [(0, Self.good), (1, boot)]] {
            #expect(Mark(history(tries, failsForNoBoot: true).result) == Mark(.fail, .bootFailed))
        }
        let control = history([(0, Self.good)], control: boot, failsForNoBoot: true)
        #expect(Mark(control.result) == Mark(.fail, .bootFailed))
        #expect(
            Mark(history([(0, Self.lost(.emulatorBoot))], failsForNoBoot: true).result) == Mark(.error, .bootFailed)
        )
    }

    @Test func `messages say what happened and what to do`() {
        func message(_ outcome: WorkerOutcome) -> String { history([(0, outcome)]).result.message }
        #expect(message(Self.worker(nil) { $0.timedOut = true }) == "timed out after 10 s")
        #expect(
            message(Self.leaking(Self.saw(42), "map", doubts: ["process 7 (x) holds map_id: 17"]))
                == "leaked map 17: process 7 (x) holds map_id: 17"
        )
        #expect(
            message(Self.leaking(Self.saw(42), "map", doubts: []))
                == "the kernel never freed map 17, which nothing holds any more"
        )
        #expect(message(Self.lost(.outOfMemory)) == "out of memory: words; raise --memory")
        #expect(
            message(Self.worker(.starved(message: "ENOMEM", details: [])))
                == "out of memory: ENOMEM; raise --memory, or the limit of this host"
        )
        #expect(
            history([(0, Self.good)], control: Self.good).result.message
                == "the oracle also passes without the stimulus: broken oracle"
        )
        let flaky = history([(0, Self.wrong), (0, Self.good)]).result
        #expect(flaky.message == "flaky: 1 of 2 passed" && flaky.attempts.map(\.verdict) == [.fail, .pass])
    }
}
