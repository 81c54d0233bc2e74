import CLinux
import Glibc
import LinuxHost
import SystemPackage

/// The most that a stimulus waits for an answer that the kernel gives at once on a healthy machine.
public let answerTime = Duration.seconds(2)

/// Sockets in the calling thread's network namespace.
enum Sockets {
    /// Makes a socket that is close-on-exec.
    static func make(_ family: CInt, _ type: __socket_type, _ proto: CInt) throws(SystemCallError) -> OwnedDescriptor {
        let number = socket(family, CInt(type.rawValue) | CInt(SOCK_CLOEXEC.rawValue), proto)
        let subject = "family \(family), type \(type.rawValue), protocol \(proto)"
        return OwnedDescriptor(owning: try SystemCallError.check(number, "socket(2)", on: subject))
    }

    static func address(_ address: IPv4Address, _ port: UInt16) -> sockaddr_in {
        var result = sockaddr_in()
        result.sin_family = sa_family_t(AF_INET)
        result.sin_port = port.bigEndian
        result.sin_addr.s_addr = address.number.bigEndian
        return result
    }

    static func bind<Address: BitwiseCopyable>(
        _ socket: borrowing OwnedDescriptor,
        _ address: Address
    ) throws(SystemCallError) {
        let number = socket.number
        let result = withAddress(address) { Glibc.bind(number, $0, $1) }
        try SystemCallError.check(result, "bind(2)", on: "a socket")
    }

    static func bind(
        _ socket: borrowing OwnedDescriptor,
        _ address: InternetAddress,
        _ port: UInt16
    ) throws(SystemCallError) {
        let number = socket.number
        let result = with(address, port) { Glibc.bind(number, $0, $1) }
        try SystemCallError.check(result, "bind(2)", on: "\(address):\(port)")
    }

    /// The address and port of either family, as the calls take it.
    static func with(
        _ address: InternetAddress,
        _ port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        switch address {
        case .v4(let address): return withAddress(Self.address(address, port), body)
        case .v6(let address):
            var result = sockaddr_in6()
            result.sin6_family = sa_family_t(AF_INET6)
            result.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &result.sin6_addr) { $0.copyBytes(from: address.bytes) }
            return withAddress(result, body)
        }
    }

    /// Sets an option that is a number.
    static func set(
        _ socket: borrowing OwnedDescriptor,
        _ level: CInt,
        _ option: CInt,
        _ value: CInt,
        _ name: String
    ) throws(SystemCallError) {
        var value = value
        let result = setsockopt(socket.number, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
        try SystemCallError.check(result, "setsockopt(\(name))", on: "a socket")
    }

    /// Reads an option that is a number.
    static func option(
        _ socket: borrowing OwnedDescriptor,
        _ level: CInt,
        _ option: CInt,
        _ name: String
    ) throws(SystemCallError) -> Int {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        try SystemCallError.check(
            getsockopt(socket.number, level, option, &value, &size),
            "getsockopt(\(name))",
            on: "a socket"
        )
        return Int(value)
    }

    /// The port that a bound IPv4 or IPv6 socket has.
    static func port(_ socket: borrowing OwnedDescriptor) throws(SystemCallError) -> UInt16 {
        // The port stands at the same place in sockaddr_in and sockaddr_in6.
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let number = socket.number
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(number, $0, &size) }
        }
        try SystemCallError.check(result, "getsockname(2)", on: "a socket")
        return UInt16(bigEndian: address.sin6_port)
    }

    static func withAddress<Address>(
        _ address: Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
        }
    }

    /// Sends bytes to an address.
    static func send<Address: BitwiseCopyable>(
        _ bytes: [UInt8],
        by socket: borrowing OwnedDescriptor,
        to address: Address
    ) throws(SystemCallError) {
        let number = socket.number
        let result = withAddress(address) { CInt(sendto(number, bytes, bytes.count, CInt(MSG_NOSIGNAL), $0, $1)) }
        try SystemCallError.check(result, "sendto(2)", on: "a socket")
    }

    /// Receives one message, or `nil` if none comes before the deadline.
    static func receive(_ socket: borrowing OwnedDescriptor, _ deadline: Deadline) throws(SystemCallError) -> [UInt8]? {
        guard deadline.waitReadable(socket.number) else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(socket.number, &buffer, buffer.count, CInt(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN || errno == EINTR { return nil }
        try SystemCallError.check(count, "recv(2)", on: "a socket")
        return Array(buffer[0..<count])
    }
}
