import Glibc
public import LinuxHost

/// Threads of this process that do nothing but wait until they are to end.
///
/// They belong to no actor and no pool: each is one clone(2), made when ``start()`` is called.
public struct SleepingThreads: ~Copyable {
    /// When each was started: before and after the call that made it, nanoseconds of `CLOCK_MONOTONIC`.
    public private(set) var started: [ClosedRange<UInt64>] = []

    private var threads: [WorkThread] = []
    private let gate: Gate

    /// Makes what the threads will wait for; starts none.
    ///
    /// - Throws: `SystemCallError` with `EMFILE`.
    public init() throws(SystemCallError) {
        let pipe = try OwnedDescriptor.pipe()
        gate = Gate(try pipe.reader.duplicate(), try pipe.writer.duplicate())
    }

    /// Starts one more.
    public mutating func start() {
        let number = gate.reader.number
        // What follows must not have the time of what came before, whatever the clock.
        let begin = Deadline.nextMoment
        let thread = WorkThread {
            var byte: UInt8 = 0
            // Until nobody can write any more.
            while read(number, &byte, 1) < 0, errno == EINTR {}
        }
        started.append(begin...Deadline.now)
        threads.append(thread)
    }

    /// Has all threads end, and waits until they have.
    ///
    /// The kernel frees what it knew of them a while later.
    ///
    /// - Returns: Before they were told to, nanoseconds of `CLOCK_MONOTONIC`.
    @discardableResult
    public mutating func end() -> UInt64 {
        let begin = Deadline.nextMoment
        gate.writer = nil
        for thread in threads { thread.join() }
        threads = []
        return begin
    }

    deinit {
        // They must not outlive the pipe's number.
        gate.writer = nil
        for thread in threads { thread.join() }
    }

    private final class Gate {
        let reader: OwnedDescriptor
        var writer: OwnedDescriptor?

        init(_ reader: consuming OwnedDescriptor, _ writer: consuming OwnedDescriptor) {
            self.reader = consume reader
            self.writer = consume writer
        }
    }
}
