import Glibc

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

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }
}
