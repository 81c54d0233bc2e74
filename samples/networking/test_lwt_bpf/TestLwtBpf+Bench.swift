import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension TestLwtBpf {
    /// A router between two hosts, whose routes to one of them have a program.
    final class Bench {
        private static let topology = Topology(
            hosts: [.init("router", forwards: true), .init("left"), .init("right")],
            links: [
                .init(
                    .init("router", "near", ["10.1.0.1/24", "fd01::1/64"], index: TestLwtBpf.near),
                    .init("left", "eth0", ["10.1.0.2/24", "fd01::2/64"])
                ),
                .init(
                    .init("router", "far", ["10.2.0.1/24", "fd02::1/64"], index: TestLwtBpf.far),
                    .init("right", "eth0", ["10.2.0.2/24", "fd02::2/64"])
                ),
            ]
        )
        private static let routes: [Topology.Route] = [
            .init("192.168.254.0/24", via: "10.2.0.2", through: "far"),
            .init("fd09::/64", via: "fd02::2", through: "far"),
        ]
        /// Frames are handed to it, so that this thread does all that the router does with them.
        private static let receiving = KernInstructions(programs: [.init("pass", .xdp, [.move(.r0, 2), .exit])])

        private let network: Network
        private let near: Interface
        private let right: PacketSocket
        private let loopback: PacketSocket
        private let sender: PacketSender
        private let programs: LoadedInstructions
        private let receiver: HeldLink
        private let recorder: PrintRecorder
        /// The name of this thread, by which its lines are told from others': its number may be another one in a container.
        private let name = "lwt-\(Hexadecimal.text(UInt32.random(in: 0...UInt32.max)))"
        /// Whether something was missing in a step: what is broken is not waited for again.
        private var isBroken = false

        init(_ arena: borrowing Arena) throws {
            let network = try Self.topology.build()
            let programs = try Self.receiving.load(name: "the program that takes frames")
            let near = try network.interface("router", "near")
            receiver = HeldLink(
                try network.inside("router") { try programs.program("pass").attachXDP(to: near, .native) }
            )
            right = try network.capture("right", "eth0")
            loopback = try network.capture("router", "lo")
            sender = try network.sender("router")
            try SmallFile.write(name, to: "/proc/thread-self/comm")
            recorder = try arena.recordPrints()
            self.near = near
            self.programs = programs
            self.network = network
        }

        /// Gives the routes a step's program, sends all packets on each processor, and says what came of them.
        func expose(to step: Step, in arena: borrowing Arena) throws -> Tallies {
            if isBroken { return [:] }
            let opened = try arena.openObject()
            for program in opened.programs { try program.setAutoload(program.name == step.program?.effect.rawValue) }
            if let (effect, hook) = step.program { try opened.program(effect.rawValue).setType(for: hook) }
            let object = try opened.load()
            let hooked = try step.program.map {
                RouteProgram($0.hook, try object.program($0.effect.rawValue).descriptor)
            }
            for route in Self.routes {
                // The kernel tells programs of routes by their names only, and keeps a route that it takes for the same.
                try network.setRoute(on: "router", route)
                if let hooked { try network.setRoute(on: "router", route, program: hooked) }
            }
            // From here on the routes hold it.
            withExtendedLifetime(object) {}
            let packets = Packet.sent(step)
            var found: Tallies = [:]
            var rounds = 0
            _ = try recorder.take()
            try arena.stimulate {
                try SenderProcessors.each { _, _ in
                    for packet in packets {
                        if let answer = try send(packet) { found.add("refused (\(answer)): \(packet.title)") }
                    }
                    SenderProcessors.settle()
                    rounds += 1
                }
            }
            for line in try recorder.take().whole() where line.task == name { found.add("printed: \(line.text)") }
            found = found + (try arrivals(packets, step, rounds))
            let wanted = TestLwtBpf.expected(step, [SenderProcessors.fact: rounds])
            isBroken = !arena.isControl && found != wanted
            return found
        }

        /// Sends a packet; says with what the kernel refused it.
        private func send(_ packet: Packet) throws -> String? {
            if packet.isLocal {
                do throws(SystemCallError) {
                    try sender.send(packet.bytes, to: .v4(Packet.target))
                    return nil
                } catch {
                    return error.answer
                }
            }
            let frame = Self.frame(from: ("left", "eth0"), to: ("router", "near"), packet.isV4, packet.bytes)
            try network.inside("router") { try programs.program("pass").receive(frame, from: near, count: 1) }
            return nil
        }

        private static func frame(
            from source: (host: String, interface: String),
            to target: (host: String, interface: String),
            _ isV4: Bool,
            _ packet: [UInt8]
        ) -> [UInt8] {
            let hardware = { (end: (host: String, interface: String)) in
                topology.hardware(end.host, end.interface) ?? HardwareAddress(local: 0)
            }
            return EthernetFrame.make(
                from: hardware(source),
                to: hardware(target),
                type: isV4 ? 0x0800 : 0x86dd,
                packet
            )
        }

        /// What came in at the host behind the router, and at the router's loopback device.
        private func arrivals(_ packets: [Packet], _ step: Step, _ rounds: Int) throws -> Tallies {
            let deadline = Deadline(after: answerTime)
            let outcomes = packets.map { ($0.title, $0.isV4, $0.outcome(step)) }
            let arriving = outcomes.compactMap { title, isV4, outcome in
                outcome.arrival.map {
                    (Self.frame(from: ("router", "far"), to: ("right", "eth0"), isV4, $0), "arrived: \(title)")
                }
            }
            let redirected = outcomes.compactMap { title, _, outcome in
                outcome.redirected.map { ($0, "redirected: \(title)") }
            }
            let comes = { (frame: PacketSocket.Frame) in !frame.isOutgoing && frame.bytes[0] & 1 == 0 }
            var found: Tallies = [:]
            let atRight = try right.frames(atLeast: arriving.count * rounds, until: deadline, where: comes)
            let atLoopback = try loopback.frames(atLeast: redirected.count * rounds, until: deadline, where: comes)
            for (frames, known, place) in [(atRight, arriving, "arrived"), (atLoopback, redirected, "redirected")] {
                let titles = Dictionary(known) { first, _ in first }
                for frame in frames where comes(frame) {
                    found.add(titles[frame.bytes] ?? "\(place): \(PacketForm.frame(frame.bytes))")
                }
            }
            // A device's own end sees what it sends, too.
            let titles = Dictionary(redirected) { first, _ in first }
            for frame in atLoopback where frame.isOutgoing {
                found.add("sent, \(titles[frame.bytes] ?? PacketForm.frame(frame.bytes))")
            }
            return found
        }
    }
}
