public import RunModel

/// A feature that somebody asks for.
public struct FeatureRequest: Sendable, Hashable {
    /// The feature's name, such as `attach:kprobe`.
    public let name: String
    /// Whom its absence fails.
    public let weight: CheckResult.Weight
    /// What its absence blocks.
    public let blocks: [String]

    /// Asks for a feature.
    public init(_ name: String, weight: CheckResult.Weight = .required, blocks: [String] = []) {
        self.name = name
        self.weight = weight
        self.blocks = blocks
    }
}
