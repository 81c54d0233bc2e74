import CLinux
import Glibc
import SystemPackage

/// Memory for the frames of AF_XDP sockets, in chunks of one size (UMEM; Documentation/networking/af_xdp.rst of the kernel tree).
///
/// Frames are named by addresses that count from its beginning. Whoever holds a chunk, the kernel or this process, may write to
/// it; nothing in here knows who does.
public final class XDPMemory: Sendable {
    /// How many chunks there are.
    public let chunks: Int
    /// The bytes of each.
    public let chunkSize: Int
    /// How many bytes the kernel leaves free before each frame that comes in, besides its own 256.
    public let headroom: Int
    nonisolated(unsafe) private let start: UnsafeMutableRawPointer

    /// Bytes before a frame that the kernel keeps for XDP programs (`XDP_PACKET_HEADROOM`).
    private static let reserved = 256

    /// Maps memory.
    ///
    /// - Parameters:
    ///   - chunks: How many chunks.
    ///   - size: The bytes of each, a power of two from 2048 to the size of a page.
    ///   - headroom: What is to be left free before each frame.
    /// - Throws: ``SystemCallError`` with `ENOMEM`.
    public init(chunks: Int, of size: Int, headroom: Int = 0) throws(SystemCallError) {
        let made = mmap(nil, chunks * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let made, made != MAP_FAILED else {
            throw SystemCallError("mmap(2)", on: "\(chunks) chunks of \(size) bytes", errno: Errno(rawValue: errno))
        }
        start = made
        self.chunks = chunks
        chunkSize = size
        self.headroom = headroom
    }

    deinit { munmap(start, byteCount) }

    /// The bytes of all chunks together.
    public var byteCount: Int { chunks * chunkSize }

    /// How long a frame may be that comes in.
    public var longestFrame: Int { chunkSize - headroom - Self.reserved }

    /// The address of a chunk.
    public func address(ofChunk chunk: Int) -> UInt64 { UInt64(chunk * chunkSize) }

    /// The number of the chunk that an address lies in, which need not be one of this memory's.
    public func chunk(at address: UInt64) -> Int { Int(truncatingIfNeeded: address / UInt64(chunkSize)) }

    /// Where in its chunk the kernel puts a frame that comes in.
    public var frameOffset: Int { Self.reserved + headroom }

    /// The bytes that a descriptor names; `nil` where they do not lie within the memory.
    public func bytes(of descriptor: XDPDescriptor) -> [UInt8]? {
        let (address, length) = (descriptor.address, UInt64(descriptor.length))
        guard address <= UInt64(byteCount), length <= UInt64(byteCount) - address else { return nil }
        return Array(UnsafeRawBufferPointer(start: start + Int(address), count: Int(length)))
    }

    /// Writes bytes at an address.
    ///
    /// - Returns: Whether they lie within the memory; nothing is written if not.
    @discardableResult
    public func write(_ bytes: [UInt8], at address: UInt64) -> Bool {
        guard address <= UInt64(byteCount), bytes.count <= byteCount - Int(address) else { return false }
        bytes.withUnsafeBytes {
            (start + Int(address)).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(start), byteCount: $0.count)
        }
        return true
    }

    /// Hands the memory to a socket (`XDP_UMEM_REG`).
    func register(with socket: CInt) throws(SystemCallError) {
        var request = xdp_umem_reg()
        request.addr = UInt64(UInt(bitPattern: start))
        request.len = UInt64(byteCount)
        request.chunk_size = UInt32(chunkSize)
        request.headroom = UInt32(headroom)
        let size = socklen_t(MemoryLayout<xdp_umem_reg>.size)
        let result = setsockopt(socket, CInt(LX_SOL_XDP), XDP_UMEM_REG, &request, size)
        try SystemCallError.check(result, "setsockopt(XDP_UMEM_REG)", on: "\(chunks) chunks of \(chunkSize) bytes")
    }
}
