public import LinuxHost
import SystemPackage

/// A loaded program that the kernel refused to attach.
public struct AttachError: Error, Sendable, CustomStringConvertible {
    /// The call that failed and what it said.
    public let cause: SystemCallError
    /// Which function of the kernel could not be found, where that is why.
    public let function: KernelFunctionError?

    /// Creates an error for an attachment that has failed.
    public init(_ cause: SystemCallError) {
        self.cause = cause
        function = nil
    }

    /// Creates an error for a program whose function is not there to be probed.
    ///
    /// - Parameters:
    ///   - function: What was looked for.
    ///   - subject: The program.
    public init(_ function: KernelFunctionError, for subject: String) {
        let errno: Errno = function.problem == .missing ? .noSuchFileOrDirectory : .addressNotAvailable
        cause = SystemCallError("attach to a function of the kernel", on: subject, errno: errno)
        self.function = function
    }

    /// The call, the program and the cause.
    public var description: String {
        function.map { "attach \(cause.subject): \($0)" } ?? cause.description
    }
}
