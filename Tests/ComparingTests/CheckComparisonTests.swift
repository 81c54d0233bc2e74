import Comparing
import RunModel
import Testing

@Suite struct `two checks` {
    static func check(
        _ feature: String,
        _ verdict: CheckVerdict,
        _ weight: CheckResult.Weight = .required,
        level: CheckResult.Level = .config,
        found: String? = nil,
        evidence: [String] = []
    ) -> CheckResult {
        CheckResult(
            feature: feature,
            level: level,
            weight: weight,
            verdict: verdict,
            found: found,
            evidence: evidence
        )
    }

    static func record(
        _ checks: [CheckResult],
        helpers: [HelperColumn] = [],
        options: [String: String]? = nil
    ) -> CheckRecord {
        CheckRecord(
            source: ".config",
            identity: .unknown,
            kernel: "6.1.192",
            profile: "core",
            checks: checks,
            probe: helpers.isEmpty ? nil : ProbeReport(helpers: helpers),
            options: options
        )
    }

    @Test func `options that both looked at are compared too, explained or not`() {
        let before = Self.record(
            [],
            options: ["CONFIG_A": "y", "CONFIG_B": "m", "CONFIG_HZ": "250", "CONFIG_C": "absent"]
        )
        let after = Self.record(
            [],
            options: ["CONFIG_A": "y", "CONFIG_B": "not set", "CONFIG_HZ": "1000", "CONFIG_C": "not set"]
        )
        #expect(
            CheckComparison(of: before, to: after).options == [
                OptionChange(option: "CONFIG_B", before: "m", after: "not set"),
                OptionChange(option: "CONFIG_HZ", before: "250", after: "1000"),
            ]
        )
    }

    /// What became of one feature.
    static func kind(_ before: CheckVerdict?, _ after: CheckVerdict?) -> ChangeKind? {
        func side(_ verdict: CheckVerdict?) -> CheckRecord { record(verdict.map { [check("CONFIG_A", $0)] } ?? []) }
        return CheckComparison(of: side(before), to: side(after)).changes.first?.kind
    }

    /// A row for each first verdict, a letter for each second: met, module, unmet, not applicable, denied, unknown, conflict.
    static let table: [(CheckVerdict, String)] = [
        (.met, "=vRvRuR"), (.metModule, "v=RvRuR"), (.unmet, "FF=vvuv"), (.notApplicable, "vvv=vuv"),
        (.denied, "FFvv=uv"), (.unknown, "uuuuu=u"), (.conflict, "FFvvvu="),
    ]

    @Test func `take every pair of verdicts for what it is`() {
        let letters: [Character: ChangeKind?] = ["=": nil, "v": .verdict, "R": .regression, "F": .fix, "u": .unclear]
        #expect(Self.table.map(\.0) == CheckVerdict.allCases)
        for (before, row) in Self.table {
            for (after, letter) in zip(CheckVerdict.allCases, row) {
                #expect(Self.kind(before, after) == letters[letter] ?? nil, "\(before) -> \(after)")
            }
            #expect(Self.kind(nil, before) == .new)
            #expect(Self.kind(before, nil) == .gone)
        }
    }

    @Test func `conclude a regression, and that something is out of sight, and nothing else`() {
        func conclusion(_ before: CheckVerdict, _ after: CheckVerdict) -> ComparisonConclusion {
            CheckComparison(of: Self.record([Self.check("A", before)]), to: Self.record([Self.check("A", after)]))
                .conclusion
        }
        for before in CheckVerdict.allCases {
            for after in CheckVerdict.allCases {
                let kind = Self.kind(before, after)
                let isThere = before == .met || before == .metModule
                let expected: ComparisonConclusion =
                    kind == .regression ? .regression : kind == .unclear && isThere ? .inconclusive : .noRegression
                #expect(conclusion(before, after) == expected, "\(before) -> \(after)")
            }
        }
    }

    @Test(arguments: CheckResult.Weight.allCases)
    func `regress in a feature of any weight`(weight: CheckResult.Weight) {
        let comparison = CheckComparison(
            of: Self.record([Self.check("A", .met, weight)]),
            to: Self.record([Self.check("A", .unmet, weight)])
        )
        #expect(comparison.conclusion == .regression)
    }

    @Test func `that are the same have no differences`() {
        let record = Self.record(CheckVerdict.allCases.map { Self.check("CONFIG_\($0)", $0) })
        let comparison = CheckComparison(of: record, to: record)
        #expect(comparison.changes.isEmpty && comparison.helpers.isEmpty && comparison.common == 7)
        #expect(comparison.conclusion == .noRegression)
    }

    @Test func `differ in a weight alone`() {
        let comparison = CheckComparison(
            of: Self.record([Self.check("A", .unmet, .optional)]),
            to: Self.record([Self.check("A", .unmet)])
        )
        #expect(comparison.changes.map(\.kind) == [.weight])
        #expect(comparison.changes[0].before?.weight == .optional && comparison.changes[0].after?.weight == .required)
    }

    @Test func `tell depths of one name apart, and the second of a name from the first`() {
        let before = Self.record([
            Self.check("A", .met), Self.check("A", .unmet, level: .load), Self.check("A", .unmet, level: .load),
        ])
        let after = Self.record([
            Self.check("A", .unmet, level: .load), Self.check("A", .met, level: .load), Self.check("A", .met),
        ])
        let comparison = CheckComparison(of: before, to: after)
        #expect(comparison.common == 3)
        #expect(comparison.changes.map(\.kind) == [.fix] && comparison.changes[0].level == .load)
    }

    @Test func `lose no regression, whichever feature it is`() {
        let before = Self.record((0..<50).map { Self.check("CONFIG_\($0)", .met) })
        for index in 0..<50 {
            var after = before
            after.checks[index].verdict = .denied
            let comparison = CheckComparison(of: before, to: after)
            #expect(comparison.changes.map(\.feature) == ["CONFIG_\(index)"])
            #expect(comparison.conclusion == .regression)
            after.checks.remove(at: index)
            #expect(CheckComparison(of: before, to: after).changes.map(\.kind) == [.gone])
        }
    }

    @Test func `put regressions first`() {
        let words: [CheckVerdict] = [.met, .unmet, .met, .met, .unknown]
        let others: [CheckVerdict] = [.metModule, .met, .unknown, .unmet, .met]
        func record(_ verdicts: [CheckVerdict], _ more: String) -> CheckRecord {
            Self.record(verdicts.enumerated().map { Self.check("\($0)", $1) } + [Self.check(more, .met)])
        }
        let kinds = CheckComparison(of: record(words, "old"), to: record(others, "new")).changes.map(\.kind)
        #expect(kinds == [.regression, .unclear, .unclear, .fix, .verdict, .new, .gone])
    }

    @Test func `show the options that explain a change`() {
        let before = Self.record([
            Self.check("CONFIG_KPROBES", .met, found: "y"), Self.check("CONFIG_NET", .met, found: "y"),
            Self.check("attach:kprobe", .met, level: .attach, evidence: ["CONFIG_KPROBES is on"]),
        ])
        let after = Self.record([
            Self.check("CONFIG_KPROBES", .unmet, found: "not set"), Self.check("CONFIG_NET", .unmet, found: "absent"),
            Self.check("attach:kprobe", .unmet, level: .attach, evidence: ["off:CONFIG_KPROBES, CONFIG_FPROBE."]),
        ])
        let change = CheckComparison(of: before, to: after).changes.last
        #expect(change?.options.map(\.sentence) == ["CONFIG_KPROBES went from y to not set"])
    }

    @Test func `read options that no finding is about, and believe none that is not known`() {
        func side(_ verdict: CheckVerdict, _ options: [String: String], found: String) -> CheckRecord {
            Self.record(
                [
                    Self.check("effect:x", verdict, level: .effect, evidence: ["CONFIG_LSM CONFIG_Q CONFIG_ONLY"]),
                    Self.check("CONFIG_Q", .unknown, found: found),
                ],
                options: options
            )
        }
        let change = CheckComparison(
            of: side(.met, ["CONFIG_LSM": "\"bpf\"", "CONFIG_ONLY": "y"], found: "y"),
            to: side(.unmet, ["CONFIG_LSM": "\"\""], found: "?")
        ).changes.first
        #expect(change?.options == [OptionChange(option: "CONFIG_LSM", before: "\"bpf\"", after: "\"\"")])
    }
}

@Suite struct `the helpers of two checks` {
    static func column(
        _ supported: [String] = [],
        absent: [String] = [],
        sleepable: [String] = [],
        undecided: [String] = [],
        because: ProbeAnswer? = nil
    ) -> HelperColumn {
        var column = HelperColumn(programType: "BPF_PROG_TYPE_XDP")
        column.supported = supported
        column.absent = absent
        column.sleepableOnly = sleepable
        column.inconclusive = undecided.map { HelperColumn.Undecided(helper: $0, reason: "") }
        column.notAskedBecause = because
        return column
    }

    static func compare(_ before: HelperColumn, _ after: HelperColumn) -> CheckComparison {
        CheckComparison(of: `two checks`.record([], helpers: [before]), to: `two checks`.record([], helpers: [after]))
    }

    @Test func `are gained, lost and out of sight`() {
        let comparison = Self.compare(
            Self.column(["a", "b", "c", "d", "e"], absent: ["g", "h"], undecided: ["i"]),
            Self.column(["a", "g", "i", "new"], absent: ["b", "h"], sleepable: ["c"], undecided: ["d"])
        )
        #expect(comparison.helpers.map(\.gained) == [["g"]])
        #expect(comparison.helpers.map(\.lost) == [["b", "c"]])
        #expect(comparison.helpers.map(\.outOfSight) == [["d", "e"]])
        #expect(comparison.conclusion == .regression)
    }

    @Test func `make a comparison inconclusive where nothing else is wrong with it`() {
        #expect(Self.compare(Self.column(["a"]), Self.column(undecided: ["a"])).conclusion == .inconclusive)
        #expect(Self.compare(Self.column(absent: ["a"]), Self.column(["a"])).conclusion == .noRegression)
    }

    @Test(arguments: [ProbeAnswer.absent, .denied("no"), .inconclusive("?")])
    func `of a type that was not asked say nothing`(answer: ProbeAnswer) {
        #expect(Self.compare(Self.column(["a"]), Self.column(because: answer)).helpers.isEmpty)
        #expect(Self.compare(Self.column(because: answer), Self.column(["a"])).helpers.isEmpty)
    }

    @Test func `are not the only thing: what the verifier accepts is compared too`() {
        func side(_ answer: ProbeAnswer) -> CheckRecord {
            var record = `two checks`.record([])
            record.probe = ProbeReport(verifier: [ProbedType(name: "BOUNDED_LOOPS", answer: answer)])
            return record
        }
        let comparison = CheckComparison(of: side(.supported), to: side(.absent))
        #expect(comparison.changes.map(\.feature) == ["BOUNDED_LOOPS"] && comparison.conclusion == .regression)
    }
}
