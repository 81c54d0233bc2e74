import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension XdpFwd {
    /// A router with three ports, two of them in the map, and a host on each.
    final class Bench {
        static let topology = Topology(
            hosts: [
                .init(
                    "router",
                    forwards: true,
                    routes: [
                        .init("10.10.0.0/16", via: "10.1.0.2", through: "near"),
                        .init("fd10::/64", via: "fd01::2", through: "near"),
                        .init("10.20.0.0/16", via: "10.2.0.2", through: "far"),
                        .init("fd20::/64", via: "fd02::2", through: "far"),
                        // Rules keep packets from these.
                        .init("10.22.0.0/16", via: "10.2.0.2", through: "far"),
                        .init("fd22::/64", via: "fd02::2", through: "far"),
                        // Of these nobody knows the hardware address.
                        .init("10.21.0.0/16", via: "10.2.0.99", through: "far"),
                        .init("fd21::/64", via: "fd02::99", through: "far"),
                        .init("10.30.0.0/16", via: "10.3.0.2", through: "third"),
                        .init("fd30::/64", via: "fd03::2", through: "third"),
                    ]
                ),
                .init("left"), .init("right"), .init("other"),
            ],
            links: [
                // Indices that no program guesses, below the size of the map; one is the last that it has room for. From the left come
                // packets that are longer than those that go to the right.
                .init(
                    .init("router", "near", ["10.1.0.1/24", "fd01::1/64"], index: 11),
                    .init("left", "eth0", ["10.1.0.2/24", "fd01::2/64"]),
                    mtu: 2000
                ),
                .init(
                    .init("router", "far", ["10.2.0.1/24", "fd02::1/64"], index: 63),
                    .init("right", "eth0", ["10.2.0.2/24", "fd02::2/64"])
                ),
                .init(
                    .init("router", "third", ["10.3.0.1/24", "fd03::1/64"], index: 37),
                    .init("other", "eth0", ["10.3.0.2/24", "fd03::2/64"])
                ),
            ]
        )

        private let network: Network
        private let object: LoadedObject
        private let near: PacketSocket
        private let far: PacketSocket
        private let left: PacketSocket
        private let right: PacketSocket
        private let other: PacketSocket
        /// Whether something was missing in a step: what is broken is not waited for again.
        private var isBroken = false

        init(_ arena: borrowing Arena) throws {
            let object = try arena.loadObject()
            let network = try Self.topology.build()
            near = try network.capture("router", "near")
            far = try network.capture("router", "far")
            left = try network.capture("left", "eth0")
            right = try network.capture("right", "eth0")
            other = try network.capture("other", "eth0")
            let ports = try object.map("xdp_tx_ports")
            try network.inside("router") {
                for port in ["near", "far"] {
                    let index = try network.interface("router", port).index
                    try ports.update(index, index)
                }
            }
            let entrance = try network.interface("router", "near")
            try network.configure("router") { routes in
                for packets in Refused.selectors(from: entrance) { try routes.prohibit(packets) }
                for (number, route) in RefusedRoute.allCases.enumerated() {
                    try routes.refuse(Refused.prefix(number), by: route)
                }
            }
            self.network = network
            self.object = object
        }

        /// Puts a program on the ports of the map, sends all frames, and says what became of them.
        func expose(to step: Step, in arena: borrowing Arena) throws -> Tallies {
            let before = try network.counters("router")
            let links = try attach(step)
            var rounds = 0
            if !isBroken {
                try arena.stimulate {
                    try SenderProcessors.each { _, _ in
                        for frame in step.frames {
                            try frame.from == .left ? left.send(frame.bytes) : right.send(frame.bytes)
                        }
                        SenderProcessors.settle()
                        rounds += 1
                    }
                }
            }
            let wanted = XdpFwd.expected(step, [SenderProcessors.fact: rounds])
            let seen = try sightings(wanted, step)
            for link in links { link.detach() }
            let after = try network.counters("router")
            var all = seen
            for (name, counter) in [("4", "Ip.ForwDatagrams"), ("6", "Ip6OutForwDatagrams")] {
                all.add("forwarded by the stack, IPv\(name)", (after[counter] ?? 0) - (before[counter] ?? 0))
            }
            if step.program == nil, try hasRoomBeyond() { all.add("room for an index of 64") }
            isBroken = isBroken || all != wanted
            return all
        }

        /// Whether the map takes one more index than it has room for.
        private func hasRoomBeyond() throws -> Bool {
            let (ports, index) = (try object.map("xdp_tx_ports"), try network.interface("router", "near").index)
            return try network.inside("router") {
                do { try ports.update(CInt(64), index) } catch is ObjectMismatch { return false }
                return true
            }
        }

        /// The program on both ports; in native mode, what lets the hosts take frames from a redirect.
        private func attach(_ step: Step) throws -> [Attachment] {
            guard let function = step.program else { return [] }
            let program = try object.program(function)
            var links: [Attachment] = []
            for host in ["left", "right"] where step.mode == .native {
                let interface = try network.interface(host, "eth0")
                let link = try network.inside(host) { try PassProgram().attachXDP(to: interface, .native) }
                links.append(Attachment(link))
            }
            for port in ["near", "far"] {
                let interface = try network.interface("router", port)
                let link = try network.inside("router") { try program.attachXDP(to: interface, step.mode) }
                links.append(Attachment(link))
            }
            return links
        }

        private func sightings(_ wanted: Tallies, _ step: Step) throws -> Tallies {
            let deadline = Deadline(after: answerTime)
            let frames = step.frames
            let count = { (prefix: String) in
                wanted.counts.filter { $0.key.hasPrefix(prefix) }.values.reduce(0, +)
            }
            // The stack's own ICMP is not looked at: it is limited by time.
            let comes = { (frame: PacketSocket.Frame) in !frame.isOutgoing && frame.bytes[0] & 1 == 0 }
            let isOwn = { (frame: PacketSocket.Frame) in comes(frame) && !Self.isControlMessage(frame.bytes) }
            var all: Tallies = [:]
            let passed = Dictionary(frames.map { ($0.bytes, $0.title) }) { first, _ in first }
            let atPorts = try near.frames(atLeast: count("passed"), until: deadline, where: comes) + far.frames()
            for frame in atPorts where comes(frame) {
                all.add("passed to the stack: \(passed[frame.bytes] ?? PacketForm.frame(frame.bytes))")
            }
            for side in Side.allCases {
                let number = count("\(side.rawValue) got")
                let found =
                    switch side {
                    case .left: try left.frames(atLeast: number, until: deadline, where: isOwn)
                    case .right: try right.frames(atLeast: number, until: deadline, where: isOwn)
                    case .other: try other.frames(atLeast: number, until: deadline, where: isOwn)
                    }
                let arrivals = frames.compactMap { frame in frame.arrival.map { (frame.title, $0.side, $0.bytes) } }
                let known = Dictionary(arrivals.filter { $0.1 == side }.map { ($0.2, $0.0) }) { first, _ in first }
                for frame in found where isOwn(frame) {
                    all.add("\(side.rawValue) got: \(known[frame.bytes] ?? PacketForm.frame(frame.bytes))")
                }
            }
            return all
        }

        private static func isControlMessage(_ frame: [UInt8]) -> Bool {
            guard frame.count > 23 else { return false }
            let type = UInt16(frame[12]) << 8 | UInt16(frame[13])
            return type == 0x0800 && frame[23] == 1 || type == 0x86dd && frame[20] == 58
        }
    }

    /// A link in a list.
    final class Attachment {
        private var link: BPFLink?

        init(_ link: consuming BPFLink) { self.link = consume link }

        func detach() { link = nil }
    }
}
