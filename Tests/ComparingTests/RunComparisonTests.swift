import Comparing
import RunModel
import Testing

@Suite struct `two runs` {
    static func result(
        _ verdict: Verdict,
        _ reason: Reason? = nil,
        sample: String = "xdp/xdp1",
        machine: String = "host",
        need: Need? = nil,
        expected: SampleResult.Expectation = .pass
    ) -> SampleResult {
        SampleResult(
            sample: sample,
            machine: machine,
            verdict: verdict,
            reason: reason,
            need: need,
            expected: expected
        )
    }

    static func record(_ results: [SampleResult], checks: [CheckResult] = []) -> RunRecord {
        let run = RunInfo(id: "r", started: "2026-11-22T12:00:00Z", ended: nil, tool: "t", command: [])
        let events =
            [RunEvent.runStarted(run, machines: [], plan: [])] + checks.map(RunEvent.checked)
            + results.map(RunEvent.sampleEnded)
        guard let record = RunRecord(folding: events) else { fatalError("a journal with a start folds") }
        return record
    }

    static func compare(_ before: SampleResult, _ after: SampleResult) -> RunComparison {
        RunComparison(of: record([before]), to: record([after]))
    }

    /// A row for each first verdict, a letter for each second: pass, fail, error, miss, skip.
    static let table: [(Verdict, String)] = [
        (.pass, "=Ruuv"), (.fail, "F=uuv"), (.error, "uu=uu"), (.miss, "uuu=u"), (.skip, "vvuu="),
    ]

    @Test func `take every pair of verdicts for what it is`() {
        let letters: [Character: ChangeKind?] = ["=": nil, "v": .verdict, "R": .regression, "F": .fix, "u": .unclear]
        #expect(Self.table.map(\.0) == Verdict.allCases)
        for (before, row) in Self.table {
            for (after, letter) in zip(Verdict.allCases, row) {
                let comparison = Self.compare(Self.result(before), Self.result(after))
                let kind = letters[letter] ?? nil
                #expect(comparison.changes.first?.kind == kind, "\(before) -> \(after)")
                let isLost = kind == .unclear && before == .pass
                let expected: ComparisonConclusion =
                    kind == .regression ? .regression : isLost ? .inconclusive : .noRegression
                #expect(comparison.conclusion == expected, "\(before) -> \(after)")
            }
        }
    }

    @Test func `do not regress by a failure that was expected, and are not mended by expecting it`() {
        let known = Self.result(.fail, .oracle, expected: .fail)
        #expect(Self.compare(Self.result(.pass), known).changes.map(\.kind) == [.verdict])
        #expect(Self.compare(Self.result(.fail, .oracle), known).changes.map(\.kind) == [.verdict])
        #expect(Self.compare(known, Self.result(.pass, expected: .fail)).changes.map(\.kind) == [.fix])
        #expect(Self.compare(Self.result(.skip), Self.result(.skip, expected: .fail)).changes.isEmpty)
    }

    @Test func `differ in a reason or a need alone`() {
        #expect(
            Self.compare(Self.result(.fail, .oracle), Self.result(.fail, .timeout)).changes.map(\.kind) == [.reason]
        )
        let kprobes = Self.result(.skip, .configMissing, need: .option("CONFIG_KPROBES"))
        let old = Self.result(.skip, .kernelTooOld, need: .kernel(KernelVersion(5, 10)))
        #expect(Self.compare(kprobes, old).changes.map(\.kind) == [.need])
    }

    @Test func `are the same where nothing but time differs`() {
        var again = Self.result(.pass)
        again.duration = 12
        let comparison = Self.compare(Self.result(.pass), again)
        #expect(comparison.changes.isEmpty && comparison.common == 1)
    }

    @Test func `show the option that explains a skip`() {
        func check(_ found: String) -> CheckResult {
            CheckResult(feature: "CONFIG_KPROBES", level: .config, verdict: .met, found: found, evidence: [])
        }
        let comparison = RunComparison(
            of: Self.record([Self.result(.pass)], checks: [check("y")]),
            to: Self.record(
                [Self.result(.skip, .configMissing, need: .option("CONFIG_KPROBES"))],
                checks: [check("not set")]
            )
        )
        #expect(comparison.changes.first?.options.map(\.sentence) == ["CONFIG_KPROBES went from y to not set"])
    }

    static func checked(_ verdict: Verdict, _ checks: [Check]) -> SampleResult {
        var result = result(verdict, verdict == .pass ? nil : .oracle)
        result.checks = checks
        return result
    }

    @Test func `show what a check found in place of what it had found`() {
        func bytes(_ observed: Int) -> Check { .equal("bytes", expected: 980, observed: observed) }
        let comparison = Self.compare(
            Self.checked(.pass, [bytes(980), .atLeast("frames", bound: 1, observed: 5)]),
            Self.checked(.fail, [bytes(882), .atLeast("frames", bound: 1, observed: 6)])
        )
        #expect(comparison.changes.map(\.kind) == [.regression])
        #expect(comparison.changes[0].numbers.map(\.claim) == ["bytes"])
        #expect(comparison.changes[0].numbers[0].before?.observed == "980")
        #expect(comparison.changes[0].numbers[0].after?.observed == "882")
        let other = Self.compare(Self.checked(.fail, [bytes(882)]), Self.checked(.fail, [bytes(784)]))
        #expect(other.changes.map(\.kind) == [.numbers] && other.conclusion == .noRegression)
    }

    @Test func `do not differ in what either oracle was content with`() {
        for checks in [
            [3, 4].map { Check.equal("idle state", expected: $0, observed: $0) },
            [3, 4].map { Check.atMost("ticks", bound: 9, observed: $0) },
        ] {
            #expect(Self.compare(Self.checked(.pass, [checks[0]]), Self.checked(.pass, [checks[1]])).changes.isEmpty)
        }
        // A check that only one side made is worth telling where it did not hold.
        let held = Check.equal("a", expected: 3, observed: 3)
        let one = Self.checked(.fail, [.equal("b", expected: 1, observed: 0)])
        let two = Self.checked(.fail, [.equal("b", expected: 1, observed: 0), held])
        #expect(Self.compare(one, two).changes.isEmpty)
        let three = Self.checked(.fail, [.equal("b", expected: 1, observed: 0), .equal("c", expected: 1, observed: 0)])
        #expect(Self.compare(two, three).changes.map(\.numbers).map { $0.map(\.claim) } == [["c"]])
    }

    @Test func `tell forms of a sample apart`() {
        var surrogate = Self.result(.pass)
        surrogate.variant = .surrogate
        #expect(Self.compare(Self.result(.pass), surrogate).common == 0)
    }
}
