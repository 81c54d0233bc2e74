import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Counts packets at an interface by IP protocol, with a program that its user half writes as instructions.
struct SockExample: SteppedSample {
    static let manifest = Manifest(
        summary: "a socket filter of a dozen instructions counts packets by IP protocol in an array",
        oracle:
            "frames of five protocols, coming in and going out, on each of up to four processors, count once each under the byte where "
            + "IPv4 has its protocol, also where the count passes 2^32, and a frame that ends before that byte does not; the "
            + "filtered socket receives none of them",
        instructions: KernInstructions(
            maps: [.init("counts", MapShape(.array, value: 8, capacity: 256))],
            programs: [
                .init(
                    "count",
                    .socketFilter,
                    [
                        .move(.r6, .r1),
                        // The protocol in the header of IPv4 behind that of Ethernet; a shorter packet ends the program with 0.
                        .loadPacket(at: 23, width: .byte),
                        .store(.r0, at: .r10, -4, width: .word),
                        .move(.r2, .r10),
                        .add(.r2, -4),
                        .move(.r1, map: 0),
                        .upperHalf(of: 0),
                        .call(.mapLookup),
                        .jump(over: 2, if: .r0, .equal, 0),
                        .move(.r1, 1),
                        .atomicAdd(.r1, at: .r0, 0),
                        .move(.r0, 0),
                        .exit,
                    ]
                )
            ]
        ),
        programTypes: ["SOCKET_FILTER"],
        needs: .bpf + .veth + ["CONFIG_INET", "CONFIG_NET_NS"]
    )

    /// Frames of some protocols.
    struct Step: CustomStringConvertible, Sendable {
        var description: String
        /// How many frames the first processor sends, by the byte that is counted.
        var frames: [UInt8: Int]
        var comesIn = true
        /// Whether the frames end before that byte.
        var isCut = false
    }

    static let steps = [
        Step(description: "frames that come in", frames: [1: 5, 6: 3, 17: 7, 0: 2, 255: 4]),
        Step(description: "frames that go out", frames: [1: 2, 17: 6], comesIn: false),
        Step(description: "frames of 23 bytes", frames: [1: 3], isCut: true),
        Step(description: "more than a thousand frames", frames: [47: 1025]),
    ]

    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 1], [SenderProcessors.fact: 4]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        // Each processor sends another number.
        let rounds = (0..<facts[SenderProcessors.fact]).map { $0 + 1 }.reduce(0, +)
        return step.isCut ? [:] : Tallies(step.frames, prefix: "protocol ") * rounds
    }

    /// Two hosts, and the filter before a socket of the second.
    final class Bench {
        let loaded: LoadedInstructions
        let sender: PacketSocket
        let receiver: PacketSocket
        let filtered: PacketSocket
        /// Sends from the receiver: no packet socket sees what it sends itself.
        let answering: PacketSocket
        let topology = Topology(
            hosts: [.init("sender", usesIPv6: false), .init("receiver", usesIPv6: false)],
            links: [.init(.init("sender", "eth0"), .init("receiver", "eth0"))]
        )
        private let network: Network

        init(_ arena: borrowing Arena) throws {
            let loaded = try arena.loadInstructions()
            let network = try topology.build()
            sender = try network.capture("sender", "eth0")
            receiver = try network.capture("receiver", "eth0")
            filtered = try network.capture("receiver", "eth0")
            answering = try network.capture("receiver", "eth0")
            try loaded.program("count").attachFilter(to: filtered.descriptor)
            self.loaded = loaded
            self.network = network
        }
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        let map = try bench.loaded.map("counts")
        // Every count passes 2^32.
        let start = 1 << 32 - 1
        for proto in step.frames.keys { try map.update(UInt32(proto), start) }
        let grown = {
            try map.entries(UInt32.self, Int.self).map { proto, count in
                (proto, step.frames[UInt8(truncatingIfNeeded: proto)] == nil ? count : count &- start)
            }
        }
        var wanted = 0
        try arena.stimulate {
            try SenderProcessors.each { _, rank in
                for (proto, count) in step.frames {
                    let frame = Self.frame(proto, isCut: step.isCut)
                    for _ in 0..<count * (rank + 1) {
                        try step.comesIn ? bench.sender.send(frame) : bench.answering.send(frame)
                    }
                    wanted += count * (rank + 1)
                }
                SenderProcessors.settle()
            }
        }
        // Whoever sees all frames here knows that the filter has seen them too, or is about to.
        let isSent = { (frame: PacketSocket.Frame) in frame.isOutgoing != step.comesIn }
        _ = try bench.receiver.frames(atLeast: wanted, where: isSent)
        if step.isCut { wanted = 0 }
        _ = try Deadline(after: answerTime).poll(everyMilliseconds: 1) {
            try grown().map(\.1).reduce(0, &+) >= wanted
        }
        var found: Tallies = [:]
        for (proto, count) in try grown() where count != 0 { found.add("protocol \(proto)", count) }
        for proto in step.frames.keys { try map.update(UInt32(proto), 0) }
        // The program returns 0, which keeps every frame from its socket.
        for _ in try bench.filtered.frames() { found.add("received by the filtered socket") }
        return found
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }

    private static func frame(_ proto: UInt8, isCut: Bool) -> [UInt8] {
        let packet = EthernetFrame.ipv4(
            from: IPv4Address(10, 1, 0, 1),
            to: IPv4Address(10, 1, 0, 2),
            proto: proto,
            [UInt8](repeating: 0x55, count: 40)
        )
        let frame = EthernetFrame.make(
            from: HardwareAddress(local: 1),
            to: HardwareAddress(local: 2),
            type: 0x88b5,
            packet
        )
        return isCut ? Array(frame.prefix(23)) : frame
    }
}
