public import LinuxHost

/// A loaded program that the kernel refused to attach.
public struct AttachError: Error, Sendable, CustomStringConvertible {
    /// The call that failed and what it said.
    public let cause: SystemCallError

    /// Creates an error for an attachment that has failed.
    public init(_ cause: SystemCallError) {
        self.cause = cause
    }

    /// The call, the program and the cause.
    public var description: String { cause.description }
}
