import CLinux
import Glibc
import SystemPackage

/// A socket that frames of one queue of an interface are received by and sent from, past the network stack (AF_XDP).
///
/// The kernel copies every frame (`XDP_COPY`), which every driver can do. Needs `CONFIG_XDP_SOCKETS`; which frames come to it is
/// decided by an XDP program with a map of sockets (`BPF_MAP_TYPE_XSKMAP`).
public final class XDPSocket: Sendable {
    /// How many entries each of its rings holds, powers of two.
    public struct Rings: Sendable, Hashable {
        /// Frames that have come in.
        public var receive: UInt32
        /// Frames to be sent.
        public var send: UInt32
        /// Chunks for frames that come in, and chunks whose frames were sent.
        public var chunks: UInt32

        /// Chooses sizes.
        public init(receive: UInt32, send: UInt32, chunks: UInt32) {
            self.receive = receive
            self.send = send
            self.chunks = chunks
        }
    }

    /// The two rings that chunks go through, one pair for each queue of an interface.
    public final class Chunks: Sendable {
        /// Chunks for the kernel to put frames into that come in.
        public let fill: XDPRing<UInt64>
        /// Chunks that the kernel has sent the frames of.
        public let completion: XDPRing<UInt64>

        init(fill: consuming XDPRing<UInt64>, completion: consuming XDPRing<UInt64>) {
            self.fill = fill
            self.completion = completion
        }
    }

    /// The socket's descriptor, for maps of sockets.
    public let descriptor: OwnedDescriptor
    /// The memory that its frames lie in.
    public let memory: XDPMemory
    /// Frames that have come in.
    public let receive: XDPRing<XDPDescriptor>
    /// Frames to be sent.
    public let send: XDPRing<XDPDescriptor>
    /// Where chunks go in and come out; `nil` for a socket that shares those of another.
    public let chunks: Chunks?

    /// Opens a socket in the calling thread's network namespace and binds it to a queue.
    ///
    /// A queue that another socket has just left is free some time later; it is waited for.
    ///
    /// - Parameters:
    ///   - interface: The interface.
    ///   - queue: The number of its queue.
    ///   - memory: Where frames lie.
    ///   - rings: How large its rings are.
    ///   - asksForWakeup: Whether the kernel says when it must be told of new entries (`XDP_USE_NEED_WAKEUP`).
    /// - Throws: ``SystemCallError`` with `EAFNOSUPPORT` without `CONFIG_XDP_SOCKETS`, `EPERM` without `CAP_NET_RAW`, `EINVAL` for
    ///   a queue that the interface does not have.
    public init(
        on interface: Interface,
        queue: UInt32,
        _ memory: XDPMemory,
        _ rings: Rings,
        asksForWakeup: Bool = false
    ) throws(SystemCallError) {
        let made = try Self.open()
        try memory.register(with: made.number)
        receive = try Self.receiveRing(of: made.number, rings)
        send = try Self.sendRing(of: made.number, rings)
        chunks = try Self.chunks(of: made.number, rings)
        self.memory = memory
        descriptor = made
        let flags = XDP_COPY | (asksForWakeup ? XDP_USE_NEED_WAKEUP : 0)
        try Self.bind(descriptor.number, interface, queue, flags, sharing: 0)
    }

    /// Opens a socket that shares the memory of another, which is bound already (`XDP_SHARED_UMEM`).
    ///
    /// - Parameters:
    ///   - interface: The interface.
    ///   - queue: The number of its queue.
    ///   - other: The other socket.
    ///   - rings: How large its rings are. For the queue that the other is bound to, it shares the rings of chunks as well; for
    ///     another it has its own (Linux 5.10).
    ///   - isSameQueue: Whether it is the queue that the other is bound to.
    /// - Throws: As ``init(on:queue:_:_:asksForWakeup:)``.
    public init(
        on interface: Interface,
        queue: UInt32,
        sharing other: XDPSocket,
        _ rings: Rings,
        isSameQueue: Bool
    ) throws(SystemCallError) {
        let made = try Self.open()
        receive = try Self.receiveRing(of: made.number, rings)
        send = try Self.sendRing(of: made.number, rings)
        if isSameQueue { chunks = nil } else { chunks = try Self.chunks(of: made.number, rings) }
        memory = other.memory
        descriptor = made
        try Self.bind(descriptor.number, interface, queue, XDP_SHARED_UMEM, sharing: other.descriptor.number)
    }

    /// Has the kernel send what stands in the ring.
    ///
    /// It takes some frames at a time, since Linux 6.6 none behind one that it refuses, and is asked until it has taken all, or for
    /// two seconds.
    ///
    /// - Throws: ``SystemCallError`` with what else sendto(2) says.
    public func flush() throws(SystemCallError) {
        let deadline = Deadline(after: .seconds(2))
        while true {
            let result = sendto(descriptor.number, nil, 0, CInt(MSG_DONTWAIT), nil, 0)
            let isBusy = result < 0 && [EAGAIN, EBUSY, ENOBUFS, EINTR].contains(errno)
            if result >= 0, send.count == 0 { return }
            guard isBusy || result >= 0, !deadline.hasPassed else {
                try SystemCallError.check(result, "sendto(2)", on: "an AF_XDP socket")
                return
            }
            if isBusy { deadline.pause(milliseconds: 1) }
        }
    }

    /// Whether poll(2) says at once that frames have come in.
    public var isReadable: Bool {
        var request = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) == 1 && request.revents & Int16(POLLIN) != 0
    }

    /// Waits until frames have come in at one of some sockets, for a millisecond at most.
    public static func pause(for sockets: [XDPSocket]) {
        var requests = sockets.map { pollfd(fd: $0.descriptor.number, events: Int16(POLLIN), revents: 0) }
        _ = poll(&requests, nfds_t(requests.count), 1)
    }

    /// What the kernel has counted of the socket since it was opened (`XDP_STATISTICS`, Linux 5.9).
    ///
    /// Of chunks to fill that are none it shows no count: it looks at the ring of frames (`rx_invalid_descs` in net/xdp/xsk.c).
    public struct Statistics: Sendable, Hashable {
        /// Frames that came in and were lost for another reason than a full ring.
        public let dropped: Int
        /// Frames to be sent that do not lie within a chunk.
        public let invalidFrames: Int
        /// Frames that came in and were lost because the ring was full.
        public let ringFull: Int
        /// How often the kernel wanted a chunk and there was none, of all sockets that share the ring.
        public let noChunk: Int
    }

    /// Asks for the statistics.
    ///
    /// - Throws: ``SystemCallError``.
    public func statistics() throws(SystemCallError) -> Statistics {
        var raw = xdp_statistics()
        try Self.read(descriptor.number, XDP_STATISTICS, &raw, "XDP_STATISTICS")
        return Statistics(
            dropped: Int(truncatingIfNeeded: raw.rx_dropped),
            invalidFrames: Int(truncatingIfNeeded: raw.tx_invalid_descs),
            ringFull: Int(truncatingIfNeeded: raw.rx_ring_full),
            noChunk: Int(truncatingIfNeeded: raw.rx_fill_ring_empty_descs)
        )
    }
}

extension XDPSocket {
    private static func open() throws(SystemCallError) -> OwnedDescriptor {
        let number = socket(CInt(LX_AF_XDP), CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        return OwnedDescriptor(owning: try SystemCallError.check(number, "socket(AF_XDP)", on: "this host"))
    }

    private static func read<Value: BitwiseCopyable>(
        _ socket: CInt,
        _ option: CInt,
        _ value: inout Value,
        _ name: String
    ) throws(SystemCallError) {
        var size = socklen_t(MemoryLayout<Value>.size)
        let result = getsockopt(socket, CInt(LX_SOL_XDP), option, &value, &size)
        try SystemCallError.check(result, "getsockopt(\(name))", on: "an AF_XDP socket")
    }

    /// Makes a ring and maps it.
    private static func ring<Entry>(
        of socket: CInt,
        _ option: CInt,
        at place: UInt64,
        _ offsets: xdp_ring_offset,
        _ capacity: UInt32
    ) throws(SystemCallError) -> XDPRing<Entry> {
        var count = capacity
        let size = socklen_t(MemoryLayout<UInt32>.size)
        let result = setsockopt(socket, CInt(LX_SOL_XDP), option, &count, size)
        try SystemCallError.check(result, "setsockopt(SOL_XDP, \(option))", on: "a ring of \(capacity) entries")
        return try XDPRing(of: socket, at: Int(place), offsets, capacity: capacity)
    }

    private static func offsets(of socket: CInt) throws(SystemCallError) -> xdp_mmap_offsets {
        var offsets = xdp_mmap_offsets()
        try read(socket, XDP_MMAP_OFFSETS, &offsets, "XDP_MMAP_OFFSETS")
        return offsets
    }

    private static func receiveRing(
        of socket: CInt,
        _ rings: Rings
    ) throws(SystemCallError) -> XDPRing<XDPDescriptor> {
        let place = UInt64(XDP_PGOFF_RX_RING)
        return try ring(of: socket, XDP_RX_RING, at: place, try offsets(of: socket).rx, rings.receive)
    }

    private static func sendRing(
        of socket: CInt,
        _ rings: Rings
    ) throws(SystemCallError) -> XDPRing<XDPDescriptor> {
        let place = UInt64(XDP_PGOFF_TX_RING)
        return try ring(of: socket, XDP_TX_RING, at: place, try offsets(of: socket).tx, rings.send)
    }

    private static func chunks(of socket: CInt, _ rings: Rings) throws(SystemCallError) -> Chunks {
        let offsets = try offsets(of: socket)
        let place = (fill: XDP_UMEM_PGOFF_FILL_RING, completion: XDP_UMEM_PGOFF_COMPLETION_RING)
        return Chunks(
            fill: try ring(of: socket, XDP_UMEM_FILL_RING, at: place.fill, offsets.fr, rings.chunks),
            completion: try ring(
                of: socket,
                XDP_UMEM_COMPLETION_RING,
                at: place.completion,
                offsets.cr,
                rings.chunks
            )
        )
    }

    private static func bind(
        _ socket: CInt,
        _ interface: Interface,
        _ queue: UInt32,
        _ flags: CInt,
        sharing other: CInt
    ) throws(SystemCallError) {
        var address = sockaddr_xdp()
        address.sxdp_family = UInt16(LX_AF_XDP)
        address.sxdp_flags = UInt16(flags)
        address.sxdp_ifindex = UInt32(interface.index)
        address.sxdp_queue_id = queue
        address.sxdp_shared_umem_fd = UInt32(other)
        let deadline = Deadline(after: .seconds(2))
        while true {
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_xdp>.size))
                }
            }
            if result < 0, errno == EBUSY, !deadline.hasPassed {
                deadline.pause(milliseconds: 1)
                continue
            }
            try SystemCallError.check(result, "bind(AF_XDP)", on: "queue \(queue) of \(interface.name)")
            return
        }
    }
}
