import CLinux
import Glibc
import Synchronization
import SystemPackage

/// A thread of its own, for work whose effects belong to a thread: namespaces, the death signal of a child, affinity.
public final class WorkThread: Sendable {
    private let thread: pthread_t

    /// Starts a thread that runs a closure and ends.
    ///
    /// Where the system has no thread to give, it is asked again for a few seconds; then the process ends with a message and
    /// exit status 69 (`EX_UNAVAILABLE`), since nobody could do the work.
    public init(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(body))
        let deadline = Deadline(after: .seconds(3))
        var made = pthread_t()
        while true {
            let result = pthread_create(
                &made,
                nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                    return nil
                },
                box.toOpaque()
            )
            if result == 0 { break }
            guard result == EAGAIN, !deadline.hasPassed else { Self.endProcess(Errno(rawValue: result)) }
            deadline.pause(milliseconds: 50)
        }
        thread = made
    }

    /// Waits until the closure has returned.
    ///
    /// Must be called exactly once.
    public func join() {
        pthread_join(thread, nil)
    }

    /// Runs a closure on a thread of its own and waits for it.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws.
    public static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        let result = Mutex<Result<Value, any Error>?>(nil)
        WorkThread {
            let made = Result { try body() }
            result.withLock { $0 = made }
        }.join()
        guard let made = result.withLock({ $0 }) else { preconditionFailure("the thread was joined before it ended") }
        return try made.get()
    }

    /// Runs a closure on a thread of its own that belongs to another user and group of one number and keeps its capabilities, and
    /// waits for it.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: ``SystemCallError`` with `EPERM` where the thread may not become another user's, or what the closure throws.
    public static func run<Value: Sendable>(
        asUser id: UInt32,
        _ body: @escaping @Sendable () throws -> Value
    ) throws -> Value {
        try run(asUser: id, group: id, body)
    }

    /// Runs a closure on a thread of its own that belongs to another user and another group and keeps its capabilities, and waits
    /// for it.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: ``SystemCallError`` with `EPERM` where the thread may not become another user's, or what the closure throws.
    public static func run<Value: Sendable>(
        asUser user: UInt32,
        group: UInt32,
        _ body: @escaping @Sendable () throws -> Value
    ) throws -> Value {
        try run {
            try SystemCallError.checkNegated(lx_act_as(user, group), "setresuid(2)", on: "user \(user), group \(group)")
            return try body()
        }
    }

    private static func endProcess(_ cause: Errno) -> Never {
        let text = Array(
            "starting a thread: \(cause.named); raise the limit of processes ('ulimit -u', or pids.max of the cgroup)\n"
                .utf8
        )
        _ = write(STDERR_FILENO, text, text.count)
        exit(69)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }
}
