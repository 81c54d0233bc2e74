/// One sample's result on one machine: a cell of the run.
public struct SampleResult: Sendable, Hashable, Codable {
    /// `<family>/<name>`, such as `xdp/xdp_rxq_info`.
    public var sample: String
    /// Which form of the sample ran.
    public var variant: Variant
    /// The ``Machine/id`` it ran on.
    public var machine: String
    /// How it came out.
    public var verdict: Verdict
    /// Why, unless it passed.
    public var reason: Reason?
    /// What is lacking, for a skip.
    public var need: Need?
    /// All that the sample needs of a machine; `nil` in records of the first version.
    public var needs: [Need]?
    /// One line for a person; empty for a pass with nothing to add.
    public var message: String
    /// More lines of evidence, such as the end of a verifier log.
    public var details: [String]
    /// What the run was expected to give: `fail` for a deny-listed sample.
    public var expected: Expectation
    /// Everything the oracle looked at.
    public var checks: [Check]
    /// What could not be looked at on this machine, and why.
    public var notReached: [String]
    /// What the sample's user half saw, for judging again.
    public var observation: JSONValue?
    /// How the oracle answered to a run with the stimulus withheld.
    public var control: Control
    /// What the sample left behind.
    public var leaks: [Leak]
    /// Every try, the last one being the one that counts.
    public var attempts: [Attempt]
    /// Wall-clock seconds from start to the last resource gone.
    public var duration: Double

    /// Creates a result.
    public init(
        sample: String,
        variant: Variant = .native,
        machine: String,
        verdict: Verdict,
        reason: Reason? = nil,
        need: Need? = nil,
        needs: [Need]? = nil,
        message: String = "",
        details: [String] = [],
        expected: Expectation = .pass,
        checks: [Check] = [],
        notReached: [String] = [],
        observation: JSONValue? = nil,
        control: Control = .notRun,
        leaks: [Leak] = [],
        attempts: [Attempt] = [],
        duration: Double = 0
    ) {
        self.sample = sample
        self.variant = variant
        self.machine = machine
        self.verdict = verdict
        self.reason = reason
        self.need = need
        self.needs = needs
        self.message = message
        self.details = details
        self.expected = expected
        self.checks = checks
        self.notReached = notReached
        self.observation = observation
        self.control = control
        self.leaks = leaks
        self.attempts = attempts
        self.duration = duration
    }

    /// Which form of a sample ran.
    public enum Variant: String, Codable, Sendable, CaseIterable {
        /// Attached where the sample's own source says.
        case native
        /// Attached to a stand-in, such as a uprobe in place of a kprobe.
        case surrogate
    }

    /// What a run was expected to give.
    public enum Expectation: String, Codable, Sendable, CaseIterable {
        /// The sample ought to pass.
        case pass
        /// The sample is known to fail here.
        case fail
    }

    /// How the oracle answered to a control run, in which the stimulus is withheld.
    public enum Control: String, Codable, Sendable, CaseIterable {
        /// It did not pass, as it must not.
        case refused
        /// It passed with nothing to see, so its verdicts cannot be trusted.
        case accepted
        /// No control run was made.
        case notRun = "not-run"
    }

    /// Something that outlived the sample that made it.
    public struct Leak: Sendable, Hashable, Codable {
        /// `program`, `map`, `link`, `cgroup`, `namespace`, `process`, `mount`, `qdisc`, `interface` or `tracefs event`.
        public var kind: String
        /// What exactly: an id, a path, a name.
        public var subject: String

        /// Creates a leak's description.
        public init(kind: String, subject: String) {
            self.kind = kind
            self.subject = subject
        }
    }

    /// One try at a sample.
    public struct Attempt: Sendable, Hashable, Codable {
        /// How the try came out.
        public var verdict: Verdict
        /// Why, unless it passed.
        public var reason: Reason?
        /// One line for a person.
        public var message: String
        /// Wall-clock seconds.
        public var duration: Double

        /// Creates an attempt.
        public init(verdict: Verdict, reason: Reason?, message: String, duration: Double) {
            self.verdict = verdict
            self.reason = reason
            self.message = message
            self.duration = duration
        }

        private enum CodingKeys: String, CodingKey {
            case verdict, reason, message
            case duration = "duration_s"
        }
    }

    /// The sample's own name, without its family.
    public var name: String {
        sample.lastIndex(of: "/").map { String(sample[sample.index(after: $0)...]) } ?? sample
    }

    private enum CodingKeys: String, CodingKey {
        case sample, variant, machine, verdict, reason, need, needs, message, details, expected, checks
        case notReached = "not_reached"
        case observation, control, leaks, attempts
        case duration = "duration_s"
    }
}
