/// Why bytes are not JSON that can be read, and where.
public struct JSONFault: Error, Sendable, Hashable {
    /// What is wrong.
    public var cause: Cause
    /// The offset in bytes at which it was noticed.
    public var offset: Int

    /// What can be wrong.
    public enum Cause: String, Sendable, CaseIterable {
        /// The text ends too early.
        case end = "it ends too early"
        /// A byte that the grammar does not allow there.
        case unexpected = "unexpected byte"
        /// A control character in a string.
        case control = "control character in a string"
        /// An unknown escape, or half of a surrogate pair.
        case escape = "bad escape"
        /// Bytes that are not UTF-8.
        case encoding = "invalid UTF-8"
        /// A number that no 64-bit integer and no double can hold.
        case number = "number out of range"
        /// Too many values inside each other.
        case depth = "nested too deeply"
        /// An object with the same key twice: readers would disagree about its value.
        case duplicate = "duplicate key"
        /// Something behind the value.
        case trailing = "text behind the value"
    }
}

extension JSONFault: CustomStringConvertible {
    /// For example `unexpected byte at offset 17`.
    public var description: String { "\(cause.rawValue) at offset \(offset)" }
}
