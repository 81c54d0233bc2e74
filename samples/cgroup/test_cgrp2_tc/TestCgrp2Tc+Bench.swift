import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension TestCgrp2Tc {
    /// Two hosts, the program at the egress of one, and sockets of this one in four cgroups.
    final class Bench {
        private let object: LoadedObject
        private let network: Network
        private let map: BPFMap
        private let cgroups: [Place: ControlGroup]
        private var senders: [Place: Sender] = [:]
        private let asking: Box
        private let quiet: Box
        private let wire: PacketSocket
        private var isAttached = false
        private let patience = Patience()
        private let recorder: PrintRecorder

        private final class Box {
            let socket: InternetSocket
            init(_ family: SocketKind.Family, _ proto: CInt) throws {
                socket = try InternetSocket(SocketKind(family, .datagram, proto))
            }
        }

        /// The sockets of a cgroup.
        private final class Sender {
            let echo6: Box
            let echo4: Box
            let datagram6: Box
            let frames: PacketSocket

            init(_ interface: Interface) throws {
                echo6 = try Box(.inet6, 58)
                echo4 = try Box(.inet, 1)
                datagram6 = try Box(.inet6, 17)
                frames = try PacketSocket(on: interface)
            }
        }

        private static let topology = Topology(
            hosts: [.init("near"), .init("far")],
            links: [
                .init(
                    .init("near", "eth0", ["10.1.0.1/24", "fd01::1/64"]),
                    .init("far", "eth0", ["10.1.0.2/24", "fd01::2/64"])
                )
            ]
        )
        private static let far4 = InternetAddress.v4(IPv4Address(10, 1, 0, 2))
        private static let far6 = InternetAddress.v6(IPv6Address(0xfd01, 0, 0, 0, 0, 0, 0, 2))
        private static let near6 = InternetAddress.v6(IPv6Address(0xfd01, 0, 0, 0, 0, 0, 0, 1))
        private static let port: UInt16 = 4000
        /// What asks the kernel of the near host for an answer.
        private static let question: [UInt8] = [0xc6, 0x93, 0x77]
        private static let marker = EthernetFrame.make(
            from: HardwareAddress(local: 0xc5ff),
            to: HardwareAddress(local: 0x102),
            type: 0x88b5,
            [UInt8](repeating: 0x6d, count: 46)
        )

        init(_ arena: borrowing Arena) throws {
            let network = try Self.topology.build()
            for host in ["near", "far"] { try network.inside(host) { try SocketKind.allowEchoDatagrams() } }
            let object = try arena.loadObject()
            let interface = try network.interface("near", "eth0")
            try network.configure("near") { try $0.addFilterQueue(to: interface) }
            let inside = arena.cgroup.child("inside")
            cgroups = [
                .above: arena.cgroup, .inside: inside, .below: inside.child("below"),
                .beside: arena.cgroup.child("beside"),
            ]
            asking = try network.inside("far") { try Box(.inet6, 58) }
            quiet = try network.inside("far") { try Box(.inet6, 17) }
            try quiet.socket.bind(to: Self.far6, port: Self.port)
            wire = try network.capture("far", "eth0")
            map = try object.map("test_cgrp2_array_pin")
            try ProcessNumbers.requireInitialNamespace()
            recorder = try arena.recordPrints()
            self.object = object
            self.network = network
            for place in [Place.inside, .below, .beside, .above] {
                guard let cgroup = cgroups[place] else { continue }
                if place != .above { try cgroup.create() }
                try cgroup.enter()
                senders[place] = try network.inside("near") { try Sender(interface) }
            }
        }

        /// Puts into the array, or takes out, what a step says; attaches or detaches the program.
        func set(_ step: Step) throws {
            if let content = step.content, let cgroup = try cgroups[content]?.open() {
                try map.update(UInt32(0), cgroup.number)
            } else {
                // Which is refused where it is empty.
                _ = RawEntry.delete(map.descriptor, 0)
            }
            guard step.isAttached != isAttached else { return }
            isAttached = step.isAttached
            let interface = try network.interface("near", "eth0")
            let program = try object.program("handle_egress")
            try network.configure("near") { routes in
                if step.isAttached {
                    try program.attachFilter(to: interface, at: .egress, by: &routes)
                } else {
                    try routes.removeFilter(from: interface, at: .egress)
                }
            }
        }

        /// Sends everything once, and says what arrives.
        func exchange() throws -> Tallies {
            var found: Tallies = [:]
            _ = try recorder.take()
            for (number, place) in Place.allCases.enumerated() {
                guard let sender = senders[place] else { continue }
                for message in CgroupMessage.allCases where try !send(message, UInt8(number), by: sender) {
                    found.add("\(place): refused \(message.rawValue)")
                }
            }
            _ = try senders[.above]?.frames.offer(Self.marker)
            found = found + (try printed())
            // The answer is sent while the question is received.
            _ = asking.socket.offer([128, 0, 0, 0, 0, 0, 0, 1] + Self.question, to: Self.near6, port: 0)
            if try patience.wait({ try asking.socket.receive(until: $0) }) != nil { found.add("the kernel's answers") }
            for frame in try wire.frames(atLeast: 1, until: patience.deadline, where: { $0.bytes == Self.marker })
            where !frame.isOutgoing {
                if let title = title(of: frame.bytes) { found.add(title) }
            }
            for sender in senders.values {
                for box in [sender.echo4, sender.echo6] { _ = try box.socket.receiveAll() }
            }
            _ = try quiet.socket.receiveAll()
            return found
        }

        /// What was printed of what this thread has sent, while it sent it.
        private func printed() throws -> Tallies {
            let recording = try recorder.take()
            var found: Tallies = [:]
            for line in recording.lines where line.thread == ProcessNumbers.thread {
                // Hosts report their groups behind such a header, whenever a timer of the kernel's comes, whoever runs then.
                if line.text == CgroupMessage.behind.remark { continue }
                found.add("printed: \(line.text)")
            }
            if recording.isTorn { found.add("printed: more than was recorded") }
            return found
        }

        /// Sends a message.
        ///
        /// - Returns: Whether the kernel took a frame; what it says of other messages differs between protocols.
        private func send(_ message: CgroupMessage, _ number: UInt8, by sender: Sender) throws -> Bool {
            let payload = message.payload(from: number)
            switch message {
            case .echo6, .longEcho6:
                _ = sender.echo6.socket.offer([128, 0, 0, 0, 0, 0, 0, 1] + payload, to: Self.far6, port: 0)
            case .echo4: _ = sender.echo4.socket.offer([8, 0, 0, 0, 0, 0, 0, 1] + payload, to: Self.far4, port: 0)
            case .datagram6: _ = sender.datagram6.socket.offer(payload, to: Self.far6, port: Self.port)
            default: return try sender.frames.offer(message.frame(from: number))
            }
            return true
        }

        /// What a frame is that has arrived; `nil` for what hosts say on their own, such as which groups they are members of.
        private func title(of bytes: [UInt8]) -> String? {
            if bytes == Self.marker { return "the frame behind all others" }
            if let (kind, number) = CgroupMessage.sender(of: bytes), Place.allCases.indices.contains(Int(number)) {
                let headers = 14 + (kind == .echo4 ? 20 : 40) + 8
                let isWhole = bytes.dropFirst(headers).elementsEqual(kind.payload(from: number))
                return "\(Place.allCases[Int(number)]): \(kind.rawValue)\(isWhole ? "" : ", changed")"
            }
            for (number, place) in Place.allCases.enumerated() {
                for message in CgroupMessage.allCases where message.isFrame {
                    let sent = message.frame(from: UInt8(number))
                    guard sent[6..<12] == bytes.prefix(12).suffix(6) else { continue }
                    return "\(place): \(message.rawValue)\(bytes == sent ? "" : ", changed")"
                }
            }
            return nil
        }
    }
}
