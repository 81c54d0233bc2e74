public import LinuxHost

/// How long a sample waits for what ought to come: a while each time, until something did not come.
///
/// A sound kernel gives every answer in time, however long all of them take together. With a broken one a run must not wait for each
/// of hundreds that do not come: its time would be over before it could say so.
public final class Patience {
    private var isLost = false

    /// Begins with all of it.
    public init() {}

    /// The end of the next wait.
    public var deadline: Deadline { Deadline(after: isLost ? .zero : answerTime) }

    /// Waits for something once more.
    ///
    /// - Parameter body: Waits until the deadline that it is given, and returns `nil` if nothing came.
    /// - Returns: What it returns.
    /// - Throws: What it throws.
    public func wait<Value, Failure: Error>(_ body: (Deadline) throws(Failure) -> Value?) throws(Failure) -> Value? {
        let value = try body(deadline)
        if value == nil { isLost = true }
        return value
    }

    /// Polls a condition every millisecond until it holds, or for as long as there is patience.
    ///
    /// - Returns: Whether it held.
    @discardableResult
    public func poll(until condition: () throws -> Bool) rethrows -> Bool {
        let holds = try deadline.poll(everyMilliseconds: 1, until: condition)
        if !holds { isLost = true }
        return holds
    }
}
