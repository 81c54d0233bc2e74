import Glibc
import Synchronization

/// A thread of its own, for work whose effects belong to a thread: namespaces, the death signal of a child, affinity.
public final class WorkThread: Sendable {
    private let thread: pthread_t

    /// Starts a thread that runs a closure and ends.
    public init(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(body))
        var made = pthread_t()
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
        precondition(result == 0, "pthread_create(3): error \(result)")
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

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }
}
