public import RunModel

extension RunComparison {
    /// Compares two runs by sample, form and machine.
    ///
    /// Machines of the same name belong together, and of the rest those that cannot be mistaken (`MachinePairs`), so that two
    /// kernels can be compared. A pass that fails is a regression and a failure that passes a fix; what the harness lost in
    /// either run is neither, and is named. A pure function.
    ///
    /// - Parameters:
    ///   - before: The first run.
    ///   - after: The second run.
    public init(of before: RunRecord, to after: RunRecord) {
        let machines = MachinePairs(of: before, and: after)
        // Places of results rather than results, which are large.
        let cells = Pairs(Array(before.results.indices), Array(after.results.indices)) { place in
            CellKey(before.results[place], on: machines.renamed(before.results[place].machine))
        } and: { place in
            CellKey(after.results[place], on: after.results[place].machine)
        }
        let changes = cells.pairs.compactMap { pair in
            CellChange(pair.before.map { before.results[$0] }, pair.after.map { after.results[$0] }, machines)
        }
        self.init(
            before: Side(of: before),
            after: Side(of: after),
            machines: machines.pairs,
            common: cells.common,
            changes: changes.stablySorted { $0.kind.rank }
        )
    }
}

/// What tells one cell of a run from another.
private struct CellKey: Hashable {
    let sample: String
    let variant: SampleResult.Variant
    let machine: String

    init(_ result: SampleResult, on machine: String) {
        sample = result.sample
        variant = result.variant
        self.machine = machine
    }
}

extension CellChange {
    /// What became of a cell; `nil` where nothing did.
    fileprivate init?(_ before: SampleResult?, _ after: SampleResult?, _ machines: MachinePairs) {
        guard let one = after ?? before, let kind = Self.kind(before, after) else { return nil }
        // What the outcomes speak of explains most; what the sample needs besides may explain the rest.
        let outcomes = [before, after].compactMap(\.self)
        let texts =
            outcomes.flatMap { [$0.need?.description ?? "", $0.message] + $0.details }
            + outcomes.flatMap { $0.needs?.map(\.description) ?? [] }
        self.init(
            sample: one.sample,
            variant: one.variant,
            machine: one.machine,
            kind: kind,
            before: before.map(Outcome.init),
            after: after.map(Outcome.init),
            options: after.map { machines.options(in: texts, on: $0.machine) } ?? [],
            numbers: NumberChange.changes(from: before, to: after)
        )
    }

    private static func kind(_ before: SampleResult?, _ after: SampleResult?) -> ChangeKind? {
        guard let before else { return .new }
        guard let after else { return .gone }
        // What was expected is of a sample that ran to its end.
        let isJudged = before.verdict == .pass || before.verdict == .fail
        if before.verdict == after.verdict, before.expected == after.expected || !isJudged {
            if before.need != after.need { return .need }
            if before.reason != after.reason { return .reason }
            return NumberChange.changes(from: before, to: after).isEmpty ? nil : .numbers
        }
        switch (before.verdict, after.verdict) {
        case (.error, _), (.miss, _), (_, .error), (_, .miss): return .unclear
        // A failure that a deny list expects is known, and so is no regression; that it is known is a change of its own.
        case (.pass, .fail): return after.expected == .fail ? .verdict : .regression
        case (.fail, .pass): return .fix
        case (.pass, _), (.fail, _), (.skip, _): return .verdict
        }
    }
}
