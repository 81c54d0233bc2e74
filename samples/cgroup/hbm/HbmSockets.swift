import Glibc
import LinuxHost
import SampleLab

/// The sockets of a cgroup, which are of the one that the caller is in when they are made, and of a host.
final class HbmSockets {
    private let raw4: InternetSocket
    private let raw6: InternetSocket
    private let datagrams4: InternetSocket
    private let datagrams6: InternetSocket

    /// What all of their packets are marked with, for programs of this host.
    static let mark: CInt = 0x4842

    /// Makes them.
    ///
    /// - Parameter host: The host where UDP shall have the port of all such packets; `nil` for no port.
    /// - Throws: `SystemCallError` where the kernel lacks one of the kinds of sockets.
    init(port host: HbmPacket.Host?) throws {
        // Protocol 255 is for packets whose IP headers are made by hand (raw(7)).
        raw4 = try Self.make(SocketKind(.inet, .raw, 255))
        raw6 = try Self.make(SocketKind(.inet6, .raw, 255))
        datagrams4 = try Self.make(SocketKind(.inet, .datagram, 17))
        datagrams6 = try Self.make(SocketKind(.inet6, .datagram, 17))
        guard let host else { return }
        try datagrams4.bind(to: HbmPacket.address(.inet, host), port: HbmPacket.port)
        try datagrams6.bind(to: HbmPacket.address(.inet6, host), port: HbmPacket.port)
    }

    private static func make(_ kind: SocketKind) throws -> InternetSocket {
        let socket = try InternetSocket(kind)
        let isV4 = kind.family == .inet
        // Only who asks for errors hears of a packet that was dropped for congestion: IP_RECVERR is 11, IPV6_RECVERR 25
        // (linux/in.h, linux/in6.h). SO_MARK is 36 (asm-generic/socket.h).
        try set(socket, isV4 ? CInt(IPPROTO_IP) : CInt(IPPROTO_IPV6), isV4 ? 11 : 25, 1, "RECVERR")
        try set(socket, SOL_SOCKET, 36, mark, "SO_MARK")
        return socket
    }

    private static func set(
        _ socket: borrowing InternetSocket,
        _ level: CInt,
        _ option: CInt,
        _ value: CInt,
        _ name: String
    ) throws {
        var value = value
        let result = setsockopt(socket.descriptor.number, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
        try SystemCallError.check(result, "setsockopt(\(name))", on: "a socket")
    }

    /// The number of the socket whose packets are made by hand.
    func rawNumber(_ family: SocketKind.Family) -> CInt {
        family == .inet ? raw4.descriptor.number : raw6.descriptor.number
    }

    /// Has a packet ready, so that nothing but sendto(2) is between two looks at the clock.
    ///
    /// - Returns: What sends it, and says what sendto(2) said.
    func ready(_ packet: HbmPacket, _ serial: UInt32, by device: HbmPacket.Device) throws -> () -> String {
        let target = HbmPacket.target(packet.family, device)
        guard packet.isDatagram else {
            let (number, bytes) = (rawNumber(packet.family), packet.bytes(serial, by: device))
            return { InternetSocket.offer(bytes, by: number, to: target, port: 0) }
        }
        let payload = packet.payload(serial)
        if packet.family == .inet {
            try Self.set(datagrams4, CInt(IPPROTO_IP), IP_TOS, CInt(packet.ecn), "IP_TOS")
            return { self.datagrams4.offer(payload, to: target, port: HbmPacket.port) }
        }
        try Self.set(datagrams6, CInt(IPPROTO_IPV6), IPV6_TCLASS, CInt(packet.ecn), "IPV6_TCLASS")
        return { self.datagrams6.offer(payload, to: target, port: HbmPacket.port) }
    }
}
