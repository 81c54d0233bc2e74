import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// A pair of connected local sockets through which messages go one by one, each in a socket buffer of its own.
///
/// Both ends are this thread's: what is sent waits in the kernel until it is received. Nobody outside takes part, and the
/// network is not touched. Needs `CONFIG_UNIX`.
public struct MessageQueue: ~Copyable {
    /// When each message was sent: before and after the call, nanoseconds of `CLOCK_MONOTONIC`.
    public private(set) var sent: [ClosedRange<UInt64>] = []
    /// When each message was received.
    public private(set) var received: [ClosedRange<UInt64>] = []
    /// Whether each message that was received was the one that was due.
    public private(set) var arrivals: [Bool] = []

    /// How many messages arrived as they were sent.
    public var arrived: Int { arrivals.count { $0 } }

    private let near: OwnedDescriptor
    private let far: OwnedDescriptor

    /// Makes the two sockets.
    ///
    /// - Throws: `SystemCallError` with `EAFNOSUPPORT` without `CONFIG_UNIX`.
    public init() throws(SystemCallError) {
        var ends: [CInt] = [-1, -1]
        let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        try SystemCallError.check(socketpair(AF_UNIX, type, 0, &ends), "socketpair(2)", on: "AF_UNIX, SOCK_DGRAM")
        near = OwnedDescriptor(owning: ends[0])
        far = OwnedDescriptor(owning: ends[1])
    }

    /// Sends the next message, which is its number.
    ///
    /// - Throws: `SystemCallError` with `EAGAIN` where the queue is full: it holds well over a hundred.
    public mutating func send() throws(SystemCallError) {
        var number = UInt32(sent.count)
        // What follows must not have the time of what came before, whatever the clock.
        let begin = Deadline.nextMoment
        let result = Glibc.send(near.number, &number, MemoryLayout<UInt32>.size, CInt(MSG_NOSIGNAL))
        let end = Deadline.now
        try SystemCallError.check(result, "send(2)", on: "a local socket")
        sent.append(begin...end)
    }

    /// Receives the oldest message that waits; one that does not come counts as not arrived.
    ///
    /// - Throws: `SystemCallError` with what recv(2) says, except `EAGAIN`.
    public mutating func receive() throws(SystemCallError) {
        var number: UInt32 = 0
        let begin = Deadline.nextMoment
        let result = recv(far.number, &number, MemoryLayout<UInt32>.size, 0)
        let code = errno
        let end = Deadline.now
        guard result >= 0 || code == EAGAIN else {
            throw SystemCallError("recv(2)", on: "a local socket", errno: Errno(rawValue: code))
        }
        arrivals.append(result == MemoryLayout<UInt32>.size && number == UInt32(received.count))
        received.append(begin...end)
    }
}
