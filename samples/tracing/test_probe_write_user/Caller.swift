import CLinux
import Glibc
import LinuxHost
import SampleKit
import SampleLab
import SystemPackage

/// The kern half's `struct sockaddr_in`: an IPv4 address, its port and eight bytes of padding.
struct SocketAddress: Hashable, BitwiseCopyable {
    private var family = UInt16(AF_INET)
    private var port: UInt16
    private var address: UInt32
    private var padding: UInt64 = 0

    init(_ address: IPv4Address, _ port: UInt16) {
        self.address = address.number.bigEndian
        self.port = port.bigEndian
    }

    /// The address that upstream's user half connects to.
    static let first = SocketAddress(IPv4Address(255, 255, 255, 255), 5555)
    /// The first with bytes behind the port that are not the kernel's to look at, and of a family that the socket is not of.
    static let odd = first.with(padding: 0xa1a2_a3a4_a5a6_a7a8).with(family: AF_INET6)
    /// An address of the documentation's network (RFC 5737).
    static let second = SocketAddress(IPv4Address(192, 0, 2, 1), 80)

    /// 16 bytes of 0, as which the kern half's copy is left where it cannot read.
    static let zero = SocketAddress(IPv4Address(0, 0, 0, 0), 0).with(family: 0)

    func with(port: UInt16) -> Self {
        var other = self
        other.port = port.bigEndian
        return other
    }

    func with(lastByte: UInt8) -> Self {
        var other = self
        other.address = (UInt32(bigEndian: address) & ~0xff | UInt32(lastByte)).bigEndian
        return other
    }

    func with(family: CInt) -> Self {
        var other = self
        other.family = UInt16(family)
        return other
    }

    func with(padding: UInt64) -> Self {
        var other = self
        other.padding = padding
        return other
    }

    /// The 16 bytes as they lie in memory.
    var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
}

/// A TCP socket that listens at a port of 127.0.0.1.
final class Server {
    private let listener: OwnedDescriptor
    let address: SocketAddress

    init() throws(SystemCallError) {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let number = socket(AF_INET, type, 0)
        try SystemCallError.check(number, "socket(2)", on: "a server")
        let made = OwnedDescriptor(owning: number)
        let wanted = SocketAddress(.loopback, 0)
        try SystemCallError.check(Self.with(wanted) { bind(number, $0, $1) }, "bind(2)", on: "127.0.0.1")
        try SystemCallError.check(listen(number, 8), "listen(2)", on: "127.0.0.1")
        address = try Self.name(of: number, by: getsockname)
        listener = made
    }

    /// Waits until a connection has arrived at one of several servers, or none did in time.
    ///
    /// connect(2) returns once the client's end is established. The last segment of the handshake may still wait for a busy
    /// processor, and accept(2) finds nothing until the listener has got it.
    static func waitForConnection(to servers: [Server]) {
        let deadline = Deadline(after: answerTime)
        var listeners = servers.map { pollfd(fd: $0.listener.number, events: Int16(POLLIN), revents: 0) }
        while poll(&listeners, nfds_t(listeners.count), deadline.milliseconds) < 0, errno == EINTR, !deadline.hasPassed
        {}
    }

    /// Whether a connection has arrived, and a byte over it that is on its way.
    func takesByte() throws(SystemCallError) -> Bool {
        let accepted = accept(listener.number, nil, nil)
        if accepted < 0, errno == EAGAIN { return false }
        try SystemCallError.check(accepted, "accept(2)", on: "127.0.0.1")
        let connection = OwnedDescriptor(owning: accepted)
        guard Deadline(after: answerTime).waitReadable(connection.number) else { return false }
        var byte: UInt8 = 0
        return recv(connection.number, &byte, 1, CInt(MSG_DONTWAIT)) == 1 && byte == 0x5a
    }

    /// What the map holds for it: no byte is 0 that the kernel does not look at.
    var value: SocketAddress { address.with(padding: 0x1112_1314_1516_1718) }

    static func with(_ address: SocketAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, 16) }
        }
    }

    /// What a call such as getsockname(2) says of a socket.
    static func name(
        of socket: CInt,
        by call: (CInt, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) throws(SystemCallError) -> SocketAddress {
        var found = SocketAddress(IPv4Address(0, 0, 0, 0), 0)
        var size: socklen_t = 16
        let result = withUnsafeMutablePointer(to: &found) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(socket, $0, &size) }
        }
        try SystemCallError.check(result, "ask for a name", on: "a socket")
        return found
    }
}

/// Calls connect(2) with addresses in memory of its own.
struct Caller: ~Copyable {
    private let pages: TwoPages
    private let servers: [(server: Server, name: String)]

    init(_ servers: [(server: Server, name: String)]) throws(SystemCallError) {
        pages = try TwoPages()
        self.servers = servers
    }

    /// Makes a call and looks at what came of it.
    func call(_ trial: TestProbeWriteUser.Trial) throws -> TestProbeWriteUser.Call {
        let number = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        try SystemCallError.check(number, "socket(2)", on: "a client")
        let client = OwnedDescriptor(owning: number)
        let place =
            switch trial.place {
            case .acrossPages: pages.middle - 7
            case .halfReadable: pages.middle - 8
            default: pages.start
            }
        UnsafeMutableRawBufferPointer(start: place, count: 16).copyBytes(from: trial.address.bytes)
        var seen = TestProbeWriteUser.Call()
        let socket = trial.place == .withoutSocket ? -1 : client.number
        let (address, length) = (UInt(bitPattern: place), socklen_t(bitPattern: trial.length))
        let connecting: @Sendable () -> String = {
            let result = connect(socket, UnsafePointer(bitPattern: address), length)
            return result == 0 ? "ok" : Errno(rawValue: errno).symbol ?? "errno \(errno)"
        }
        let call = { trial.place == .otherThread ? (try? WorkThread.run(connecting)) ?? "no thread" : connecting() }
        seen.answer =
            trial.place == .halfReadable
            ? pages.withoutSecond(call) : pages.restricted(to: trial.place == .readOnly ? .read : .write, call)
        let memory = Array(UnsafeRawBufferPointer(start: place, count: 16))
        seen.memory = memory == trial.address.bytes ? TestProbeWriteUser.Trial.unchanged : name(of: memory, whole: true)
        guard seen.answer == "ok" else { return seen }
        seen.peer = name(of: try Server.name(of: client.number, by: getpeername).bytes)
        send(client.number, [0x5a], 1, CInt(MSG_NOSIGNAL))
        Server.waitForConnection(to: servers.map(\.server))
        for (server, name) in servers where try server.takesByte() { seen.server += name }
        return seen
    }

    /// A server's name for its address, hexadecimal digits for other bytes; if whole, the padding must be that of the map's value.
    private func name(of bytes: [UInt8], whole: Bool = false) -> String {
        servers.first { (whole ? $0.server.value : $0.server.address).bytes == bytes }?.name ?? Hexadecimal.text(bytes)
    }
}
