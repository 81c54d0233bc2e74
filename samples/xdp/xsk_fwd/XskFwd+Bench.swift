import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension XskFwd {
    /// Interfaces of a host, each with a veth to another host, and the sockets on them.
    final class Bench {
        private let network: Network
        private let pool: BufferPool
        /// The ports that no thread has.
        private var ports: [Place: Port] = [:]
        private let senders: [Place: QueueSender]
        private var eyes: [String: Eyes] = [:]
        private let patience = Patience()
        /// The number of the next frame.
        private var number = 0

        /// Packet sockets on both ends of a veth.
        private final class Eyes {
            let near: PacketSocket
            let far: PacketSocket

            init(_ network: Network, _ link: String) throws {
                near = try network.capture("near", link)
                far = try network.capture("far", link)
            }
        }

        private static let links = ["a", "b", "c", "d", "q"]

        init(_ arena: borrowing Arena) throws {
            let topology = Topology(
                hosts: [.init("near", usesIPv6: false), .init("far", usesIPv6: false)],
                links: Self.links.map { link in
                    .init(.init("near", link), .init("far", link), queues: link == "q" ? 2 : 1, mtu: 3000)
                }
            )
            let network = try topology.build()
            let memory = try XDPMemory(chunks: XskFwd.chunks, of: 2048)
            pool = BufferPool(memory, slab: XskFwd.slab)
            var first: XDPSocket?
            for place in ["a", "b", "c", "d", "q0", "q1"].map(Place.init) {
                let interface = try network.interface("near", place.link)
                let socket = try network.inside("near") {
                    if let first {
                        let queue = UInt32(place.queue)
                        return try XDPSocket(
                            on: interface,
                            queue: queue,
                            sharing: first,
                            XskFwd.rings,
                            isSameQueue: false
                        )
                    }
                    return try XDPSocket(on: interface, queue: 0, memory, XskFwd.rings, asksForWakeup: true)
                }
                first = first ?? socket
                ports[place] = Port(socket, pool)
            }
            let remote = try network.interface("far", "q")
            senders = try network.inside("far") {
                [Place("q0"): try QueueSender(remote, 0), Place("q1"): try QueueSender(remote, 1)]
            }
            for link in Self.links { eyes[link] = try Eyes(network, link) }
            self.network = network
        }

        func perform(_ step: Step, in arena: borrowing Arena) throws -> Tallies {
            var found: Tallies = [:]
            try attached(step, in: arena) {
                let processors = try SenderProcessors.available()
                let threads = try step.work.threads.map { try ForwardingThread(Forwarder(pairs: $0.map(partners))) }
                let running = threads.enumerated().map { $1.start(on: processors[$0 % processors.count]) }
                let outcome = Result {
                    try arena.stimulate {
                        try SenderProcessors.each { _, _ in
                            for _ in 0..<XskFwd.bursts { try exchange(step.work, &found) }
                        }
                    }
                }
                for thread in threads { thread.tell() }
                for thread in running { thread.join() }
                for (thread, pairs) in zip(threads, step.work.threads) {
                    for (pair, places) in zip(try thread.result().pairs, pairs) {
                        (ports[places.0], ports[places.1]) = (pair.one, pair.other)
                    }
                }
                try outcome.get()
            }
            return found + account() + (try leftovers(step.work, in: arena))
        }

        private func partners(_ places: (Place, Place)) throws -> (one: Port, other: Port) {
            guard let one = ports[places.0], let other = ports[places.1] else {
                throw ObjectMismatch("there are no ports \(places.0) and \(places.1)")
            }
            return (one, other)
        }

        /// Runs a closure while the programs are attached, one to each interface, with a map of its sockets.
        private func attached(_ step: Step, in arena: borrowing Arena, _ body: () throws -> Void) throws {
            let sockets = step.work.threads.flatMap(\.self).flatMap { [$0.0, $0.1] }
            try attach(step.work.links[...], sockets, step.mode, in: arena, body)
        }

        /// Attaches to the first of some interfaces, and then to the others.
        private func attach(
            _ links: ArraySlice<String>,
            _ sockets: [Place],
            _ mode: BPFProgram.XDPMode,
            in arena: borrowing Arena,
            _ body: () throws -> Void
        ) throws {
            guard let name = links.first else { return try body() }
            let loaded = try arena.loadInstructions()
            for place in sockets where place.link == name {
                guard let port = ports[place] else { continue }
                try loaded.map("xsks_map").update(UInt32(place.queue), port.socket.descriptor.number)
            }
            let interface = try network.interface("near", name)
            let link = try network.inside("near") { try loaded.program("xdp_sock_prog").attachXDP(to: interface, mode) }
            try attach(links.dropFirst(), sockets, mode, in: arena, body)
            link.detach()
        }

        /// Sends a burst of each flow, and looks at what comes out where.
        private func exchange(_ work: Work, _ found: inout Tallies) throws {
            let flows = work.flows
            let sent = flows.indices.map { flow in (0..<XskFwd.burst).map { XskFwd.frame(flow, number + $0) } }
            number += XskFwd.burst
            for index in 0..<XskFwd.burst {
                for (flow, way) in flows.enumerated() {
                    let frame = sent[flow][index]
                    if let sender = senders[way.from] {
                        try sender.send(frame)
                    } else {
                        try eyes[way.from.link]?.far.send(frame)
                    }
                }
            }
            for link in work.links {
                // Flows that come out at the far end, and those that pass at the near one.
                let out = flows.indices.filter { flows[$0].to?.link == link }
                let passed = flows.indices.filter { flows[$0].to == nil && flows[$0].from.link == link }
                guard let eyes = eyes[link] else { continue }
                let name = { (flow: Int) in XskFwd.name(flows[flow]) }
                let atFar = try frames(at: eyes, isFar: true, out.count * XskFwd.burst)
                let wanted = out.map { flow in (flow: flow, frames: sent[flow].map(XskFwd.swapped)) }
                Self.compare(atFar, wanted, link, name, &found)
                let atNear = try frames(at: eyes, isFar: false, passed.count * XskFwd.burst)
                Self.compare(atNear, passed.map { (flow: $0, frames: sent[$0]) }, link, name, &found)
            }
        }

        private func frames(at eyes: Eyes, isFar: Bool, _ count: Int) throws -> [[UInt8]] {
            var got: [[UInt8]] = []
            _ = try patience.wait { deadline in
                let isIncoming = { (frame: PacketSocket.Frame) in !frame.isOutgoing }
                let all =
                    try isFar
                    ? eyes.far.frames(atLeast: count, until: deadline, where: isIncoming)
                    : eyes.near.frames(atLeast: count, until: deadline, where: isIncoming)
                got = all.filter(isIncoming).map(\.bytes)
                return got.count >= count ? got.count : nil
            }
            return got
        }

        /// Compares what came out at an end of an interface with what each of some flows must give, in its order.
        private static func compare(
            _ got: [[UInt8]],
            _ wanted: [(flow: Int, frames: [[UInt8]])],
            _ link: String,
            _ name: (Int) -> String,
            _ found: inout Tallies
        ) {
            var next: [Int: Int] = [:]
            for frame in got {
                let type = EthernetFrame.big
                let flow = wanted.first { frame.count >= 14 && Array(frame[12..<14]) == type(XskFwd.type($0.flow)) }
                guard let flow else {
                    found.add("\(link): frames that belong elsewhere")
                    continue
                }
                let place = next[flow.flow, default: 0]
                next[flow.flow] = place + 1
                let isRight = place < flow.frames.count && frame == flow.frames[place]
                found.add(isRight ? name(flow.flow) : "\(link): other frames")
            }
        }

        /// Where all chunks are.
        private func account() -> Tallies {
            let all = pool.chunks + ports.values.flatMap(\.chunks)
            return [
                "chunks accounted for": Set(all).count, "chunks in two places": all.count - Set(all).count,
                "chunks that the kernel did not have": ports.values.map(\.faults).reduce(0, +),
            ]
        }

        /// What else has come in, until a marker has come each way.
        private func leftovers(_ work: Work, in arena: borrowing Arena) throws -> Tallies {
            var found: Tallies = [:]
            for link in work.links {
                guard let eyes = eyes[link] else { continue }
                try arena.stimulate {
                    try eyes.far.send(Self.marker)
                    try eyes.near.send(Self.marker)
                }
                let count = arena.isControl ? 0 : 1
                for isFar in [true, false] {
                    for frame in try frames(at: eyes, isFar: isFar, count) {
                        found.add(frame == Self.marker ? "frames that pass without it" : "\(link): frames left behind")
                    }
                }
            }
            return found
        }

        // An EtherType for local experiments (IEEE 802, 0x88b5).
        private static let marker = EthernetFrame.make(
            from: EthernetFrame.sender,
            to: EthernetFrame.receiver,
            type: 0x88b5,
            [UInt8](repeating: 0x6d, count: 64)
        )
    }

    /// Sends frames on one queue of an interface, by an AF_XDP socket.
    final class QueueSender {
        private let socket: XDPSocket

        init(_ interface: Interface, _ queue: UInt32) throws {
            let memory = try XDPMemory(chunks: 4, of: 2048)
            let rings = XDPSocket.Rings(receive: 4, send: 4, chunks: 4)
            socket = try XDPSocket(on: interface, queue: queue, memory, rings)
        }

        /// Sends a frame, and waits until its chunk has come back.
        func send(_ frame: [UInt8]) throws {
            socket.memory.write(frame, at: 0)
            _ = socket.send.put([XDPDescriptor(at: 0, length: frame.count)])
            try socket.flush()
            _ = Deadline(after: answerTime).poll(everyMilliseconds: 1) {
                socket.chunks?.completion.take().isEmpty == false
            }
        }
    }
}
