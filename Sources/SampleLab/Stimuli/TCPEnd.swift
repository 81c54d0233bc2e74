import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// One end of a TCP connection, or of the attempt at one.
public struct TCPEnd: ~Copyable, Sendable {
    /// The socket.
    public let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    /// The size of the send buffer in bytes (`SO_SNDBUF`): twice what a setsockopt(2) asked for.
    public func sendBuffer() throws(SystemCallError) -> Int {
        try Sockets.option(descriptor, SOL_SOCKET, SO_SNDBUF, "SO_SNDBUF")
    }

    /// The size of the receive buffer in bytes (`SO_RCVBUF`): twice what a setsockopt(2) asked for.
    public func receiveBuffer() throws(SystemCallError) -> Int {
        try Sockets.option(descriptor, SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF")
    }

    /// The type of service that this end sends with (`IP_TOS`), or the traffic class (`IPV6_TCLASS`).
    public func serviceClass(isIPv6: Bool) throws(SystemCallError) -> Int {
        isIPv6
            ? try Sockets.option(descriptor, CInt(IPPROTO_IPV6), IPV6_TCLASS, "IPV6_TCLASS")
            : try Sockets.option(descriptor, CInt(IPPROTO_IP), IP_TOS, "IP_TOS")
    }

    /// The name of this end's congestion control (`TCP_CONGESTION`).
    public func congestionControl() throws(SystemCallError) -> String {
        var name = [UInt8](repeating: 0, count: 16)
        var size = socklen_t(name.count)
        let result = getsockopt(descriptor.number, CInt(IPPROTO_TCP), TCP_CONGESTION, &name, &size)
        try SystemCallError.check(result, "getsockopt(TCP_CONGESTION)", on: "a socket")
        return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The port of this end.
    public func port() throws(SystemCallError) -> Int { Int(try Sockets.port(descriptor)) }

    /// What a user gets who asks for buffers of a size: it ends at `net.core.wmem_max` and `rmem_max`, and is doubled.
    ///
    /// Asked of a socket, because the sysctls cannot be read in a network namespace of its own before Linux 6.6.
    public static func granted(asking bytes: CInt) throws(SystemCallError) -> (send: Int, receive: Int) {
        let end = TCPEnd(try Sockets.make(AF_INET, SOCK_STREAM, 0))
        try Sockets.set(end.descriptor, SOL_SOCKET, SO_SNDBUF, bytes, "SO_SNDBUF")
        try Sockets.set(end.descriptor, SOL_SOCKET, SO_RCVBUF, bytes, "SO_RCVBUF")
        return (try end.sendBuffer(), try end.receiveBuffer())
    }

    /// What the kernel knows of this end (`TCP_INFO`).
    public func info() throws(SystemCallError) -> TCPInfo {
        var raw = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        let result = getsockopt(descriptor.number, CInt(IPPROTO_TCP), TCP_INFO, &raw, &size)
        try SystemCallError.check(result, "getsockopt(TCP_INFO)", on: "a socket")
        return TCPInfo(raw)
    }

    /// How many segments this end has sent and knows to have arrived, and how many of them met congestion.
    ///
    /// - Returns: `tcpi_delivered` and `tcpi_delivered_ce` of linux/tcp.h, which glibc's struct does not have yet.
    /// - Throws: `SystemCallError` with `EOPNOTSUPP` before Linux 4.18, which does not tell.
    public func delivered() throws(SystemCallError) -> (segments: Int, congested: Int) {
        var raw = [UInt32](repeating: 0, count: 64)
        var size = socklen_t(raw.count * 4)
        let result = getsockopt(descriptor.number, CInt(IPPROTO_TCP), TCP_INFO, &raw, &size)
        try SystemCallError.check(result, "getsockopt(TCP_INFO)", on: "a socket")
        // The two stand at 192 and 196 bytes.
        guard size >= 200 else {
            throw SystemCallError("getsockopt(TCP_INFO)", on: "a socket", errno: Errno(rawValue: EOPNOTSUPP))
        }
        return (Int(raw[48]), Int(raw[49]))
    }

    /// The shortest round trip that this end's congestion control goes by, in microseconds (`TCP_CC_INFO`).
    ///
    /// - Returns: The largest number of 32 bits before there was any; `nil` for a congestion control that tells none.
    public func shortestRoundTrip() throws(SystemCallError) -> Int? {
        // struct tcpvegas_info of linux/inet_diag.h: whether it is on, a count, the round trip, the shortest.
        var raw = [UInt32](repeating: 0, count: 16)
        var size = socklen_t(raw.count * 4)
        // TCP_CC_INFO is 26 (linux/tcp.h).
        let result = getsockopt(descriptor.number, CInt(IPPROTO_TCP), 26, &raw, &size)
        try SystemCallError.check(result, "getsockopt(TCP_CC_INFO)", on: "a socket")
        return size == 16 ? Int(raw[3]) : nil
    }

    /// Sends as much of some bytes as fits at once.
    ///
    /// - Returns: How many were taken, 0 if the buffer is full.
    func sendSome(_ bytes: [UInt8]) throws(SystemCallError) -> Int {
        let count = send(descriptor.number, bytes, bytes.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
        if count < 0, errno == EAGAIN || errno == EINTR { return 0 }
        return try SystemCallError.check(count, "send(2)", on: "a TCP connection")
    }

    /// Takes out everything that has arrived.
    ///
    /// - Returns: How many bytes.
    func drain(into buffer: inout [UInt8]) throws(SystemCallError) -> Int {
        var total = 0
        while true {
            let count = recv(descriptor.number, &buffer, buffer.count, CInt(MSG_DONTWAIT))
            if count > 0 {
                total += count
            } else if count == 0 || errno == EAGAIN {
                return total
            } else if errno != EINTR {
                try SystemCallError.check(count, "recv(2)", on: "a TCP connection")
            }
        }
    }
}

/// What the kernel knows of one end of a TCP connection, as far as samples ask for it.
public struct TCPInfo: Sendable, Hashable {
    /// Whether a SYN was sent and not yet answered (`TCP_SYN_SENT`).
    public let awaitsAnswer: Bool
    /// The retransmission timeout in microseconds, as it was before any doubling.
    public let initialTimeout: Int
    /// The largest segment that this end sends, in bytes of payload.
    public let segmentSize: Int
    /// The congestion window in segments.
    public let congestionWindow: Int
    /// The window in segments where slow start ends, 0x7fffffff for no such limit.
    public let slowStartThreshold: Int

    /// Whether both ends agreed on explicit congestion notification (`TCPI_OPT_ECN`).
    public let hasECN: Bool

    init(_ raw: tcp_info) {
        // TCPI_OPT_ECN of linux/tcp.h.
        hasECN = raw.tcpi_options & 8 != 0
        // TCP_SYN_SENT of net/tcp_states.h.
        awaitsAnswer = raw.tcpi_state == 2
        // Each retransmission that backs off doubles the timeout and counts; a linear one does neither.
        initialTimeout = Int(raw.tcpi_rto >> UInt32(min(raw.tcpi_backoff, 31)))
        segmentSize = Int(raw.tcpi_snd_mss)
        congestionWindow = Int(raw.tcpi_snd_cwnd)
        slowStartThreshold = Int(raw.tcpi_snd_ssthresh)
    }
}

/// The timer tick of the kernel, in which programs give some timeouts.
public enum KernelTick {
    /// How many microseconds a number of ticks ("jiffies") lasts: 40000 for ten at `CONFIG_HZ=250`.
    ///
    /// The resolution of the coarse clocks is the tick; no other call tells a process.
    public static func microseconds(_ ticks: Int) throws(SystemCallError) -> Int {
        var resolution = timespec()
        try SystemCallError.check(
            clock_getres(CLOCK_MONOTONIC_COARSE, &resolution),
            "clock_getres(2)",
            on: "the coarse clock"
        )
        return (Int(resolution.tv_sec) * 1_000_000_000 + Int(resolution.tv_nsec)) * ticks / 1000
    }
}
