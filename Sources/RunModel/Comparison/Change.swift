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
    /// The same verdict for want of something else.
    case need
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
