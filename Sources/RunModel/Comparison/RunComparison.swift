/// Two runs side by side, cell by cell: what `bpf-assay compare` prints of them.
public struct RunComparison: Sendable, Hashable, Codable {
    /// The name of the JSON form.
    ///
    /// Readers may rely on its keys; later versions only add some.
    public static let schema = "bpf-assay/run-comparison/1"

    /// The form's name, ``schema`` in comparisons of this version.
    public var schema: String
    /// What the first run was of.
    public var before: Side
    /// What the second run was of.
    public var after: Side
    /// Which machines were compared with each other, in the second run's order.
    public var machines: [MachinePair]
    /// How many cells both have.
    public var common: Int
    /// What changed, regressions first.
    public var changes: [CellChange]

    /// Creates a comparison.
    public init(before: Side, after: Side, machines: [MachinePair], common: Int, changes: [CellChange]) {
        schema = Self.schema
        self.before = before
        self.after = after
        self.machines = machines
        self.common = common
        self.changes = changes
    }

    /// What the changes come to.
    public var conclusion: ComparisonConclusion {
        if changes.contains(where: { $0.kind == .regression }) { return .regression }
        return changes.contains(where: \.losesSight) ? .inconclusive : .noRegression
    }

    /// What a run was of.
    public struct Side: Sendable, Hashable, Codable {
        /// The run's name.
        public var run: String
        /// When it started.
        public var started: String
        /// The kernels it ran on.
        public var machines: [Machine]

        /// Takes it from a run.
        public init(of record: RunRecord) {
            run = record.run.id
            started = record.run.started
            machines = record.machines
        }
    }
}

/// Two machines whose cells were compared with each other.
public struct MachinePair: Sendable, Hashable, Codable {
    /// The machine's name in the first run.
    public var before: String
    /// Its name in the second run; another one where two kernels are compared.
    public var after: String
    /// Options with another value, of those that were checked or that samples need.
    public var options: [OptionChange]

    /// Creates a pair.
    public init(before: String, after: String, options: [OptionChange] = []) {
        self.before = before
        self.after = after
        self.options = options
    }
}

/// What became of one cell: a sample, in one of its forms, on a machine.
public struct CellChange: Sendable, Hashable, Codable {
    /// `<family>/<name>`.
    public var sample: String
    /// Which form of the sample ran.
    public var variant: SampleResult.Variant
    /// The machine, by its name in the second run where that has the cell.
    ///
    /// The first run may call it otherwise, as `vm:6.1.0` against `vm:6.12.0`; see ``Outcome/machine``.
    public var machine: String
    /// How the change is to be taken.
    public var kind: ChangeKind
    /// How it came out in the first run; `nil` for what is new.
    public var before: Outcome?
    /// How it came out in the second run; `nil` for what is gone.
    public var after: Outcome?
    /// Options with another value that the outcomes speak of, or that the sample needs.
    public var options: [OptionChange]
    /// Checks that found something else.
    public var numbers: [NumberChange]

    /// Creates a change.
    public init(
        sample: String,
        variant: SampleResult.Variant,
        machine: String,
        kind: ChangeKind,
        before: Outcome?,
        after: Outcome?,
        options: [OptionChange],
        numbers: [NumberChange] = []
    ) {
        self.sample = sample
        self.variant = variant
        self.machine = machine
        self.kind = kind
        self.before = before
        self.after = after
        self.options = options
        self.numbers = numbers
    }

    /// Whether a sample that passed did not come to an end that says anything.
    public var losesSight: Bool { kind == .unclear && before?.verdict == .pass }

    /// How a cell came out.
    public struct Outcome: Sendable, Hashable, Codable {
        /// The machine's name in this run.
        public var machine: String
        /// The verdict.
        public var verdict: Verdict
        /// What was expected.
        public var expected: SampleResult.Expectation
        /// Why, unless it passed.
        public var reason: Reason?
        /// What is lacking, for a skip.
        public var need: Need?
        /// The line that says most: the message, or else the first check that did not hold.
        public var message: String

        /// Takes it from a result.
        public init(of result: SampleResult) {
            machine = result.machine
            verdict = result.verdict
            expected = result.expected
            reason = result.reason
            need = result.need
            let objection = result.checks.first { !$0.held }.map { check in
                "\(check.claim): expected \(check.expected), found \(check.observed)"
            }
            message = result.message.isEmpty ? objection ?? "" : result.message
        }
    }
}
