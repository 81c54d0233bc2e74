import CLibbpf
import Glibc
import LinuxHost
import SystemPackage

// The only readers of libbpf's return values. libbpf 1.0 and later returns the negated errno, or NULL with errno set.

/// Checks a result that is negative on failure.
@discardableResult
func check(_ result: CInt, _ call: String, on subject: @autoclosure () -> String) throws(SystemCallError) -> CInt {
    try SystemCallError.checkNegated(result, call, on: subject())
}

/// Checks a pointer that is NULL on failure.
func require(
    _ pointer: OpaquePointer?,
    _ call: String,
    on subject: @autoclosure () -> String
) throws(SystemCallError) -> OpaquePointer {
    let code = errno
    guard let pointer else { throw SystemCallError(call, on: subject(), errno: Errno(rawValue: code)) }
    return pointer
}
