/// What one check of a kernel found: what `bpf-assay check --format json` prints and other formats are made from.
public struct CheckRecord: Sendable, Hashable, Codable {
    /// The name of the JSON form.
    ///
    /// Readers may rely on its keys; later versions only add some.
    public static let schema = "bpf-assay/check/1"

    /// The form's name, ``schema`` in records of this version.
    public var schema: String
    /// Where the kernel's options were read from, or `none`.
    public var source: String
    /// Whether the source belongs to the running kernel; `unknown` for one that is taken as is.
    public var identity: ConfigIdentity
    /// The kernel's version, `nil` where nothing names one.
    public var kernel: String?
    /// The profiles that were asked for, joined by `+`.
    public var profile: String
    /// The findings.
    public var checks: [CheckResult]
    /// What else there is to know, one per line: why the kernel was not asked, a source that contradicts the one that counts.
    public var notes: [String]
    /// The host's settings that explain refusals, by their names in /proc/sys and /sys; empty where no host was looked at.
    public var host: [String: String]
    /// What the running kernel answered when it was asked itself; `nil` where it was not.
    public var probe: ProbeReport?
    /// Values of options that the check looked at, by name: `y`, `m`, `not set` or `absent`, or a number or a quoted
    /// string as the config has it.
    ///
    /// `nil` where no config was trusted, and in records of before. The C macros read `CONFIG_HZ` here, and a comparison
    /// reads what became of an option that explains a verdict.
    public var options: [String: String]?

    /// Creates a record.
    public init(
        source: String,
        identity: ConfigIdentity,
        kernel: String?,
        profile: String,
        checks: [CheckResult],
        notes: [String] = [],
        host: [String: String] = [:],
        probe: ProbeReport? = nil,
        options: [String: String]? = nil
    ) {
        schema = Self.schema
        self.source = source
        self.identity = identity
        self.kernel = kernel
        self.profile = profile
        self.checks = checks
        self.notes = notes
        self.host = host
        self.probe = probe
        self.options = options
    }

    /// What the findings come to.
    public var conclusion: CheckConclusion { CheckConclusion(of: checks) }
}

/// What the findings of a check come to; the raw values are the exit codes of `bpf-assay check`.
public enum CheckConclusion: Int32, Sendable, CaseIterable, Codable {
    /// Everything that is required is there.
    case met = 0
    /// Something that is required is not there, or is refused.
    case unmet = 1
    /// Of something that is required nobody can say whether it is there.
    case inconclusive = 3
    /// The kernel's options and the kernel itself disagree, so that one of the two is not what it seems to be.
    case conflict = 4

    /// Draws the conclusion: a conflict makes everything else doubtful, and nothing found concludes nothing.
    public init(of checks: [CheckResult]) {
        if checks.contains(where: { $0.verdict == .conflict }) {
            self = .conflict
        } else if checks.contains(where: \.isFailure) {
            self = .unmet
        } else if checks.isEmpty || checks.contains(where: { $0.weight == .required && $0.verdict == .unknown }) {
            self = .inconclusive
        } else {
            self = .met
        }
    }

    /// The conclusion in a word.
    public var word: String {
        switch self {
        case .met: "met"
        case .unmet: "unmet"
        case .inconclusive: "inconclusive"
        case .conflict: "conflict"
        }
    }
}
