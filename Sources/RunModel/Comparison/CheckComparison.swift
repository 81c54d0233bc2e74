/// Two checks side by side, feature by feature: what `bpf-assay compare` prints of them.
public struct CheckComparison: Sendable, Hashable, Codable {
    /// The name of the JSON form.
    ///
    /// Readers may rely on its keys; later versions only add some.
    public static let schema = "bpf-assay/check-comparison/1"

    /// What a side names as its profile that was not asked for anything: a config as such.
    public static let noProfile = "none"

    /// The form's name, ``schema`` in comparisons of this version.
    public var schema: String
    /// What the first check was of.
    public var before: Side
    /// What the second check was of.
    public var after: Side
    /// How many features both have.
    public var common: Int
    /// What changed, regressions first.
    public var changes: [FeatureChange]
    /// Program types whose helpers changed, in the second record's order.
    public var helpers: [HelperChange]
    /// Options that both checks looked at and found with another value, by name; `nil` in comparisons of before.
    public var options: [OptionChange]?

    /// Creates a comparison.
    public init(
        before: Side,
        after: Side,
        common: Int,
        changes: [FeatureChange],
        helpers: [HelperChange],
        options: [OptionChange] = []
    ) {
        schema = Self.schema
        self.before = before
        self.after = after
        self.common = common
        self.changes = changes
        self.helpers = helpers
        self.options = options
    }

    /// A lost helper is a regression as a lost feature is.
    public var conclusion: ComparisonConclusion {
        if changes.contains(where: { $0.kind == .regression }) || helpers.contains(where: { !$0.lost.isEmpty }) {
            return .regression
        }
        return changes.contains(where: \.losesSight) || helpers.contains { !$0.outOfSight.isEmpty }
            ? .inconclusive : .noRegression
    }

    /// What a check was of.
    public struct Side: Sendable, Hashable, Codable {
        /// Where the options were read from.
        public var source: String
        /// Whether the source belongs to the kernel.
        public var identity: ConfigIdentity
        /// The kernel's version.
        public var kernel: String?
        /// What was asked for.
        public var profile: String

        /// Takes it from a check.
        public init(of record: CheckRecord) {
            source = record.source
            identity = record.identity
            kernel = record.kernel
            profile = record.profile
        }
    }
}

/// What became of one feature.
public struct FeatureChange: Sendable, Hashable, Codable {
    /// The option or feature.
    public var feature: String
    /// How deep the checks went.
    public var level: CheckResult.Level
    /// How the change is to be taken.
    public var kind: ChangeKind
    /// What the first check found; `nil` for what is new.
    public var before: Finding?
    /// What the second check found; `nil` for what is gone.
    public var after: Finding?
    /// Options with another value that the findings speak of.
    public var options: [OptionChange]

    /// Creates a change.
    public init(
        feature: String,
        level: CheckResult.Level,
        kind: ChangeKind,
        before: Finding?,
        after: Finding?,
        options: [OptionChange]
    ) {
        self.feature = feature
        self.level = level
        self.kind = kind
        self.before = before
        self.after = after
        self.options = options
    }

    /// Whether something that was there is out of sight.
    public var losesSight: Bool { kind == .unclear && before?.isThere == true }

    /// What a check found of a feature.
    public struct Finding: Sendable, Hashable, Codable {
        /// The verdict.
        public var verdict: CheckVerdict
        /// Who asks for it.
        public var weight: CheckResult.Weight
        /// What the verdict rests on.
        public var evidence: [String]

        /// Takes it from a result.
        public init(of result: CheckResult) {
            verdict = result.verdict
            weight = result.weight
            evidence = result.evidence
        }

        /// Whether the feature is there.
        public var isThere: Bool { verdict == .met || verdict == .metModule }
    }
}

/// What became of the helpers of one program type.
public struct HelperChange: Sendable, Hashable, Codable {
    /// The program type.
    public var programType: String
    /// The attach type that was asked for, where the answers may depend on it.
    public var attachType: String?
    /// Helpers that programs of the type may call now.
    public var gained: [String] = []
    /// Helpers that programs of the type may no longer call, or only if they may sleep.
    public var lost: [String] = []
    /// Helpers that could be called, and of which the second record cannot say.
    public var outOfSight: [String] = []

    /// Creates an entry without helpers.
    public init(programType: String, attachType: String? = nil) {
        self.programType = programType
        self.attachType = attachType
    }

    /// The program type, with the attach type behind it where one was asked for.
    public var title: String { attachType.map { "\(programType)/\($0)" } ?? programType }
}
