import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension Xdpsock {
    /// Sockets of one interface that share memory, and who holds which of its chunks.
    final class Port {
        /// How many entries a ring for frames that come in or go out has.
        static let receiveRing: UInt32 = 16
        /// The longest frame that a chunk of 2048 bytes takes: 256 are the kernel's.
        static let longest = 1792
        /// The place in the map that the work on two queues gives to the socket of the second.
        static let other = 1

        let interface: Interface
        let memory: XDPMemory
        let sockets: [XDPSocket]
        /// Chunks that this process may write to.
        private(set) var free: [UInt64]
        /// Chunks that the kernel may put frames into.
        private var given: Set<UInt64> = []
        /// Chunks of frames that the kernel is to send.
        private var sending: Set<UInt64> = []
        /// What was queued and is no frame: newer kernels hand it back as well, older ones do not.
        private var strays: [UInt64] = []

        /// Opens sockets on a queue, all of which share the first one's memory and chunks.
        init(_ interface: Interface, queue: UInt32 = 0, sockets count: Int, _ memory: XDPMemory) throws {
            let rings = XDPSocket.Rings(receive: Self.receiveRing, send: Self.receiveRing, chunks: 128)
            let first = try XDPSocket(on: interface, queue: queue, memory, rings, asksForWakeup: true)
            let others = try (1..<count).map { _ in
                try XDPSocket(on: interface, queue: queue, sharing: first, rings, isSameQueue: true)
            }
            sockets = [first] + others
            self.interface = interface
            self.memory = memory
            free = (0..<memory.chunks).reversed().map { memory.address(ofChunk: $0) }
        }

        private func base(_ address: UInt64) -> UInt64 { address - address % UInt64(memory.chunkSize) }

        /// Gives chunks to the kernel for frames that come in, some by addresses within them.
        func give(_ count: Int, at offset: UInt64 = 0) {
            let chunks = Array(free.suffix(count))
            guard sockets[0].chunks?.fill.put(chunks.map { $0 + offset }) == true else { return }
            free.removeLast(chunks.count)
            given.formUnion(chunks)
        }

        /// Gives addresses that are none.
        func giveStray(_ addresses: [UInt64]) { _ = sockets[0].chunks?.fill.put(addresses) }

        /// A frame that has come in.
        struct Received {
            var descriptor: XDPDescriptor
            var bytes: [UInt8]
        }

        /// Takes what has come in at a socket; the chunks are then this process's.
        ///
        /// - Parameters:
        ///   - socket: Its number.
        ///   - found: Where frames are counted that stand where the kernel must not put any.
        /// - Returns: The frames, in the order in which they came in.
        func take(_ socket: Int, _ found: inout Tallies) -> [Received] {
            sockets[socket].receive.take().map { descriptor in
                let base = base(descriptor.address)
                let isInPlace = descriptor.address - base == UInt64(memory.frameOffset) && descriptor.options == 0
                if given.remove(base) == nil || !isInPlace {
                    found.add("frames in the wrong place")
                } else {
                    free.append(base)
                }
                return Received(descriptor: descriptor, bytes: memory.bytes(of: descriptor) ?? [])
            }
        }

        /// Writes frames into chunks that are this process's, each some way into its chunk where there is room.
        func write(_ frames: [[UInt8]]) -> [XDPDescriptor] {
            zip(free.reversed(), frames).map { chunk, frame in
                let address = chunk + UInt64(min(memory.chunkSize - frame.count, frame.count % 3 * 50))
                memory.write(frame, at: address)
                return XDPDescriptor(at: address, length: frame.count)
            }
        }

        /// Has a socket send frames, each by its descriptor; their chunks are then the kernel's.
        ///
        /// - Parameters:
        ///   - frames: The frames.
        ///   - strays: What is queued between the first and the others, and names no frame.
        ///   - socket: The number of the socket.
        /// - Returns: Whether there was room.
        func queue(_ frames: [XDPDescriptor], with strays: [XDPDescriptor] = [], on socket: Int) -> Bool {
            let bases = Set(frames.map { base($0.address) })
            free.removeAll { bases.contains($0) }
            sending.formUnion(bases)
            self.strays += strays.map(\.address)
            return sockets[socket].send.put(Array(frames.prefix(1)) + strays + Array(frames.dropFirst()))
        }

        /// Takes back the chunks of frames that were sent.
        func takeBack(_ found: inout Tallies) {
            for address in sockets[0].chunks?.completion.take() ?? [] {
                let base = base(address)
                if sending.remove(base) != nil {
                    found.add("chunks that came back")
                    free.append(base)
                } else if let stray = strays.firstIndex(of: address) {
                    strays.remove(at: stray)
                } else {
                    found.add("chunks that nobody sent")
                }
            }
        }

        /// What the kernel has counted, by the names of tallies.
        func statistics() throws -> Tallies {
            var found: Tallies = [:]
            for (number, socket) in sockets.enumerated() {
                let statistics = try socket.statistics()
                found.add("socket \(number): dropped", statistics.dropped)
                found.add("socket \(number): without room", statistics.ringFull)
                found.add("frames refused", statistics.invalidFrames)
                guard number == 0 else { continue }
                found.add("chunks missing", statistics.noChunk)
            }
            return found
        }
    }
}
