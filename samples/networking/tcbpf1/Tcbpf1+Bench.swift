import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension Tcbpf1 {
    /// A box with four ports, and a host at each.
    final class Bench {
        private static let topology = Topology(
            hosts: [.init("box", usesIPv6: false)] + Port.allCases.map { .init("\($0)'s host", usesIPv6: false) },
            links: Port.allCases.map { port in
                .init(.init("box", "\(port)", index: port.index), .init("\(port)'s host", "eth0"))
            }
        )

        private let network: Network
        private let object: LoadedObject
        private let last: LastFilter
        private var ends: [Port: End] = [:]
        /// Whether something was missing in a step: what is broken is not waited for again.
        private var isBroken = false

        /// A port, and what is seen at both ends of its cable.
        private final class End {
            /// Both ends' sockets for sending.
            let inside: PacketSocket
            let outside: PacketSocket
            let unfinishedInside: UnfinishedSender
            let unfinishedOutside: UnfinishedSender
            /// What the port lets in, by EtherTypes.
            let arrivals: [Eye]

            init(_ port: Port, in network: Network) throws {
                let (own, far) = (
                    try network.interface("box", "\(port)"), try network.interface("\(port)'s host", "eth0")
                )
                inside = try network.capture("box", "\(port)")
                outside = try network.capture("\(port)'s host", "eth0")
                unfinishedInside = try network.inside("box") { try UnfinishedSender(on: own) }
                unfinishedOutside = try network.inside("\(port)'s host") { try UnfinishedSender(on: far) }
                arrivals = try Frame.types.map { type in try network.inside("box") { try Eye(on: own, type) } }
            }
        }

        /// A socket in an array.
        private final class Eye {
            let socket: PacketSocket

            init(on interface: Interface, _ type: UInt16) throws(SystemCallError) {
                socket = try PacketSocket(on: interface, type: type)
            }
        }

        init(_ arena: borrowing Arena) throws {
            let object = try arena.loadObject()
            let network = try Self.topology.build()
            for port in Port.allCases {
                let interface = try network.interface("box", "\(port)")
                try network.configure("box") { try $0.addFilterQueue(to: interface) }
                ends[port] = try End(port, in: network)
            }
            self.network = network
            self.object = object
            last = try LastFilter()
        }

        /// Puts a program at its side of a port, sends the frames past it, and says where they arrived.
        func expose(to step: Step, in arena: borrowing Arena) throws -> Tallies {
            guard let end = ends[step.port] else { return [:] }
            let interface = try network.interface("box", "\(step.port)")
            let program = try step.program.map { try object.program($0) }
            if let program {
                try network.configure("box") { routes in
                    try program.attachFilter(to: interface, at: step.side, by: &routes)
                    try last.add(to: interface, at: step.side, by: &routes)
                }
            }
            let wanted = Tcbpf1.expected(step, [SenderProcessors.fact: 1]).counts.values.reduce(0, +)
            let titles = Self.titles(step)
            var all: Tallies = [:]
            var sent = 0
            try arena.stimulate {
                try SenderProcessors.each { _, rank in
                    for _ in 0...rank where !isBroken {
                        for frame in step.frames { try send(frame.bytes, by: end, step) }
                        sent += wanted
                        isBroken = try !Deadline(after: answerTime).poll(everyMilliseconds: 1) {
                            all = all + (try sightings(titles))
                            return all.counts.values.reduce(0, +) >= sent
                        }
                    }
                    SenderProcessors.settle()
                }
            }
            if program != nil {
                try network.configure("box") { routes in
                    try last.remove(from: interface, at: step.side, by: &routes)
                    try routes.removeFilter(from: interface, at: step.side)
                }
            }
            return all + (try sightings(titles))
        }

        /// Asks every program about frames that no device has seen.
        func runAlone(in arena: borrowing Arena) throws -> Tallies {
            var all: Tallies = [:]
            try arena.stimulate {
                for name in Tcbpf1.redirections + ["bpf_prog1"] {
                    for frame in Frame.whole {
                        all.add("\(name) answers \(try object.program(name).run(on: frame.bytes))")
                    }
                }
            }
            return all
        }

        /// Sends a frame past the program, which may drop it.
        private func send(_ frame: [UInt8], by end: End, _ step: Step) throws {
            let place: (start: UInt16, offset: UInt16) = (34, 16)
            switch (step.side, step.isUnfinished) {
            case (.egress, false): _ = try end.inside.offer(frame)
            case (.ingress, false): _ = try end.outside.offer(frame)
            case (.egress, true): _ = try end.unfinishedInside.offer(frame, checksumFrom: place.start, at: place.offset)
            case (.ingress, true):
                _ = try end.unfinishedOutside.offer(frame, checksumFrom: place.start, at: place.offset)
            }
        }

        /// The frames' titles by what they must look like where they arrive.
        private static func titles(_ step: Step) -> [[UInt8]: String] {
            let isRewritten = step.program == "bpf_prog1"
            let pairs = step.frames.map { frame in
                (isRewritten ? Rewriting.of(frame.bytes, isUnfinished: step.isUnfinished) : frame.bytes, frame.title)
            }
            return Dictionary(pairs) { "\($0) or \($1)" }
        }

        /// What was let in at the box's ports, and what came in at the hosts, since the last look.
        private func sightings(_ titles: [[UInt8]: String]) throws -> Tallies {
            var all: Tallies = [:]
            let add = { (place: String, frames: [PacketSocket.Frame]) in
                for frame in frames where !frame.isOutgoing {
                    all.add("\(place): \(titles[frame.bytes] ?? Hexadecimal.text(frame.bytes.prefix(80)))")
                }
            }
            for (port, end) in ends {
                for eye in end.arrivals { add("\(port) let in", try eye.socket.frames()) }
                add("\(port)'s host got", try end.outside.frames())
            }
            return all
        }
    }
}
