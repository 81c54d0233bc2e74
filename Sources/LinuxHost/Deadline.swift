import CLinux
import Glibc
import Synchronization

/// A moment on the monotonic clock by which something must have happened.
///
/// A machine that stands still, such as a virtual one whose host is busy, comes back to find that its time is over before it could
/// do anything. What the waits of this process took longer than they were to take is therefore added to a deadline, up to four times
/// its length.
public struct Deadline: Sendable, Hashable {
    /// Nanoseconds of `CLOCK_MONOTONIC`, for a machine that never stands still.
    public let nanoseconds: UInt64
    /// The most that may be added, in nanoseconds.
    private let allowance: UInt64
    /// ``overslept`` at the beginning.
    private let start: UInt64

    /// Nanoseconds by which the waits of this process have been too long.
    private static let overslept = Atomic<UInt64>(0)
    /// What a wait may take too long on any machine, in nanoseconds: a few ticks of a slow timer.
    private static let usualDelay: UInt64 = 20_000_000
    /// The longest wait in one piece, in milliseconds: a machine that stands still in the middle of a long one is late only at its end.
    private static let piece: CInt = 50

    /// The moment that lies so far ahead.
    public init(after duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let length = UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds / 1_000_000_000))
        nanoseconds = Self.now + length
        allowance = 4 * length
        start = Self.overslept.load(ordering: .relaxed)
    }

    /// The monotonic clock now, in nanoseconds.
    public static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The monotonic clock once it has moved: what happened before this call happened at an earlier time.
    ///
    /// A clock that moves with the timer tick only (`clocksource=jiffies`) says the same for milliseconds, and what follows
    /// one another cannot be told by it. Other clocks are not waited for.
    public static var nextMoment: UInt64 {
        let first = now
        // A clock that stands still is not waited for without end; a tick lasts 10 ms at the most.
        for _ in 0..<50_000_000 {
            let time = now
            if time != first { return time }
        }
        return first
    }

    /// The moment with what has been added to it.
    private var extended: UInt64 { nanoseconds + min(allowance, Self.overslept.load(ordering: .relaxed) - start) }

    /// Whether the moment is over.
    public var hasPassed: Bool { Self.now >= extended }

    /// The milliseconds that are left, rounded up, for poll(2); 0 if none.
    public var milliseconds: CInt {
        let (now, end) = (Self.now, extended)
        guard end > now else { return 0 }
        return CInt(min((end - now + 999_999) / 1_000_000, 2_000_000_000))
    }

    /// Waits for a while, but not past the moment.
    public func pause(milliseconds: CInt) {
        Self.wait(nil, min(milliseconds, self.milliseconds))
    }

    /// Polls a condition at an interval until it holds or the deadline has passed.
    ///
    /// For what the kernel does behind our back and announces by no event, such as freeing a program.
    ///
    /// - Returns: Whether the answer was yes.
    public func poll(everyMilliseconds interval: CInt, until condition: () throws -> Bool) rethrows -> Bool {
        while true {
            if try condition() { return true }
            if hasPassed { return false }
            pause(milliseconds: interval)
        }
    }

    /// Waits until a descriptor can be read or has hung up.
    ///
    /// - Returns: Whether it can, before the moment was over.
    public func waitReadable(_ descriptor: CInt) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let left = milliseconds
            let count = Self.wait(&request, min(left, Self.piece))
            if count > 0 { return true }
            if count == 0, left == 0 { return false }
            if count < 0, errno != EINTR { return false }
        }
    }

    /// poll(2) for one descriptor or none, whose delay is noted where nothing came.
    @discardableResult
    private static func wait(_ request: UnsafeMutablePointer<pollfd>?, _ milliseconds: CInt) -> CInt {
        let start = now
        let count = Glibc.poll(request, request == nil ? 0 : 1, milliseconds)
        if count == 0 { note(taken: now - start, asked: UInt64(milliseconds) * 1_000_000) }
        return count
    }

    /// Adds to all deadlines what a wait took longer than was asked for, in nanoseconds.
    static func note(taken: UInt64, asked: UInt64) {
        if taken > asked + usualDelay { overslept.add(taken - asked, ordering: .relaxed) }
    }
}
