public import RunModel

extension CheckComparison {
    /// Compares two checks by feature and depth.
    ///
    /// What was met and is unmet, denied or in conflict is a regression, whatever its weight, and the other way round a
    /// fix. What either record calls unknown is neither, and is named. A pure function.
    ///
    /// - Parameters:
    ///   - before: The first check.
    ///   - after: The second check.
    public init(of before: CheckRecord, to after: CheckRecord) {
        let pairs = Pairs(Self.findings(before), Self.findings(after)) { [$0.level.rawValue, $0.feature] }
        let (old, new) = (OptionValues(of: before), OptionValues(of: after))
        let changes = pairs.pairs.compactMap { pair in FeatureChange(pair.before, pair.after, old, new) }
        self.init(
            before: Side(of: before),
            after: Side(of: after),
            common: pairs.common,
            changes: changes.stablySorted { $0.kind.rank },
            helpers: HelperChange.changes(from: before.probe?.helpers ?? [], to: after.probe?.helpers ?? []),
            options: old.changes(in: old.names, to: new)
        )
    }

    /// The findings, and what the verifier accepts where no finding says it.
    private static func findings(_ record: CheckRecord) -> [CheckResult] {
        let known = Set(record.checks.map(\.feature))
        let verifier = (record.probe?.verifier ?? []).filter { !known.contains($0.title) }.map { feature in
            let verdict: CheckVerdict =
                switch feature.answer {
                case .supported: .met
                case .absent: .unmet
                case .denied: .denied
                case .inconclusive: .unknown
                }
            return CheckResult(
                feature: feature.title,
                level: .load,
                weight: .informative,
                verdict: verdict,
                evidence: feature.answer.reason.map { [$0] } ?? []
            )
        }
        return record.checks + verifier
    }
}

extension ChangeKind {
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension FeatureChange {
    /// What became of a feature; `nil` where nothing did.
    fileprivate init?(_ before: CheckResult?, _ after: CheckResult?, _ old: OptionValues, _ new: OptionValues) {
        guard let one = after ?? before, let kind = Self.kind(before, after) else { return nil }
        let texts = [one.feature] + [before, after].compactMap(\.self).flatMap { $0.evidence + [$0.remedy ?? ""] }
        self.init(
            feature: one.feature,
            level: one.level,
            kind: kind,
            before: before.map(Finding.init),
            after: after.map(Finding.init),
            options: old.changes(in: texts, to: new)
        )
    }

    private static func kind(_ before: CheckResult?, _ after: CheckResult?) -> ChangeKind? {
        guard let before else { return .new }
        guard let after else { return .gone }
        if before.verdict == after.verdict { return before.weight == after.weight ? nil : .weight }
        switch (before.verdict, after.verdict) {
        case (.unknown, _), (_, .unknown): return .unclear
        case (.met, .unmet), (.met, .denied), (.met, .conflict), (.metModule, .unmet), (.metModule, .denied),
            (.metModule, .conflict):
            return .regression
        case (.unmet, .met), (.denied, .met), (.conflict, .met), (.unmet, .metModule), (.denied, .metModule),
            (.conflict, .metModule):
            return .fix
        case (.met, _), (.metModule, _), (.unmet, _), (.denied, _), (.conflict, _), (.notApplicable, _):
            return .verdict
        }
    }
}

extension HelperChange {
    /// The program types whose helpers changed.
    ///
    /// A type that one record did not ask for helpers says nothing here: its own verdict tells why.
    fileprivate static func changes(from before: [HelperColumn], to after: [HelperColumn]) -> [HelperChange] {
        let pairs = Pairs(before, after) { $0.title }
        return pairs.pairs.compactMap { pair in
            guard let before = pair.before, let after = pair.after else { return nil }
            guard before.notAskedBecause == nil, after.notAskedBecause == nil else { return nil }
            var change = HelperChange(programType: after.programType, attachType: after.attachType)
            let (old, new) = (Set(before.supported), Set(after.supported))
            let oldNo = Set(before.absent + before.sleepableOnly)
            let newNo = Set(after.absent + after.sleepableOnly)
            change.gained = after.supported.filter { oldNo.contains($0) && !old.contains($0) }
            change.lost = before.supported.filter { newNo.contains($0) && !new.contains($0) }
            change.outOfSight = before.supported.filter { !new.contains($0) && !newNo.contains($0) }
            return change.gained.isEmpty && change.lost.isEmpty && change.outOfSight.isEmpty ? nil : change
        }
    }
}
