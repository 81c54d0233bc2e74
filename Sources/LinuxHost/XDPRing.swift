import CLinux
import Glibc
import SystemPackage

/// A frame in the memory of AF_XDP sockets (`struct xdp_desc`).
public struct XDPDescriptor: Sendable, Hashable, BitwiseCopyable {
    /// Where it begins, counted from the beginning of the memory.
    public var address: UInt64
    /// Its bytes.
    public var length: UInt32
    /// Options, none of which this project uses.
    public var options: UInt32

    /// Names a frame.
    public init(at address: UInt64, length: Int, options: UInt32 = 0) {
        self.address = address
        self.length = UInt32(length)
        self.options = options
    }
}

/// A ring of an AF_XDP socket, mapped: one side puts entries in, the other takes them out.
///
/// Both indices live in the mapping alone, so that a ring may be handed from thread to thread; one thread at a time uses it.
public struct XDPRing<Entry: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    /// How many entries it holds.
    public let capacity: UInt32
    nonisolated(unsafe) private let start: UnsafeMutableRawPointer
    private let size: Int
    private let offsets: xdp_ring_offset

    /// Maps a ring that the socket has.
    ///
    /// - Parameters:
    ///   - socket: The socket's descriptor.
    ///   - place: Where mmap(2) finds the ring: `XDP_PGOFF_RX_RING` and the like.
    ///   - offsets: Where in it the indices and entries are.
    ///   - capacity: How many entries it was made for, a power of two.
    /// - Throws: ``SystemCallError`` with `EINVAL` for a ring that the socket does not have.
    init(of socket: CInt, at place: Int, _ offsets: xdp_ring_offset, capacity: UInt32) throws(SystemCallError) {
        let size = Int(offsets.desc) + Int(capacity) * MemoryLayout<Entry>.stride
        let made = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, socket, place)
        guard let made, made != MAP_FAILED else {
            throw SystemCallError("mmap(2)", on: "a ring of an AF_XDP socket", errno: Errno(rawValue: errno))
        }
        start = made
        self.size = size
        self.offsets = offsets
        self.capacity = capacity
    }

    deinit { munmap(start, size) }

    private var producer: UnsafeMutablePointer<UInt32> { index(offsets.producer) }
    private var consumer: UnsafeMutablePointer<UInt32> { index(offsets.consumer) }

    private func index(_ offset: UInt64) -> UnsafeMutablePointer<UInt32> {
        (start + Int(offset)).assumingMemoryBound(to: UInt32.self)
    }

    private func entry(_ index: UInt32) -> UnsafeMutableRawPointer {
        start + Int(offsets.desc) + Int(index & (capacity - 1)) * MemoryLayout<Entry>.stride
    }

    /// How many entries stand in the ring; more than it holds only where the other side does wrong.
    public var count: UInt32 { lx_observe(producer) &- lx_observe(consumer) }

    /// How many entries were put into the ring since it was made, modulo 2^32.
    public var produced: UInt32 { lx_observe(producer) }

    /// Whether the other side asks to be woken up (`XDP_RING_NEED_WAKEUP`, Linux 5.4).
    public var needsWakeup: Bool { lx_observe(index(offsets.flags)) & UInt32(XDP_RING_NEED_WAKEUP) != 0 }

    /// Puts entries in.
    ///
    /// - Returns: Whether there was room for all of them; if not, none was put in.
    public func put(_ entries: [Entry]) -> Bool {
        let used = count
        guard used <= capacity, entries.count <= Int(capacity - used) else { return false }
        let first = lx_observe(producer)
        for (offset, new) in entries.enumerated() {
            entry(first &+ UInt32(offset)).storeBytes(of: new, as: Entry.self)
        }
        lx_publish(producer, first &+ UInt32(entries.count))
        return true
    }

    /// Takes entries out.
    ///
    /// - Parameter most: How many at most.
    /// - Returns: The entries, in the order in which they were put in.
    public func take(atMost most: Int = .max) -> [Entry] {
        let number = min(Int(min(count, capacity)), most)
        let first = lx_observe(consumer)
        let taken = (0..<number).map { entry(first &+ UInt32($0)).load(as: Entry.self) }
        lx_publish(consumer, first &+ UInt32(number))
        return taken
    }
}
