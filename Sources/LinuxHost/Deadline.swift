import CLinux
import Glibc

/// A moment on the monotonic clock by which something must have happened.
public struct Deadline: Sendable, Hashable {
    /// Nanoseconds of `CLOCK_MONOTONIC`.
    public let nanoseconds: UInt64

    /// The moment that lies so far ahead.
    public init(after duration: Duration) {
        let (seconds, attoseconds) = duration.components
        nanoseconds = Self.now + UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds / 1_000_000_000))
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

    /// Whether the moment is over.
    public var hasPassed: Bool { Self.now >= nanoseconds }

    /// The milliseconds that are left, rounded up, for poll(2); 0 if none.
    public var milliseconds: CInt {
        let now = Self.now
        guard nanoseconds > now else { return 0 }
        return CInt(min((nanoseconds - now + 999_999) / 1_000_000, 2_000_000_000))
    }

    /// Waits for a while, but not past the moment.
    public func pause(milliseconds: CInt) {
        _ = Glibc.poll(nil, 0, min(milliseconds, self.milliseconds))
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
            let count = Glibc.poll(&request, 1, milliseconds)
            if count > 0 { return true }
            if count == 0 { return false }
            guard errno == EINTR else { return false }
        }
    }
}
