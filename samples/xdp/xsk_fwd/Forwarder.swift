import LinuxHost
import SampleLab
import Synchronization

extension XskFwd {
    /// A socket of one queue of an interface, and where its chunks are.
    struct Port: Sendable {
        let socket: XDPSocket
        private var cache: BufferCache
        /// Chunks that the kernel may put frames into.
        private var given: Set<UInt64> = []
        /// Chunks of frames that the kernel is to send.
        private var sending: Set<UInt64> = []
        /// How often the kernel named a chunk that it did not have, or a place in it where no frame must be.
        private(set) var faults = 0

        init(_ socket: XDPSocket, _ pool: BufferPool) {
            self.socket = socket
            cache = BufferCache(pool)
            fill(Int(XskFwd.rings.chunks))
        }

        private func base(_ address: UInt64) -> UInt64 { address - address % UInt64(socket.memory.chunkSize) }

        private mutating func fill(_ count: Int) {
            let chunks = cache.take(count)
            given.formUnion(chunks)
            if socket.chunks?.fill.put(chunks) != true { faults += 1 }
        }

        /// Takes what has come in, and gives the kernel as many other chunks.
        mutating func receive() -> [XDPDescriptor] {
            let frames = socket.receive.take()
            for frame in frames {
                let base = base(frame.address)
                let isInPlace = frame.address - base == UInt64(socket.memory.frameOffset)
                if given.remove(base) == nil || !isInPlace { faults += 1 }
            }
            if !frames.isEmpty { fill(frames.count) }
            return frames
        }

        /// Sends frames, whose chunks come back later.
        mutating func send(_ frames: [XDPDescriptor]) throws(SystemCallError) {
            sending.formUnion(frames.map { base($0.address) })
            if !socket.send.put(frames) { faults += 1 }
            try socket.flush()
            takeBack()
        }

        /// Takes back the chunks of frames that were sent.
        mutating func takeBack() {
            let chunks = (socket.chunks?.completion.take() ?? []).map(base)
            for chunk in chunks where sending.remove(chunk) == nil { faults += 1 }
            cache.put(chunks)
        }

        /// Whether the kernel has still frames to send.
        var isSending: Bool { !sending.isEmpty }

        /// All chunks that the port has, wherever they are.
        var chunks: [UInt64] { cache.chunks + given + sending }
    }

    /// Ports that one thread forwards between: each hands what comes in to its partner.
    struct Forwarder: Sendable {
        /// Pairs of partners.
        var pairs: [(one: Port, other: Port)]

        /// Forwards what has come in, with the addresses exchanged.
        ///
        /// - Returns: Whether there was anything.
        mutating func turn() throws -> Bool {
            var isBusy = false
            for index in pairs.indices {
                var (one, other) = pairs[index]
                let forth = try Self.hand(from: &one, to: &other)
                let back = try Self.hand(from: &other, to: &one)
                pairs[index] = (one, other)
                isBusy = isBusy || forth || back
            }
            return isBusy
        }

        private static func hand(from source: inout Port, to target: inout Port) throws -> Bool {
            let frames = source.receive()
            for frame in frames {
                guard let bytes = source.socket.memory.bytes(of: frame), bytes.count >= 14 else { continue }
                source.socket.memory.write(XskFwd.swapped(bytes), at: frame.address)
            }
            if frames.isEmpty { target.takeBack() } else { try target.send(frames) }
            return !frames.isEmpty
        }

        var isSending: Bool { pairs.contains { $0.one.isSending || $0.other.isSending } }

        /// Until something comes in, or a millisecond is over.
        func pause() { XDPSocket.pause(for: pairs.flatMap { [$0.one.socket, $0.other.socket] }) }
    }

    /// A thread that forwards on one processor until it is told to stop.
    final class ForwardingThread: Sendable {
        private let isTold = Atomic<Bool>(false)
        private let state: Mutex<Result<Forwarder, any Error>>

        init(_ forwarder: Forwarder) { state = Mutex(.success(forwarder)) }

        /// Starts it; the thread is to be joined after ``tell()``.
        func start(on processor: CInt) -> WorkThread {
            WorkThread {
                let result = Result { try Processors.pinned(to: processor) { try self.forward() } }
                self.state.withLock { $0 = result }
            }
        }

        private func forward() throws -> Forwarder {
            var forwarder = try state.withLock { try $0.get() }
            while !isTold.load(ordering: .acquiring) {
                if try !forwarder.turn() { forwarder.pause() }
            }
            // What was sent last is on its way still.
            _ = try Deadline(after: answerTime).poll(everyMilliseconds: 1) {
                _ = try forwarder.turn()
                return !forwarder.isSending
            }
            return forwarder
        }

        /// Tells it to stop.
        func tell() { isTold.store(true, ordering: .releasing) }

        /// The ports as it left them, once it has ended.
        func result() throws -> Forwarder { try state.withLock { try $0.get() } }
    }
}
