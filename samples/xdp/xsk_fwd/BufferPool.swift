import LinuxHost
import Synchronization

extension XskFwd {
    /// Chunks that no port has, which the threads of all ports take from and give back to by the slab.
    final class BufferPool: Sendable {
        /// How many chunks change hands at a time.
        let slab: Int
        private let slabs: Mutex<[[UInt64]]>

        init(_ memory: XDPMemory, slab: Int) {
            self.slab = slab
            let chunks = (0..<memory.chunks).map { memory.address(ofChunk: $0) }
            slabs = Mutex(
                stride(from: 0, to: chunks.count, by: slab).map { Array(chunks[$0..<min($0 + slab, chunks.count)]) }
            )
        }

        /// Takes a slab; nothing if there is none.
        func take() -> [UInt64] { slabs.withLock { $0.popLast() ?? [] } }

        /// Gives a slab back.
        func give(_ slab: [UInt64]) { slabs.withLock { $0.append(slab) } }

        /// All chunks that are in it.
        var chunks: [UInt64] { slabs.withLock { $0.flatMap(\.self) } }
    }

    /// The chunks of one port that are not in the kernel: a slab to take from, and one to put into.
    struct BufferCache {
        private let pool: BufferPool
        private var full: [UInt64] = []
        private var empty: [UInt64] = []

        init(_ pool: BufferPool) { self.pool = pool }

        /// Takes so many chunks, or fewer where the pool has no more.
        mutating func take(_ count: Int) -> [UInt64] {
            while full.count < count {
                let slab = pool.take()
                if slab.isEmpty { break }
                full += slab
            }
            let taken = Array(full.suffix(count))
            full.removeLast(taken.count)
            return taken
        }

        /// Puts chunks back.
        mutating func put(_ chunks: [UInt64]) {
            empty += chunks
            while empty.count >= pool.slab {
                pool.give(Array(empty.suffix(pool.slab)))
                empty.removeLast(pool.slab)
            }
        }

        /// All chunks that are in it.
        var chunks: [UInt64] { full + empty }
    }
}
