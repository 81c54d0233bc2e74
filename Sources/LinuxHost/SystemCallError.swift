import CLinux
import Glibc
public import SystemPackage

/// A system call that the kernel refused.
///
/// It is the only way in which an errno leaves this module.
public struct SystemCallError: Error, Sendable, Hashable {
    /// The call, with its command where it has one: `bpf(BPF_PROG_LOAD)`.
    public let call: String
    /// What the call was made on: a path, an interface, a program's name.
    public let subject: String
    /// The kernel's answer.
    public let errno: Errno

    /// Creates an error for a call that has failed.
    public init(_ call: String, on subject: String, errno: Errno) {
        self.call = call
        self.subject = subject
        self.errno = errno
    }

    /// Checks the result of a call that returns -1 and sets errno.
    ///
    /// Nothing may come between the call and this check.
    ///
    /// - Returns: The result, 0 or more.
    /// - Throws: The error, unless the result is 0 or more.
    @discardableResult
    public static func check<Result: SignedInteger>(
        _ result: Result,
        _ call: String,
        on subject: @autoclosure () -> String
    ) throws(SystemCallError) -> Result {
        let code = currentErrno()
        guard result >= 0 else { throw SystemCallError(call, on: subject(), errno: Errno(rawValue: code)) }
        return result
    }

    /// Checks the result of a call that returns the negated errno, as this project's C calls and libbpf's do.
    ///
    /// - Returns: The result, 0 or more.
    /// - Throws: The error, unless the result is 0 or more.
    @discardableResult
    public static func checkNegated(
        _ result: CInt,
        _ call: String,
        on subject: @autoclosure () -> String
    ) throws(SystemCallError) -> CInt {
        guard result >= 0 else { throw SystemCallError(call, on: subject(), errno: Errno(rawValue: -result)) }
        return result
    }
}

extension SystemCallError {
    /// The errno by its symbol, such as `EPERM`; `errno 524` for one without.
    public var answer: String { errno.symbol ?? "errno \(errno.rawValue)" }

    /// What the kernel says to something that may be refused: `ok`, or the errno as ``answer`` has it.
    public static func answer(to body: () throws(SystemCallError) -> Void) -> String {
        do throws(SystemCallError) {
            try body()
            return "ok"
        } catch {
            return error.answer
        }
    }
}

private func currentErrno() -> CInt { errno }

extension SystemCallError: CustomStringConvertible {
    /// The call, what it was made on and what the kernel said: `setns(2) on descriptor 7: invalid argument (EINVAL)`.
    public var description: String {
        "\(call) on \(subject): \(errno.named)"
    }
}

extension Errno {
    /// The error in words and by its symbol: `operation not permitted (EPERM)`.
    public var named: String {
        let words = description
        let lowered = words.prefix(1).lowercased() + words.dropFirst()
        guard let symbol = symbol else { return "\(lowered) (errno \(rawValue))" }
        return "\(lowered) (\(symbol))"
    }

    /// The kernel's symbol, such as `EPERM`; `nil` if the kernel has no such number.
    public var symbol: String? {
        lx_errno_name(rawValue).map { String(cString: $0) }
    }
}
