public import RunModel

extension RunComparison {
    /// Compares two runs by sample, form and kind of machine.
    ///
    /// Machines of the same name belong together. Of the rest, a sample's only cell on virtual machines in one run
    /// belongs to its only one in the other, so that two kernels can be compared. A pass that fails is a regression and a
    /// failure that passes a fix; what the harness lost in either run is neither, and is named. A pure function.
    ///
    /// - Parameters:
    ///   - before: The first run.
    ///   - after: The second run.
    public init(of before: RunRecord, to after: RunRecord) {
        let pairs = Self.paired(before.results, after.results)
        let (old, new) = (OptionValues(of: before.checks), OptionValues(of: after.checks))
        let changes = pairs.compactMap { pair in CellChange(pair.before, pair.after, old, new) }
        self.init(
            before: Side(of: before),
            after: Side(of: after),
            common: pairs.count { $0.before != nil && $0.after != nil },
            changes: changes.stablySorted { $0.kind.rank }
        )
    }

    private static func paired(_ before: [SampleResult], _ after: [SampleResult]) -> [Pairs<SampleResult>.Pair] {
        let exact = Pairs(before, after) { [$0.sample, $0.variant.rawValue, $0.machine] }.pairs
        let rest = exact.filter { $0.before == nil || $0.after == nil }
        let (gone, new) = (rest.compactMap(\.before), rest.compactMap(\.after))
        // With two cells of a kind nobody can tell which is which, so those stay apart.
        func singles(_ results: [SampleResult]) -> Set<[String]> {
            Set(Dictionary(grouping: results) { $0.kindKey }.filter { $0.value.count == 1 }.keys)
        }
        let clear = singles(gone).intersection(singles(new))
        let partners = Dictionary(gone.map { ($0.kindKey, $0) }) { first, _ in first }
        return exact.compactMap { pair in
            guard let one = pair.after ?? pair.before, pair.before == nil || pair.after == nil else { return pair }
            guard clear.contains(one.kindKey) else { return pair }
            return pair.after == nil ? nil : (partners[one.kindKey], pair.after)
        }
    }
}

extension SampleResult {
    /// The sample, its form and the machine's kind: `host`, or `vm` of `vm:6.1.0`.
    fileprivate var kindKey: [String] {
        [sample, variant.rawValue, machine.split(separator: ":").first.map { String($0) } ?? ""]
    }
}

extension CellChange {
    /// What became of a cell; `nil` where nothing did.
    fileprivate init?(_ before: SampleResult?, _ after: SampleResult?, _ old: OptionValues, _ new: OptionValues) {
        guard let one = after ?? before, let kind = Self.kind(before, after) else { return nil }
        let texts = [before, after].compactMap(\.self).flatMap { result in
            [result.need?.description ?? "", result.message] + result.details
        }
        self.init(
            sample: one.sample,
            variant: one.variant,
            machine: one.machine,
            kind: kind,
            before: before.map(Outcome.init),
            after: after.map(Outcome.init),
            options: old.changes(in: texts, to: new)
        )
    }

    private static func kind(_ before: SampleResult?, _ after: SampleResult?) -> ChangeKind? {
        guard let before else { return .new }
        guard let after else { return .gone }
        // What was expected is of a sample that ran to its end.
        let isJudged = before.verdict == .pass || before.verdict == .fail
        if before.verdict == after.verdict, before.expected == after.expected || !isJudged {
            if before.need != after.need { return .need }
            return before.reason == after.reason ? nil : .reason
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
