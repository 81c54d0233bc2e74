import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// A packet socket on one interface (packet(7)): sends frames and sees those that pass.
///
/// Needs `CONFIG_PACKET`.
public struct PacketSocket: ~Copyable {
    /// The socket, for attaching a filter.
    public let descriptor: OwnedDescriptor
    private let interface: Interface

    /// Opens a socket that sees frames of the interface from now on.
    ///
    /// - Parameters:
    ///   - interface: The interface.
    ///   - type: The EtherType of the frames that it sees; `nil` for every frame, seen before any filter of traffic control,
    ///     and also those that go out. One with an EtherType sees only what comes in and what such filters let through.
    /// - Throws: `SystemCallError` with `EPERM` without `CAP_NET_RAW`, `EAFNOSUPPORT` without `CONFIG_PACKET`.
    public init(on interface: Interface, type: UInt16? = nil) throws(SystemCallError) {
        // Protocol 0 sees nothing until the socket is bound to its one interface.
        let made = try Sockets.make(AF_PACKET, SOCK_RAW, 0)
        var size: CInt = 8 << 20
        setsockopt(made.number, SOL_SOCKET, SO_RCVBUFFORCE, &size, socklen_t(MemoryLayout<CInt>.size))
        // SOL_PACKET is 263 (linux/socket.h).
        var yes: CInt = 1
        let aware = setsockopt(made.number, 263, CInt(PACKET_AUXDATA), &yes, socklen_t(MemoryLayout<CInt>.size))
        try SystemCallError.check(aware, "setsockopt(PACKET_AUXDATA)", on: "interface \(interface.name)")
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = (type ?? UInt16(ETH_P_ALL)).bigEndian
        address.sll_ifindex = interface.index
        try Sockets.bind(made, address)
        descriptor = made
        self.interface = interface
    }

    /// Sends frames past the queueing discipline, on the transmit queue that has the sending processor's number, modulo the
    /// number of queues (`PACKET_QDISC_BYPASS`, Linux 3.14).
    ///
    /// A veth puts what comes from a transmit queue into its peer's receive queue of the same number.
    public func sendByProcessor() throws(SystemCallError) {
        // PACKET_QDISC_BYPASS is 20 (linux/if_packet.h), SOL_PACKET 263.
        try Sockets.set(descriptor, 263, 20, 1, "PACKET_QDISC_BYPASS")
    }

    /// Puts what a descriptor stands for before the socket as its filter (`SO_ATTACH_BPF`), until it is closed.
    ///
    /// - Returns: What the kernel says: `ok`, or its errno by its symbol, `EINVAL` where it is no program.
    public func attach(_ program: CInt) -> String {
        SystemCallError.answer { () throws(SystemCallError) in
            try Sockets.set(descriptor, SOL_SOCKET, SO_ATTACH_BPF, program, "SO_ATTACH_BPF")
        }
    }

    /// A frame that passed.
    public struct Frame: Sendable, Hashable {
        /// Whether this machine sent it (`PACKET_OUTGOING`).
        ///
        /// On `lo` each frame is seen going out and coming in.
        public let isOutgoing: Bool
        /// The frame from its Ethernet header on, as it was on the wire.
        ///
        /// The kernel takes the outer VLAN tag out of an incoming frame before it shows it; here it is back in place.
        public let bytes: [UInt8]

        /// Describes a frame.
        public init(isOutgoing: Bool, bytes: [UInt8]) {
            self.isOutgoing = isOutgoing
            self.bytes = bytes
        }

        /// The number of the protocol in an IPv4 frame's header; `nil` for another frame.
        public var ipProtocol: UInt8? {
            bytes.count >= 34 && bytes[12] == 8 && bytes[13] == 0 ? bytes[23] : nil
        }
    }

    /// Sends a frame as it is, its Ethernet header included.
    ///
    /// A full queue (`ENOBUFS`, `EAGAIN`) is waited for, every 100 microseconds up to the deadline of two seconds.
    public func send(_ frame: [UInt8]) throws(SystemCallError) {
        let deadline = Deadline(after: answerTime)
        while true {
            let count = Glibc.send(descriptor.number, frame, frame.count, 0)
            if count == frame.count { return }
            if count < 0, errno == ENOBUFS || errno == EAGAIN || errno == EINTR, !deadline.hasPassed {
                deadline.pause(milliseconds: 1)
                continue
            }
            try SystemCallError.check(count, "send(2)", on: "interface \(interface.name)")
        }
    }

    /// Sends a frame where a program may drop it on its way out, which the kernel reports as `ENOBUFS`.
    ///
    /// - Returns: Whether the frame was taken.
    /// - Throws: `SystemCallError` with what else send(2) says.
    public func offer(_ frame: [UInt8]) throws(SystemCallError) -> Bool {
        let count = Glibc.send(descriptor.number, frame, frame.count, 0)
        if count < 0, errno == ENOBUFS { return false }
        try SystemCallError.check(count, "send(2)", on: "interface \(interface.name)")
        return true
    }

    /// Takes frames out until none is waiting and, where a number is given, that many of a kind were seen.
    ///
    /// - Parameters:
    ///   - count: How many frames to wait for, until the deadline.
    ///   - deadline: The end of the waiting.
    ///   - isWanted: Which frames count; the others are returned too.
    /// - Returns: All frames in the order in which they passed, also where the deadline came first.
    /// - Throws: `SystemCallError` with what recvmsg(2) says.
    public func frames(
        atLeast count: Int = 0,
        until deadline: Deadline = Deadline(after: answerTime),
        where isWanted: (Frame) -> Bool = { _ in true }
    ) throws(SystemCallError) -> [Frame] {
        var found: [Frame] = []
        var wanted = 0
        // The longest packet, and the headers before it.
        var buffer = [UInt8](repeating: 0, count: 65536 + 64)
        while true {
            var from = sockaddr_ll()
            var tag: [UInt8] = []
            let received = receive(into: &buffer, from: &from, tag: &tag)
            if received >= 0 {
                // PACKET_OUTGOING is 4 (linux/if_packet.h).
                let bytes = buffer[0..<min(12, received)] + tag + buffer[min(12, received)..<received]
                let frame = Frame(isOutgoing: from.sll_pkttype == 4, bytes: Array(bytes))
                if isWanted(frame) { wanted += 1 }
                found.append(frame)
            } else if errno == EAGAIN {
                guard wanted < count, deadline.waitReadable(descriptor.number) else { return found }
            } else if errno != EINTR {
                try SystemCallError.check(received, "recvfrom(2)", on: "interface \(interface.name)")
            }
        }
    }

    // One recvmsg(2) that does not wait. The tag is that which the kernel took out of the frame; empty if none.
    private func receive(into buffer: inout [UInt8], from: inout sockaddr_ll, tag: inout [UInt8]) -> Int {
        var control = [UInt64](repeating: 0, count: 16)
        let received = withUnsafeMutablePointer(to: &from) { from in
            buffer.withUnsafeMutableBytes { buffer in
                control.withUnsafeMutableBytes { control in
                    var part = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
                    return withUnsafeMutablePointer(to: &part) { part in
                        var message = msghdr()
                        message.msg_name = UnsafeMutableRawPointer(from)
                        message.msg_namelen = socklen_t(MemoryLayout<sockaddr_ll>.size)
                        message.msg_iov = part
                        message.msg_iovlen = 1
                        message.msg_control = control.baseAddress
                        message.msg_controllen = control.count
                        return recvmsg(descriptor.number, &message, CInt(MSG_DONTWAIT))
                    }
                }
            }
        }
        guard received >= 0 else { return received }
        // The one control message is a tpacket_auxdata, after the length, level and type of its header.
        let data = control.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: MemoryLayout<cmsghdr>.size, as: tpacket_auxdata.self)
        }
        // TP_STATUS_VLAN_VALID and TP_STATUS_VLAN_TPID_VALID (linux/if_packet.h).
        if data.tp_status & 1 << 4 != 0 {
            let type = data.tp_status & 1 << 6 != 0 ? data.tp_vlan_tpid : 0x8100
            tag = EthernetFrame.big(type) + EthernetFrame.big(data.tp_vlan_tci)
        }
        return received
    }
}
