import LinuxHost
import Synchronization

/// Threads that do the same at once, each on a processor of its own.
///
/// An addition that is not atomic loses something only where another processor adds at the same time.
public enum Crowd {
    /// Runs work on a thread for each processor, all of it from one moment on, and waits for the end.
    ///
    /// - Parameters:
    ///   - processors: Where the threads run.
    ///   - prepare: Makes what a thread works with, in this thread, and returns the work.
    /// - Returns: How many threads there were.
    /// - Throws: What a closure throws first, `SystemCallError` for a processor that is off line. Where one throws, others may not
    ///   have done their work.
    @discardableResult
    public static func run(
        on processors: [CInt],
        _ prepare: @escaping @Sendable () throws -> () throws -> Void
    ) throws -> Int {
        let gate = Gate(of: processors.count)
        let threads = processors.map { processor in
            WorkThread {
                gate.note(
                    Result {
                        try Processors.pinned(to: processor) {
                            let work = Result { try prepare() }
                            gate.wait()
                            try work.get()()
                        }
                    }
                )
            }
        }
        for thread in threads { thread.join() }
        return try gate.result()
    }

    /// Lets all through when the last has come.
    private final class Gate: Sendable {
        private let missing: Atomic<Int>
        private let results = Mutex<[Result<Void, any Error>]>([])

        init(of count: Int) {
            missing = Atomic(count)
        }

        func wait() {
            missing.subtract(1, ordering: .sequentiallyConsistent)
            // A thread that could not be pinned never comes: the others go without it.
            let deadline = Deadline(after: answerTime)
            while missing.load(ordering: .sequentiallyConsistent) > 0, !deadline.hasPassed {}
        }

        func note(_ result: Result<Void, any Error>) {
            results.withLock { $0.append(result) }
        }

        func result() throws -> Int {
            let results = results.withLock { $0 }
            for result in results { try result.get() }
            return results.count
        }
    }
}
