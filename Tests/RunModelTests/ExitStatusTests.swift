import RunModel
import Testing

// Swift Testing has an ExitStatus too, hence the module's name before ours.
@Suite struct `the exit status of a run` {
    static func record(_ verdicts: [(Verdict, SampleResult.Expectation)]) throws -> RunRecord {
        let events = verdicts.enumerated().map { index, entry in
            RunEvent.sampleEnded(
                SampleResult(sample: "s/\(index)", machine: "host", verdict: entry.0, expected: entry.1)
            )
        }
        let run = RunInfo(id: "r", started: "", tool: "", command: [])
        return try #require(RunRecord(folding: [.runStarted(run, machines: [], plan: [])] + events))
    }

    @Test(
        arguments: [
            ([], RunModel.ExitStatus.nothingSelected),
            ([.pass], .passed), ([.pass, .skip], .passed),
            ([.skip], .allSkipped), ([.skip, .skip], .allSkipped),
            ([.error], .broken), ([.miss], .broken), ([.pass, .miss], .broken), ([.skip, .error], .broken),
            ([.fail], .failed), ([.fail, .error, .miss, .pass, .skip], .failed),
        ] as [([Verdict], RunModel.ExitStatus)]
    )
    func `follows the worst verdict`(verdicts: [Verdict], status: RunModel.ExitStatus) throws {
        #expect(try Self.record(verdicts.map { ($0, .pass) }).exitStatus == status)
    }

    @Test(
        arguments: [
            ([.fail], RunModel.ExitStatus.allSkipped), ([.pass], .passed), ([.error], .broken), ([.miss], .broken),
        ] as [([Verdict], RunModel.ExitStatus)]
    )
    func `forgives an expected failure and nothing else`(verdicts: [Verdict], status: RunModel.ExitStatus) throws {
        #expect(try Self.record(verdicts.map { ($0, .fail) }).exitStatus == status)
    }

    @Test func `an expected failure does not hide another failure`() throws {
        #expect(try Self.record([(.fail, .fail), (.fail, .pass)]).exitStatus == .failed)
        #expect(try Self.record([(.fail, .fail), (.pass, .pass)]).exitStatus == .passed)
    }

    /// Two runs of one sample each, and how they were compared.
    static func status(of after: Verdict, from before: Verdict?, _ kind: ChangeKind?) throws -> RunModel.ExitStatus {
        let (old, new) = (try Self.record(before.map { [($0, .pass)] } ?? []), try Self.record([(after, .pass)]))
        let change = kind.map { kind in
            CellChange(
                sample: "s/0",
                variant: .native,
                machine: "host",
                kind: kind,
                before: old.results.first.map(CellChange.Outcome.init),
                after: CellChange.Outcome(of: new.results[0]),
                options: []
            )
        }
        let comparison = RunComparison(
            before: RunComparison.Side(of: old),
            after: RunComparison.Side(of: new),
            machines: [],
            common: old.results.count,
            changes: [change].compactMap(\.self)
        )
        return new.exitStatus(comparedBy: comparison)
    }

    @Test(
        arguments: [
            (.pass, .fail, .regression, RunModel.ExitStatus.failed), (.fail, .fail, nil, .allSkipped),
            (.fail, .fail, .reason, .allSkipped), (.fail, .fail, .numbers, .allSkipped),
            (.skip, .fail, .verdict, .failed), (.error, .fail, .unclear, .failed), (.miss, .fail, .unclear, .failed),
            (nil, .fail, .new, .failed), (.error, .error, nil, .broken), (.fail, .pass, .fix, .passed),
            (.pass, .error, .unclear, .broken), (.pass, .skip, .verdict, .allSkipped),
        ] as [(Verdict?, Verdict, ChangeKind?, RunModel.ExitStatus)]
    )
    func `forgives a failure that the baseline has too, and no other`(
        before: Verdict?,
        after: Verdict,
        kind: ChangeKind?,
        status: RunModel.ExitStatus
    ) throws {
        #expect(try Self.status(of: after, from: before, kind) == status)
    }

    @Test func `never takes a code that git bisect or a shell gives a meaning`() {
        #expect(Set(RunModel.ExitStatus.allCases.map(\.rawValue)).isDisjoint(with: [125, 126, 127]))
        #expect(RunModel.ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 64, 69])
    }
}
