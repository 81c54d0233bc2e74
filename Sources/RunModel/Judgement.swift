/// One thing an oracle looked at.
public struct Check: Sendable, Hashable, Codable {
    /// What was checked, as a statement that ought to be true.
    public let claim: String
    /// What the sample's specification calls for.
    public let expected: String
    /// What was observed.
    public let observed: String
    /// Whether the claim held.
    public let held: Bool

    /// Creates a check whose comparison was already made.
    public init(claim: String, expected: String, observed: String, held: Bool) {
        self.claim = claim
        self.expected = expected
        self.observed = observed
        self.held = held
    }

    /// Checks that an observed value is exactly the expected one.
    public static func equal<Value: Equatable & Sendable>(
        _ claim: String,
        expected: Value,
        observed: Value
    ) -> Check {
        Check(claim: claim, expected: "\(expected)", observed: "\(observed)", held: expected == observed)
    }

    /// Checks that an observed value is no smaller than a bound.
    public static func atLeast<Value: Comparable & Sendable>(
        _ claim: String,
        bound: Value,
        observed: Value
    ) -> Check {
        Check(claim: claim, expected: "at least \(bound)", observed: "\(observed)", held: observed >= bound)
    }

    /// Checks that an observed value is no larger than a bound.
    public static func atMost<Value: Comparable & Sendable>(
        _ claim: String,
        bound: Value,
        observed: Value
    ) -> Check {
        Check(claim: claim, expected: "at most \(bound)", observed: "\(observed)", held: observed <= bound)
    }

    /// Checks that an observed value lies in a closed range.
    public static func within<Value: Comparable & Sendable>(
        _ claim: String,
        _ range: ClosedRange<Value>,
        observed: Value
    ) -> Check {
        Check(
            claim: claim,
            expected: "from \(range.lowerBound) to \(range.upperBound)",
            observed: "\(observed)",
            held: range.contains(observed)
        )
    }
}

/// What an oracle concluded from one observation.
public struct Judgement: Sendable, Hashable, Codable {
    /// Everything the oracle looked at, in the order it looked.
    public let checks: [Check]
    /// What the oracle could not look at on this machine and why, for the record; it never decides the verdict.
    public let notReached: [String]

    /// Creates a judgement.
    public init(_ checks: [Check], notReached: [String] = []) {
        self.checks = checks
        self.notReached = notReached
    }

    /// Whether the sample did what its specification says.
    ///
    /// A judgement with no checks is not a pass: an oracle that looked at nothing proved nothing.
    public var isPass: Bool {
        !checks.isEmpty && checks.allSatisfy(\.held)
    }

    /// The first claim that did not hold, with what was expected and observed; `nil` where all held.
    public var firstObjection: String? {
        if checks.isEmpty { return "the oracle looked at nothing" }
        return checks.first { !$0.held }.map { "\($0.claim): expected \($0.expected), found \($0.observed)" }
    }
}
