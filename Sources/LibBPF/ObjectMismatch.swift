/// A kern object that is not what its user half expects: a map or program is missing, a map is of another type or size, or holds
/// too little.
///
/// The object is at fault, or the source that it was built from, and neither the kernel nor the harness.
public struct ObjectMismatch: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was found in place of what was expected.
    public let description: String

    /// Describes a mismatch.
    public init(_ description: String) {
        self.description = description
    }
}
