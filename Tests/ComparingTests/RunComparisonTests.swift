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

    @Test func `of two kernels in machines of one kind belong together`() {
        let comparison = Self.compare(
            Self.result(.pass, machine: "vm:6.1.0"),
            Self.result(.fail, .oracle, machine: "vm:6.12.0")
        )
        #expect(comparison.changes.map(\.kind) == [.regression] && comparison.common == 1)
        #expect(comparison.changes[0].before?.machine == "vm:6.1.0" && comparison.changes[0].machine == "vm:6.12.0")
    }

    @Test func `keep apart what nobody can tell apart, and a host from a virtual machine`() {
        let old = [Self.result(.pass, machine: "vm:6.1"), Self.result(.pass, machine: "vm:6.6")]
        let new = [Self.result(.fail, machine: "vm:6.12"), Self.result(.fail, machine: "vm:6.6")]
        let comparison = RunComparison(of: Self.record(old), to: Self.record(new + [Self.result(.fail)]))
        // 6.6 is in both; 6.1 and 6.12 are then the only ones left of their kind; the host is new.
        #expect(comparison.changes.map(\.kind) == [.regression, .regression, .new])
        let three = RunComparison(
            of: Self.record(old),
            to: Self.record(["a", "b"].map { Self.result(.fail, machine: "vm:\($0)") })
        )
        #expect(three.common == 0 && three.changes.map(\.kind) == [.new, .new, .gone, .gone])
    }

    @Test func `tell forms of a sample apart`() {
        var surrogate = Self.result(.pass)
        surrogate.variant = .surrogate
        #expect(Self.compare(Self.result(.pass), surrogate).common == 0)
    }
}
