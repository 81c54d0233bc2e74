import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// Traffic over `lo` of a fresh network namespace, in amounts that can be counted to the byte.
public struct LoopbackTraffic {
    /// Brings `lo` up with IPv6 off, so that nothing but this traffic is on it.
    ///
    /// - Throws: `SystemCallError` where the thread is not in a namespace of its own, or may not.
    public init() throws(SystemCallError) {
        try IPv6.disable()
        var route = try RouteSocket()
        try route.setUp(try Interface(named: "lo"))
    }

    /// Sends ICMP echo requests to 127.0.0.1 one after another, each after the answer to the one before.
    ///
    /// On the wire a request and its reply each have `payload` + 42 bytes: 14 of Ethernet, 20 of IPv4, 8 of ICMP.
    ///
    /// - Returns: How many were answered. The first without an answer in time is the last.
    public func echo(count: Int, payload: Int) throws(SystemCallError) -> Int {
        let socket = try Sockets.make(AF_INET, SOCK_RAW, CInt(IPPROTO_ICMP))
        let target = Sockets.address(.loopback, 0)
        for sequence in 0..<count {
            var message: [UInt8] = [8, 0, 0, 0, 0x41, 0x59, UInt8(sequence >> 8 & 255), UInt8(sequence & 255)]
            message += (0..<payload).map { UInt8($0 & 255) }
            let sum = InternetChecksum.of(message)
            message[2] = UInt8(sum >> 8)
            message[3] = UInt8(sum & 255)
            try Sockets.send(message, by: socket, to: target)
            let deadline = Deadline(after: answerTime)
            var answered = false
            while !answered, !deadline.hasPassed {
                guard let packet = try Sockets.receive(socket, deadline), packet.count >= 28 else { continue }
                // The socket sees its own requests (type 8) on lo too; an answer has type 0 and our sequence.
                let icmp = packet.dropFirst(Int(packet[0] & 15) * 4)
                answered =
                    icmp.count == message.count && icmp.first == 0
                    && Array(icmp.dropFirst(4)) == Array(message.dropFirst(4))
            }
            if !answered { return sequence }
        }
        return count
    }

    /// Sends UDP datagrams to a bound port of 127.0.0.1 and receives each.
    ///
    /// On the wire each has `payload` + 42 bytes: 14 of Ethernet, 20 of IPv4, 8 of UDP.
    ///
    /// - Parameters:
    ///   - count: How many are sent, each after the one before was received.
    ///   - payload: The bytes of each.
    ///   - from: The source port; 0 for any.
    ///   - to: The destination port; 0 for any.
    /// - Returns: How many arrived whole.
    /// - Throws: `SystemCallError` with `EADDRINUSE` for a port that is taken.
    public func datagrams(count: Int, payload: Int, from: UInt16 = 0, to: UInt16 = 0) throws(SystemCallError) -> Int {
        let receiver = try Sockets.make(AF_INET, SOCK_DGRAM, 0)
        try Sockets.bind(receiver, Sockets.address(.loopback, to))
        let sender = try Sockets.make(AF_INET, SOCK_DGRAM, 0)
        try Sockets.bind(sender, Sockets.address(.loopback, from))
        let target = Sockets.address(.loopback, try Sockets.port(receiver))
        var arrived = 0
        for number in 0..<count {
            let message = (0..<payload).map { UInt8(($0 + number) & 255) }
            try Sockets.send(message, by: sender, to: target)
            if try Sockets.receive(receiver, Deadline(after: answerTime)) == message { arrived += 1 }
        }
        return arrived
    }

    /// Opens a TCP connection over 127.0.0.1, sends bytes one way and closes it from both ends in order.
    ///
    /// - Returns: How many bytes arrived. Which segments carried them is for a ``PacketSocket`` to say.
    public func connection(bytes: Int) throws(SystemCallError) -> Int {
        let listener = try Sockets.make(AF_INET, SOCK_STREAM, 0)
        try Sockets.bind(listener, Sockets.address(.loopback, 0))
        try SystemCallError.check(listen(listener.number, 1), "listen(2)", on: "127.0.0.1")
        let port = try Sockets.port(listener)
        let client = try Sockets.make(AF_INET, SOCK_STREAM, 0)
        let target = Sockets.address(.loopback, port)
        let clientNumber = client.number
        let connected = Sockets.withAddress(target) { connect(clientNumber, $0, $1) }
        try SystemCallError.check(connected, "connect(2)", on: "127.0.0.1:\(port)")
        let deadline = Deadline(after: answerTime)
        guard deadline.waitReadable(listener.number) else { return 0 }
        let accepted = accept(listener.number, nil, nil)
        try SystemCallError.check(accepted, "accept(2)", on: "127.0.0.1:\(port)")
        let server = OwnedDescriptor(owning: accepted)
        let message = [UInt8](repeating: 0x5a, count: bytes)
        try SystemCallError.check(
            send(client.number, message, bytes, CInt(MSG_NOSIGNAL)),
            "send(2)",
            on: "127.0.0.1:\(port)"
        )
        var arrived = 0
        while arrived < bytes, let part = try Sockets.receive(server, deadline), !part.isEmpty { arrived += part.count }
        // Each end reads the other's farewell before it says its own, so that the segments are always the same.
        shutdown(client.number, CInt(SHUT_WR))
        _ = try Sockets.receive(server, deadline)
        shutdown(server.number, CInt(SHUT_WR))
        _ = try Sockets.receive(client, deadline)
        return arrived
    }
}
