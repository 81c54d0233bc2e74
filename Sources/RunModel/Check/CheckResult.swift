/// What a feature's check found: a line of the record's `checks`.
public struct CheckResult: Sendable, Hashable, Codable {
    /// The option or feature, such as `CONFIG_BPF_SYSCALL`, `BPF_PROG_TYPE_XDP` or `attach:kprobe`.
    public var feature: String
    /// How deep the check went.
    public var level: Level
    /// Who asks for it, and so whom its absence fails.
    public var weight: Weight
    /// What it found.
    public var verdict: CheckVerdict
    /// An option's value that is asked for, as a config has it; `nil` for what is no option.
    public var wanted: String?
    /// An option's value, `not set`, `absent`, or `?` where no trusted config says; `nil` for what is no option.
    public var found: String?
    /// What its absence blocks, such as `tc filters`; empty where nobody says.
    public var blocks: [String]
    /// What the finding rests on, one per line.
    public var evidence: [String]
    /// What to change, where something can be changed.
    public var remedy: String?
    /// The ``Machine/id`` that it is of, in the record of a run; `nil` in a check of one kernel.
    public var machine: String?

    /// Creates a finding.
    public init(
        feature: String,
        level: Level,
        weight: Weight = .required,
        verdict: CheckVerdict,
        wanted: String? = nil,
        found: String? = nil,
        blocks: [String] = [],
        evidence: [String],
        remedy: String? = nil
    ) {
        self.feature = feature
        self.level = level
        self.weight = weight
        self.verdict = verdict
        self.wanted = wanted
        self.found = found
        self.blocks = blocks
        self.evidence = evidence
        self.remedy = remedy
    }

    /// The same finding as one of a machine.
    public func of(machine: String?) -> CheckResult {
        var copy = self
        copy.machine = machine
        return copy
    }

    /// Whether it fails the check as a whole: required, and not there or not granted.
    public var isFailure: Bool { weight == .required && (verdict == .unmet || verdict == .denied) }

    /// How deep a check went.
    public enum Level: String, Codable, Sendable, CaseIterable {
        /// The kernel's options say so.
        case config
        /// The kernel loads it.
        case load
        /// The kernel attaches it.
        case attach
        /// It takes effect.
        case effect
    }

    /// How much depends on a feature.
    public enum Weight: String, Codable, Sendable, CaseIterable {
        /// The check fails without it.
        case required
        /// Advised; its absence fails nothing.
        case recommended
        /// Wanted by some; its absence fails nothing.
        case optional
        /// Nobody asked for it: it is there to be read.
        case informative

        /// Whether an absence of this weight fails more than one of another.
        package func outranks(_ other: Weight) -> Bool { rank > other.rank }

        private var rank: Int {
            switch self {
            case .required: 3
            case .recommended: 2
            case .optional: 1
            case .informative: 0
            }
        }
    }

    private enum CodingKeys: String, CodingKey {
        case feature, level, weight, verdict, wanted, found, blocks, evidence, remedy, machine
    }

    /// Reads a finding; one without a weight, as records had them first, is required.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        feature = try container.decode(String.self, forKey: .feature)
        level = try container.decode(Level.self, forKey: .level)
        weight = try container.decodeIfPresent(Weight.self, forKey: .weight) ?? .required
        verdict = try container.decode(CheckVerdict.self, forKey: .verdict)
        wanted = try container.decodeIfPresent(String.self, forKey: .wanted)
        found = try container.decodeIfPresent(String.self, forKey: .found)
        blocks = try container.decodeIfPresent([String].self, forKey: .blocks) ?? []
        evidence = try container.decode([String].self, forKey: .evidence)
        remedy = try container.decodeIfPresent(String.self, forKey: .remedy)
        machine = try container.decodeIfPresent(String.self, forKey: .machine)
    }
}

/// What a feature's check can say.
public enum CheckVerdict: String, Codable, Sendable, CaseIterable {
    /// It is there.
    case met
    /// It is there as a module.
    case metModule = "met-module"
    /// It is not there.
    case unmet
    /// It is not asked of this kernel: another version's or another architecture's business.
    case notApplicable = "not-applicable"
    /// The caller may not find out, or may not use it.
    case denied
    /// No trustworthy source says.
    case unknown
    /// Two sources disagree.
    case conflict
}
