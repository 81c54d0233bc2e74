import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension Xdpsock {
    /// Two hosts, a veth for each kind of work, and sockets of the first on each.
    final class Bench {
        let patience = Patience()
        private let network: Network
        private let stages: [String: Stage]
        /// The number of the next frame, so that no two are the same.
        private var number = 0

        /// A veth whose first end the program is attached to.
        final class Stage {
            let port: Port
            /// The socket of the second queue, and sockets that send on each queue; of the veth with two queues only.
            let other: Port?
            let senders: [Port]
            /// Sees what comes in at the near end, and sends from there.
            let near: PacketSocket
            /// Sees what comes in at the far end, and sends from there.
            let far: PacketSocket

            init(_ network: Network, _ name: String) throws {
                let chunk = { (size: Int, headroom: Int) in try XDPMemory(chunks: 256, of: size, headroom: headroom) }
                let interface = try network.interface("near", name)
                let remote = try network.interface("far", name)
                let hasQueues = name == Bench.queues
                let isOfPages = name.hasPrefix(Bench.pages)
                port = try network.inside("near") {
                    let memory = try isOfPages ? chunk(4096, 100) : chunk(2048, 0)
                    return try Port(interface, sockets: isOfPages ? 1 : 4, memory)
                }
                other = try network.inside("near") {
                    hasQueues ? try Port(interface, queue: 1, sockets: 1, try chunk(2048, 0)) : nil
                }
                senders = try network.inside("far") {
                    try (0..<(hasQueues ? 2 : 0)).map { queue in
                        try Port(remote, queue: UInt32(queue), sockets: 1, try chunk(2048, 0))
                    }
                }
                near = try network.capture("near", name)
                far = try network.capture("far", name)
            }
        }

        private static let queues = "queues"
        private static let pages = "pages"

        private static func name(_ step: Step) -> String {
            switch step.work {
            case .queues: queues
            case .pages: "\(pages)-\(step.mode.rawValue)"
            default: step.mode.rawValue
            }
        }

        init(_ arena: borrowing Arena) throws {
            let names = Set(Xdpsock.steps.map(Self.name)).sorted()
            let topology = Topology(
                hosts: [.init("near", usesIPv6: false), .init("far", usesIPv6: false)],
                links: names.map { name in
                    .init(.init("near", name), .init("far", name), queues: name == Self.queues ? 2 : 1, mtu: 3000)
                }
            )
            let network = try topology.build()
            stages = Dictionary(uniqueKeysWithValues: try names.map { ($0, try Stage(network, $0)) })
            self.network = network
        }

        /// Performs a step with a program of its own, whose first turn is still to come.
        func perform(_ step: Step, in arena: borrowing Arena) throws -> Tallies {
            guard let stage = stages[Self.name(step)] else { return [:] }
            let port = stage.port
            let program = try Program(arena)
            try program.enter(places(step.work, stage))
            var found = try port.statistics() * -1
            let link = try network.inside("near") { try program.attach(to: port.interface, step.mode) }
            try arena.stimulate {
                try SenderProcessors.each { _, _ in
                    try pass(step.work, stage, &found)
                    SenderProcessors.settle()
                }
            }
            link.detach()
            withExtendedLifetime(program) {}
            found = found + (try port.statistics())
            return found + (try leftovers(stage, in: arena))
        }

        private func places(_ work: Work, _ stage: Stage) -> [Int: XDPSocket] {
            let sockets = stage.port.sockets
            switch work {
            case .gaps: return [0: sockets[0], 2: sockets[2]]
            case .pages: return [0: sockets[0], 1: sockets[0], 2: sockets[0], 3: sockets[0]]
            default:
                var places = Dictionary(uniqueKeysWithValues: sockets.enumerated().map { ($0.offset, $0.element) })
                if let other = stage.other { places[Port.other] = other.sockets[0] }
                return places
            }
        }

        private func pass(_ work: Work, _ stage: Stage, _ found: inout Tallies) throws {
            switch work {
            case .lengths: try lengths(stage, &found)
            case .many: try many(stage, &found)
            case .starved: try starved(stage, &found)
            case .crowded: try crowded(stage, &found)
            case .gaps: try gaps(stage, &found)
            case .queues: try queues(stage, &found)
            case .strayChunks: try strayChunks(stage, &found)
            case .pages: try pages(stage, &found)
            case .sending: try sending(stage, &found)
            case .straySending: try straySending(stage, &found)
            case .swapping: try swapping(stage, &found)
            }
        }

        /// Frames of these lengths, each with a number of its own.
        func frames(_ lengths: [Int]) -> [[UInt8]] {
            lengths.map { length in
                number += 1
                return Frames.frame(number, length)
            }
        }

        /// As many frames, of many lengths.
        func frames(_ count: Int) -> [[UInt8]] { frames((0..<count).map { Frames.length(number + $0) }) }

        /// What has come in beside the sockets while the program was attached, and what was left behind.
        ///
        /// That are frames which it passed or sent back. A marker each way, without the program, shows that nothing more will come.
        private func leftovers(_ stage: Stage, in arena: borrowing Arena) throws -> Tallies {
            let marker = Self.marker
            try arena.stimulate {
                try stage.far.send(marker)
                try stage.near.send(marker)
            }
            var found: Tallies = [:]
            let count = arena.isControl ? 0 : 1
            let isMarker = { (frame: PacketSocket.Frame) in !frame.isOutgoing && frame.bytes == marker }
            for (end, name) in [(0, "passed"), (1, "came out")] {
                let deadline = patience.deadline
                let all =
                    end == 0
                    ? try stage.near.frames(atLeast: count, until: deadline, where: isMarker)
                    : try stage.far.frames(atLeast: count, until: deadline, where: isMarker)
                for frame in all where !frame.isOutgoing {
                    found.add(frame.bytes == marker ? "frames that pass without it" : name)
                }
            }
            for (number, socket) in stage.port.sockets.enumerated() where !socket.receive.take().isEmpty {
                found.add("socket \(number): left behind")
            }
            return found
        }

        // An EtherType for local experiments (IEEE 802, 0x88b5).
        static let marker = EthernetFrame.make(
            from: EthernetFrame.sender,
            to: EthernetFrame.receiver,
            type: 0x88b5,
            [UInt8](repeating: 0x6d, count: 64)
        )
    }
}
