import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension LwtLenHist {
    /// Two hosts with a wide and a narrow link, and the object whose program is on some of the routes.
    final class Bench {
        private let network: Network
        private let object: LoadedObject
        private let raw: PacketSender
        private let datagrams4: DatagramSender
        private let datagrams6: DatagramSender
        private let wide: PacketSocket
        private let narrow: PacketSocket
        /// The packets that were sent or looked for, by their targets and lengths: the long ones take long to make.
        private var packets: [String: [UInt8]] = [:]

        private static let topology = Topology(
            hosts: [
                .init(
                    "sender",
                    routes: [
                        .init("10.7.0.0/24", via: "10.1.0.2", through: "wide"),
                        .init("fd07::/64", via: "fd01::2", through: "wide"),
                    ]
                ),
                .init("receiver"),
            ],
            links: [
                .init(
                    .init("sender", "wide", ["10.1.0.1/24", "fd01::1/64"]),
                    .init("receiver", "wide", ["10.1.0.2/24", "fd01::2/64"]),
                    mtu: 65535
                ),
                .init(
                    .init("sender", "narrow", ["10.2.0.1/24", "fd02::1/64"]),
                    .init("receiver", "narrow", ["10.2.0.2/24", "fd02::2/64"])
                ),
            ]
        )

        /// The routes that have the program.
        private static let counted: [Topology.Route] = [
            .init("10.9.0.0/24", via: "10.1.0.2", through: "wide"),
            .init("fd09::/64", via: "fd01::2", through: "wide"),
            .init("10.8.0.0/24", via: "10.2.0.2", through: "narrow"),
            .init("fd08::/64", via: "fd02::2", through: "narrow"),
        ]

        init(_ arena: borrowing Arena) throws {
            let opened = try arena.openObject()
            try opened.program("do_len_hist").setType(for: .output)
            let object = try opened.load()
            let program = RouteProgram(.output, try object.program("do_len_hist").descriptor)
            let network = try Self.topology.build()
            for route in Self.counted { try network.setRoute(on: "sender", route, program: program) }
            raw = try network.sender("sender")
            datagrams4 = try network.datagrams("sender", from: "10.2.0.1", port: 4000)
            datagrams6 = try network.datagrams("sender", from: "fd02::1", port: 4000)
            wide = try network.capture("receiver", "wide")
            narrow = try network.capture("receiver", "narrow")
            self.object = object
            self.network = network
        }

        /// Sends a packet of so many bytes from its IP header on.
        func send(_ bytes: Int, _ step: Step) throws {
            switch step.target {
            case _ where !step.isCut: try raw.send(packet(bytes, to: step.target), to: step.target)
            case .v4: try datagrams4.send(Self.filling(bytes - 28), to: step.target, port: 9)
            case .v6: try datagrams6.send(Self.filling(bytes - 48), to: step.target, port: 9)
            }
        }

        /// Lets every count of the histogram begin at a number.
        func begin(at start: Int) throws {
            let map = try object.map("lwt_len_hist_map")
            for key in UInt64(0)..<16 { try map.updatePerCPU(key, start) }
        }

        /// What the histogram holds by now, which is then emptied; nothing is 0 that has no entry.
        func counts(since start: Int) throws -> Tallies {
            let map = try object.map("lwt_len_hist_map")
            var values: [String: [Int]] = [:]
            for key in try map.keys(as: UInt64.self) {
                values["2^\(key)"] = try map.lookupPerCPU(key, as: Int.self)?.map { $0 &- start } ?? []
                try map.delete(key)
            }
            return try SenderProcessors.tallies(values)
        }

        /// What came in at the receiver.
        func arrivals(_ step: Step, atLeast count: Int) throws -> Tallies {
            let isOfStep = { (frame: PacketSocket.Frame) in !frame.isOutgoing && frame.bytes[0] & 1 == 0 }
            let frames =
                step.isCut
                ? try narrow.frames(atLeast: count, where: isOfStep) : try wide.frames(atLeast: count, where: isOfStep)
            var found: Tallies = [:]
            for frame in frames where isOfStep(frame) {
                let packet = Array(frame.bytes[14...])
                let isSame = step.isCut || Self.bare(packet) == Self.bare(self.packet(packet.count, to: step.target))
                found.add("arrived\(isSame ? "" : " changed"): \(packet.count) bytes")
            }
            return found
        }

        /// A packet that the receiver takes and nobody answers: its address is not there, its protocol is for experiments.
        private func packet(_ bytes: Int, to target: InternetAddress) -> [UInt8] {
            let name = "\(target) \(bytes)"
            if let packet = packets[name] { return packet }
            let packet = Self.made(bytes, to: target)
            packets[name] = packet
            return packet
        }

        private static func made(_ bytes: Int, to target: InternetAddress) -> [UInt8] {
            switch target {
            case .v4(let address):
                EthernetFrame.ipv4(from: IPv4Address(10, 1, 0, 1), to: address, proto: 253, filling(bytes - 20))
            case .v6(let address):
                EthernetFrame.ipv6(
                    from: [0xfd, 0x01] + [UInt8](repeating: 0, count: 13) + [1],
                    to: address.bytes,
                    next: 253,
                    filling(bytes - 40)
                )
            }
        }

        /// A packet without what the kernel fills in: IPv4's identification, and the checksum that covers it.
        private static func bare(_ packet: [UInt8]) -> [UInt8] {
            guard packet.count >= 20, packet[0] >> 4 == 4 else { return packet }
            var bare = packet
            for place in [4, 5, 10, 11] { bare[place] = 0 }
            return bare
        }

        private static func filling(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 & 255) } }
    }
}
