public import RunModel

/// Something that a sample needs and only its own run can tell to be lacking, with the evidence that the kernel is not at fault.
///
/// The sample is then a SKIP that names the need. It must be one of its manifest's.
public struct UnmetNeed: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is lacking.
    public let need: Need
    /// Why, in a line.
    public let reason: String
    /// What the kernel said, one per line.
    public let evidence: [String]

    /// Describes what is lacking.
    public init(_ need: Need, _ reason: String, evidence: [String]) {
        self.need = need
        self.reason = reason
        self.evidence = evidence
    }

    /// Why, in a line.
    public var description: String { reason }
}
