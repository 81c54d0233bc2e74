import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension Xdp2skbMeta {
    /// A frame that is sent.
    struct Frame: Sendable {
        var title: String
        var bytes: [UInt8]
        /// The EtherType that the kernel takes it for.
        var type: UInt16

        private init(_ title: String, _ type: UInt16, _ payload: [UInt8]) {
            self.title = title
            self.type = type
            bytes = EthernetFrame.make(from: EthernetFrame.sender, to: EthernetFrame.receiver, type: type, payload)
        }

        /// Frames of every kind, each with bytes of its own.
        static let all: [Self] =
            [60, 61, 98, 999, 1514].map { size in Self("UDP in \(size) bytes", 0x0800, udp(size - 42)) }
            + [
                Self("TCP", 0x0800, packet4(6, EthernetFrame.tcp(from: 4000, to: 9))),
                Self("ICMP", 0x0800, packet4(1, EthernetFrame.echo(filling(56)))),
                Self("UDP over IPv6", 0x86dd, packet6(17, EthernetFrame.udp(from: 4000, to: 9, filling(64)))),
                Self("IPv6 in 1514 bytes", 0x86dd, packet6(253, filling(1460))),
                Self("ARP", 0x0806, [0, 1, 8, 0, 6, 4, 0, 1] + filling(38)),
                Self("a frame without a payload", 0x88b6, []),
                Self("one byte of payload", 0x88b6, [0xff]),
                tagged,
            ]

        /// Those that a kernel runs a program on without a device.
        static let whole: [Self] = all.filter { ($0.type == 0x0800 || $0.type == 0x86dd) && $0.bytes.count >= 60 }

        /// A frame in a VLAN tag, which the kernel takes out of it.
        private static let tagged: Self = {
            var frame = Self("UDP in a VLAN tag", 0x0800, udp(65))
            frame.bytes.insert(contentsOf: [0x81, 0, 0, 5], at: 12)
            return frame
        }()

        /// The frame without that tag.
        var untagged: [UInt8] { bytes[12..<14] == [0x81, 0] ? Array(bytes[0..<12] + bytes[16...]) : bytes }

        private static func udp(_ size: Int) -> [UInt8] {
            packet4(17, EthernetFrame.udp(from: UInt16(4000 + size), to: 9, filling(size)))
        }

        private static func packet4(_ proto: UInt8, _ payload: [UInt8]) -> [UInt8] {
            EthernetFrame.ipv4(from: IPv4Address(10, 0, 0, 2), to: IPv4Address(10, 0, 0, 1), proto: proto, payload)
        }

        private static func packet6(_ next: UInt8, _ payload: [UInt8]) -> [UInt8] {
            let address = { (last: UInt16) in IPv6Address(0xfd00, 0, 0, 0, 0, 0, 0, last).bytes }
            return EthernetFrame.ipv6(from: address(2), to: address(1), next: next, payload)
        }

        private static func filling(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(($0 + 1) & 255) } }
    }

    /// A pair of devices, and sockets that see what traffic control let through by its marks.
    final class Bench {
        private let object: LoadedObject
        private let pair: VethPair
        private var routes: RouteSocket
        private let sender: PacketSocket
        private let last: LastFilter
        private let foreign: LoadedInstructions
        private var eyes: [Eye] = []
        /// Whether something was missing in a step: what is broken is not waited for again.
        private var isBroken = false

        init(_ arena: borrowing Arena) throws {
            let object = try arena.loadObject()
            let pair = try VethPair()
            var routes = try RouteSocket()
            try routes.addFilterQueue(to: pair.near)
            sender = try PacketSocket(on: pair.far)
            try sender.mark(Xdp2skbMeta.sent)
            last = try LastFilter()
            foreign = try KernInstructions(programs: [Self.foreign]).load(name: "another program")
            let marks: [UInt32] = [0, 41, 42, Xdp2skbMeta.sent, Xdp2skbMeta.other]
            for type in Set(Frame.all.map(\.type)) {
                for mark in marks { eyes.append(try Eye("mark \(mark)", on: pair.near, type, [mark])) }
                eyes.append(try Eye("another mark", on: pair.near, type, marks, isKept: false))
            }
            self.object = object
            self.pair = pair
            self.routes = routes
        }

        /// Runs some of the programs, sends all frames, and says with which marks they arrived.
        func expose(
            to mode: BPFProgram.XDPMode?,
            _ classifier: Bool,
            isForeign: Bool = false,
            in arena: borrowing Arena
        ) throws -> Tallies {
            let link = try mode.map { mode in
                isForeign
                    ? Attachment(try foreign.program("foreign").attachXDP(to: pair.near, mode))
                    : Attachment(try object.program("_xdp_mark").attachXDP(to: pair.near, mode))
            }
            if classifier {
                try object.program("_tc_mark").attachFilter(to: pair.near, at: .ingress, by: &routes)
                try last.add(to: pair.near, at: .ingress, by: &routes)
            }
            var all: Tallies = [:]
            var sent = 0
            try arena.stimulate {
                try SenderProcessors.each { _, rank in
                    for _ in 0...rank where !isBroken {
                        for frame in Frame.all { try sender.send(frame.bytes) }
                        sent += Frame.all.count
                        isBroken = try !Deadline(after: answerTime).poll(everyMilliseconds: 1) {
                            for eye in eyes { all = all + (try eye.look()) }
                            return all.counts.values.reduce(0, +) >= sent
                        }
                    }
                    SenderProcessors.settle()
                }
            }
            link?.detach()
            if classifier {
                try last.remove(from: pair.near, at: .ingress, by: &routes)
                try routes.removeFilter(from: pair.near, at: .ingress)
            }
            for eye in eyes { all = all + (try eye.look()) }
            return all
        }

        /// Puts two numbers in front of a packet.
        ///
        /// `if (bpf_xdp_adjust_meta(ctx, -8)) return XDP_PASS; meta = ctx->data_meta; if (meta + 8 > ctx->data) return XDP_PASS;`
        /// `meta[0] = other; meta[1] = 7; return XDP_PASS;`
        private static let foreign = KernInstructions.Program(
            "foreign",
            .xdp,
            [
                .move(.r6, .r1),
                .move(.r2, -8),
                .call(Helper(rawValue: 54)),  // bpf_xdp_adjust_meta
                .jump(over: 7, if: .r0, .notEqual, 0),
                .load(.r2, from: .r6, 8, width: .word),
                .load(.r3, from: .r6, 0, width: .word),
                .move(.r4, .r2),
                .add(.r4, 8),
                .jump(over: 2, if: .r4, .greater, .r3),
                .store(Int32(bitPattern: Xdp2skbMeta.other), at: .r2, 0, width: .word),
                .store(7, at: .r2, 4, width: .word),
                .move(.r0, 2),
                .exit,
            ]
        )

        /// The XDP program.
        func mark() throws -> BPFProgram { try object.program("_xdp_mark") }

        /// Asks both programs about frames that no device has seen.
        func runAlone(in arena: borrowing Arena) throws -> Tallies {
            var all: Tallies = [:]
            try arena.stimulate {
                for frame in Frame.whole {
                    all.add("XDP answers \(try object.program("_xdp_mark").run(on: frame.bytes))")
                    all.add("traffic control answers \(try object.program("_tc_mark").run(on: frame.bytes))")
                }
            }
            return all
        }
    }

    /// A socket that sees frames of one EtherType with some marks.
    private final class Eye {
        private let name: String
        private let socket: PacketSocket

        init(
            _ name: String,
            on interface: Interface,
            _ type: UInt16,
            _ marks: [UInt32],
            isKept: Bool = true
        ) throws(SystemCallError) {
            self.name = name
            socket = try PacketSocket(on: interface, type: type)
            try socket.select(marks: marks, isKept: isKept)
        }

        /// What has come.
        func look() throws(SystemCallError) -> Tallies {
            var found: Tallies = [:]
            for frame in try socket.frames() {
                let known = Frame.all.first { $0.bytes == frame.bytes || $0.untagged == frame.bytes }
                found.add("\(name): \(known?.title ?? PacketForm.frame(frame.bytes))")
            }
            return found
        }
    }

    /// A link in an optional.
    private final class Attachment {
        private var link: BPFLink?

        init(_ link: consuming BPFLink) { self.link = consume link }

        func detach() { link = nil }
    }
}
