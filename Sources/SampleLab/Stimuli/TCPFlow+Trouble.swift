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

    /// Counts nothing.
    public init() {}

    init(_ raw: [UInt32]) {
        // Places of linux/tcp.h, of which glibc's struct does not have the last.
        timeouts = Int(raw[0] >> 16 & 0xff)
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

    /// Sends bytes from the client at once, in segments of their own.
    public func sendNow(_ count: Int) throws(SystemCallError) {
        try Sockets.set(client.descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, 1, "TCP_NODELAY")
        _ = try client.sendSome([UInt8](repeating: 0x41, count: count))
    }

    /// Receives at the server, which acknowledges without delay, until it has had so many bytes.
    ///
    /// - Throws: `SystemCallError` with `ETIMEDOUT` if they do not come.
    public func receive(_ count: Int) throws(SystemCallError) {
        let deadline = Deadline(after: answerTime)
        var buffer = [UInt8](repeating: 0, count: 65536)
        var arrived = 0
        while arrived < count {
            guard deadline.waitReadable(server.descriptor.number) else {
                throw SystemCallError("recv(2)", on: "a TCP connection", errno: .timedOut)
            }
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
        let deadline = Deadline(after: answerTime)
        while true {
            let account = try client.account()
            if isWanted(account) || deadline.hasPassed { return account }
            deadline.pause(milliseconds: 1)
        }
    }

    /// Sends many bytes from the client without pause, and waits until the client knows that they have arrived.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - between: Run after each 32 KiB or so.
    /// - Throws: `SystemCallError` with `ETIMEDOUT` if that takes too long.
    public func pass(bytes count: Int, between: () throws -> Void) throws {
        let deadline = Deadline(after: answerTime)
        let chunk = [UInt8](repeating: 0x41, count: 32768)
        var buffer = [UInt8](repeating: 0, count: 65536)
        var (sent, arrived) = (0, 0)
        while arrived < count {
            let more = sent < count ? try client.sendSome(Array(chunk.prefix(count - sent))) : 0
            let come = try server.drain(into: &buffer)
            (sent, arrived) = (sent + more, arrived + come)
            if more > 0 { try between() }
            if more == 0, come == 0, !deadline.waitReadable(server.descriptor.number) {
                throw SystemCallError("recv(2)", on: "a TCP connection", errno: .timedOut)
            }
        }
        try Sockets.set(server.descriptor, CInt(IPPROTO_TCP), TCP_QUICKACK, 1, "TCP_QUICKACK")
        guard try awaitAccount({ $0.unacknowledged == 0 }).unacknowledged == 0 else {
            throw SystemCallError("send(2)", on: "a TCP connection", errno: .timedOut)
        }
        try between()
    }
}
