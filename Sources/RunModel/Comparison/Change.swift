/// What became of something between two records: how a change is to be taken.
///
/// The order is that in which people want to hear of it.
public enum ChangeKind: String, Codable, Sendable, CaseIterable, Hashable {
    /// It was there, or passed, and is not there, or fails.
    case regression
    /// One of the two records cannot say, so that nothing is known of the change.
    case unclear
    /// It was not there, or failed, and is there, or passes.
    case fix
    /// Another verdict that is neither a regression nor a fix.
    case verdict
    /// The same verdict for another reason.
    case reason
    /// The same verdict for lack of something else.
    case need
    /// The same verdict, but a check found other numbers.
    case numbers
    /// The same verdict, but another weight of the feature.
    case weight
    /// Only the second record has it.
    case new
    /// Only the first record has it.
    case gone
}

/// An option that has another value in the second record, as an explanation of a change.
public struct OptionChange: Sendable, Hashable, Codable {
    /// The option, with its `CONFIG_` prefix.
    public var option: String
    /// Its value in the first record: `y`, `m`, `not set`, `absent`, or as the config has it.
    public var before: String
    /// Its value in the second record.
    public var after: String

    /// Creates a change.
    public init(option: String, before: String, after: String) {
        self.option = option
        self.before = before
        self.after = after
    }

    /// `CONFIG_KPROBES went from y to not set`.
    public var sentence: String { "\(option) went from \(before) to \(after)" }
}

/// A check of an oracle's that found something else in the second record.
public struct NumberChange: Sendable, Hashable, Codable {
    /// What was checked.
    public var claim: String
    /// What the first run found; `nil` where it did not check this.
    public var before: Reading?
    /// What the second run found; `nil` where it did not check this.
    public var after: Reading?

    /// Creates a change.
    public init(claim: String, before: Reading?, after: Reading?) {
        self.claim = claim
        self.before = before
        self.after = after
    }

    /// What one run found.
    public struct Reading: Sendable, Hashable, Codable {
        /// What was called for.
        public var expected: String
        /// What was observed.
        public var observed: String
        /// Whether the claim held.
        public var held: Bool

        /// Takes it from a check.
        public init(of check: Check) {
            expected = check.expected
            observed = check.observed
            held = check.held
        }
    }
}

/// What a comparison comes to; the raw values are the exit codes of `bpf-assay compare`.
public enum ComparisonConclusion: Int32, Sendable, CaseIterable, Codable {
    /// Nothing that was there is known to be lost.
    case noRegression = 0
    /// Something regressed.
    case regression = 1
    /// Nothing is known to have regressed, but of something that was there the second record cannot say.
    case inconclusive = 3

    /// The conclusion in words.
    public var words: String {
        switch self {
        case .noRegression: "no regression"
        case .regression: "regression"
        case .inconclusive: "inconclusive"
        }
    }
}
