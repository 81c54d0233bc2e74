import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// What the kernel counts of one end of a TCP connection (`TCP_INFO`), as far as losses go.
public struct TCPAccount: Codable, Sendable, Hashable {
    /// Timeouts in a row (`tcpi_retransmits`).
    public var timeouts = 0
    /// Segments that were sent and not acknowledged (`tcpi_unacked`).
    public var unacknowledged = 0
    /// Those of them that the other end has all the same (`tcpi_sacked`).
    public var selected = 0
    /// Those that are taken for lost (`tcpi_lost`).
    public var lost = 0
    /// Those that were sent again (`tcpi_retrans`).
    public var resent = 0
    /// All that were ever sent again (`tcpi_total_retrans`).
    public var resentEver = 0
    /// Segments that came in (`tcpi_segs_in`).
    public var received = 0
    /// Segments that arrived (`tcpi_delivered`).
    public var delivered = 0
    /// Segments that the other end said to have had already (`tcpi_dsack_dups`).
    public var duplicates = 0
    /// Microseconds until what is not acknowledged is sent again (`tcpi_rto`), which double with each timeout in a row.
    public var retransmissionTime = 0

    /// Counts nothing.
    public init() {}

    init(_ raw: [UInt32]) {
        // Places of linux/tcp.h, of which glibc's struct does not have the last.
        timeouts = Int(raw[0] >> 16 & 0xff)
        retransmissionTime = Int(raw[2])
        (unacknowledged, selected, lost, resent) = (Int(raw[6]), Int(raw[7]), Int(raw[8]), Int(raw[9]))
        (resentEver, received, delivered, duplicates) = (Int(raw[25]), Int(raw[35]), Int(raw[48]), Int(raw[54]))
    }
}

extension TCPEnd {
    /// What the kernel counts of this end.
    ///
    /// - Throws: `SystemCallError` with `EOPNOTSUPP` before Linux 5.5, which does not count everything.
    public func account() throws(SystemCallError) -> TCPAccount {
        var raw = [UInt32](repeating: 0, count: 64)
        var size = socklen_t(raw.count * 4)
        let result = getsockopt(descriptor.number, CInt(IPPROTO_TCP), TCP_INFO, &raw, &size)
        try SystemCallError.check(result, "getsockopt(TCP_INFO)", on: "a socket")
        guard size >= 220 else {
            throw SystemCallError("getsockopt(TCP_INFO)", on: "a socket", errno: Errno(rawValue: EOPNOTSUPP))
        }
        return TCPAccount(raw)
    }
}

extension TCPFlow {
    /// Sends a byte from the server to the client, and waits until it is there.
    ///
    /// - Throws: `SystemCallError` with `ETIMEDOUT` if that takes too long.
    public func passBack() throws(SystemCallError) {
        var buffer = [UInt8](repeating: 0, count: 16)
        _ = try server.sendSome([0x42])
        guard Deadline(after: answerTime).waitReadable(client.descriptor.number) else {
            throw SystemCallError("recv(2)", on: "a TCP connection", errno: .timedOut)
        }
        _ = try client.drain(into: &buffer)
    }

    /// Gives the client room for so many bytes that it has not been able to send.
    ///
    /// Otherwise it has as much as the connection was quick so far.
    public func makeRoom(_ bytes: Int) throws(SystemCallError) {
        try Sockets.set(client.descriptor, SOL_SOCKET, SO_SNDBUFFORCE, CInt(bytes), "SO_SNDBUFFORCE")
    }

    /// Sends bytes from the client at once, in segments of their own.
    ///
    /// - Throws: `SystemCallError` with `ENOBUFS` if the client has no room for all of them.
    public func sendNow(_ count: Int) throws(SystemCallError) {
        try Sockets.set(client.descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, 1, "TCP_NODELAY")
        let taken = try client.sendSome([UInt8](repeating: 0x41, count: count))
        guard taken == count else {
            throw SystemCallError("send(2)", on: "a TCP connection, \(taken) of \(count) bytes", errno: .noBufferSpace)
        }
    }

    /// Receives at the server, which acknowledges without delay, until it has had so many bytes.
    ///
    /// - Throws: `SystemCallError` with `ETIMEDOUT` if they do not come.
    public func receive(_ count: Int) throws(SystemCallError) {
        let deadline = try deadlineOfLost()
        var buffer = [UInt8](repeating: 0, count: 65536)
        var arrived = 0
        while arrived < count {
            guard deadline.waitReadable(server.descriptor.number) else { throw timedOut(after: arrived, of: count) }
            arrived += try server.drain(into: &buffer)
        }
        try Sockets.set(server.descriptor, CInt(IPPROTO_TCP), TCP_QUICKACK, 1, "TCP_QUICKACK")
    }

    /// Waits until what the kernel counts of the client is as it is wanted.
    ///
    /// - Returns: What it counts in the end, whether it is or not.
    public func awaitAccount(
        _ isWanted: (TCPAccount) -> Bool
    ) throws(SystemCallError) -> TCPAccount {
        let deadline = try deadlineOfLost()
        while true {
            let account = try client.account()
            if isWanted(account) || deadline.hasPassed { return account }
            deadline.pause(milliseconds: 1)
        }
    }

    /// What is thrown where bytes do not come: how far they had come, and what the kernel says of them.
    private func timedOut(after arrived: Int, of count: Int) -> SystemCallError {
        let account = (try? client.account()) ?? TCPAccount()
        let state =
            "\(account.unacknowledged) segments unacknowledged, \(account.lost) lost, \(account.timeouts) timeouts, "
            + "the next after \(account.retransmissionTime / 1000) ms"
        return SystemCallError(
            "recv(2)",
            on: "a TCP connection after \(arrived) of \(count) bytes (\(state))",
            errno: .timedOut
        )
    }

    /// The end of a wait for what the client may have to send again, which it does at its next timeout.
    private func deadlineOfLost() throws(SystemCallError) -> Deadline {
        Deadline(after: answerTime + .microseconds(try client.account().retransmissionTime))
    }

    /// Sends many bytes from the client without pause, and waits until the client knows that they have arrived.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - between: Run after each 32 KiB or so.
    /// - Throws: `SystemCallError` with `ETIMEDOUT` if nothing more arrives.
    public func pass(bytes count: Int, between: () throws -> Void) throws {
        let chunk = [UInt8](repeating: 0x41, count: 32768)
        var buffer = [UInt8](repeating: 0, count: 65536)
        var (sent, arrived) = (0, 0)
        while arrived < count {
            let more = sent < count ? try client.sendSome(Array(chunk.prefix(count - sent))) : 0
            let come = try server.drain(into: &buffer)
            (sent, arrived) = (sent + more, arrived + come)
            if more > 0 { try between() }
            // The time is for the next bytes: how long all of them take depends on the machine.
            if more == 0, come == 0, !(try deadlineOfLost()).waitReadable(server.descriptor.number) {
                throw timedOut(after: arrived, of: count)
            }
        }
        try Sockets.set(server.descriptor, CInt(IPPROTO_TCP), TCP_QUICKACK, 1, "TCP_QUICKACK")
        guard try awaitAccount({ $0.unacknowledged == 0 }).unacknowledged == 0 else {
            throw SystemCallError("send(2)", on: "a TCP connection", errno: .timedOut)
        }
        try between()
    }
}
