import LinuxHost
import SampleLab

extension XdpRedirectCpu {
    /// A frame, and what a program must make of it.
    struct Sent: Sendable {
        var title: String
        var bytes: [UInt8]
        var burst: Int?
        var fate: Fate

        enum Fate: Sendable {
            /// A processor gets it, by a slot of the table.
            case queued(Int)
            /// The stack gets it at once.
            case passed
            /// Nobody gets it, and that is counted.
            case dropped
            /// The stack gets it and gives it to nobody.
            case lost
        }

        init(_ title: String, _ bytes: [UInt8], burst: Int? = nil, _ fate: Fate) {
            (self.title, self.bytes, self.burst, self.fate) = (title, bytes, burst, fate)
        }
    }

    static let steps: [Step] =
        [
            Step(description: "always the first", program: "xdp_prognum0_no_touch", frames: kinds(toFirst)),
            Step(
                description: "forty frames at once",
                program: "xdp_prognum0_no_touch",
                frames: [Sent("one of forty", plain, burst: 40, .queued(0))]
            ),
            Step(description: "another map's", program: "xdp_prognum0_no_touch", frames: one, isDeaf: true),
            Step(description: "no processor", program: "xdp_prognum0_no_touch", frames: one, isStray: true),
        ]
        + [
            ("touched", "xdp_prognum1_touch_data", 0), ("one after another", "xdp_prognum2_round_robin", 0),
            ("by protocol", "xdp_prognum3_proto_separate", 1), ("filtered", "xdp_prognum4_ddos_filter_pktgen", 1),
            ("by a hash", "xdp_prognum5_lb_hash_ip_pairs", 0),
        ].map { title, program, slot in
            let frames = [Sent("ARP", frame(0x0806, filling), .queued(slot))]
            return Step(
                description: "no processor, \(title)",
                program: program,
                slot: slot,
                frames: frames,
                isStray: true
            )
        }
        + [
            Step(description: "passed", program: "xdp_prognum0_no_touch", second: "xdp_redirect_cpu_pass", frames: one),
            Step(
                description: "dropped",
                program: "xdp_prognum0_no_touch",
                second: "xdp_redirect_cpu_drop",
                frames: one
            ),
            Step(
                description: "redirected",
                program: "xdp_prognum0_no_touch",
                second: "xdp_redirect_cpu_devmap",
                frames: kinds(toFirst)
            ),
            Step(
                description: "redirected, with a program at the port",
                program: "xdp_prognum0_no_touch",
                second: "xdp_redirect_cpu_devmap",
                frames: one,
                hasEgress: true
            ),
            Step(
                description: "the first, unless the type is a length",
                program: "xdp_prognum1_touch_data",
                frames: [
                    Sent("the greatest length", frame(0x05ff, filling), .dropped),
                    Sent("the least type", frame(0x0600, filling), .queued(0)),
                ] + kinds { $0.bytes[12] < 6 ? .dropped : .queued(0) }
            ),
        ]
        + bySlot("one after another", "xdp_prognum2_round_robin") { _ in
            (0..<7).map { Sent("frame \($0)", plain + [UInt8($0)], .queued($0 % 3)) }
        }
        + bySlot("by protocol", "xdp_prognum3_proto_separate") { byProtocol(of: $0, filters: false) }
        + bySlot("by protocol, but not to port 9", "xdp_prognum4_ddos_filter_pktgen") {
            byProtocol(of: $0, filters: true)
        }
        + bySlot("by a hash", "xdp_prognum5_lb_hash_ip_pairs") { slot in hashed.filter { $0.slot == slot }.map(\.sent) }
        + [Step(description: "detached", frames: [Sent("a frame of 60 bytes", plain, .passed)])]

    private static func bySlot(_ title: String, _ program: String, _ frames: (Int) -> [Sent]) -> [Step] {
        (0..<3).map { Step(description: "\(title), slot \($0)", program: program, slot: $0, frames: frames($0)) }
    }

    private static let plain = RedirectBench.plainFrame.bytes
    private static let one = [Sent("a frame of 60 bytes", plain, .queued(0))]

    private static func toFirst(_ frame: (title: String, bytes: [UInt8])) -> Sent.Fate { .queued(0) }

    private static func kinds(_ fate: ((title: String, bytes: [UInt8])) -> Sent.Fate) -> [Sent] {
        RedirectBench.shortFrames.map { Sent($0.title, $0.bytes, fate($0)) }
    }

    // MARK: Protocols

    /// Frames that must go by a slot; for one of them also those that go nowhere.
    private static func byProtocol(of slot: Int, filters: Bool) -> [Sent] {
        let frames: [(title: String, bytes: [UInt8], slot: Int)] = [
            ("TCP", v4(6, EthernetFrame.tcp(from: 4000, to: 9)), 0),
            ("TCP over IPv6", v6(6, EthernetFrame.tcp(from: 4000, to: 9)), 0),
            ("TCP in a VLAN", v4(6, filling, tags: [(0x8100, 7)]), 0),
            ("TCP in two VLANs", v4(6, filling, tags: [(0x88a8, 7), (0x8100, 8)]), 0),
            ("SCTP", v4(132, filling), 0),
            ("a header of IPv4 cut short", Array(v4(17, filling).prefix(33)), 0),
            ("a header of IPv6 cut short", Array(v6(58, filling).prefix(53)), 0),
            ("UDP", v4(17, EthernetFrame.udp(from: 9, to: 10, filling)), 1),
            ("UDP over IPv6", v6(17, EthernetFrame.udp(from: 4000, to: 9, filling)), 1),
            ("UDP in a VLAN", v4(17, EthernetFrame.udp(from: 4000, to: 265, filling), tags: [(0x8100, 7)]), 1),
            ("a header of UDP cut short", v4(17, [15, 160, 0, 9, 0, 8, 0]), 1),
            // Its source means the first slot, and chooses that of UDP.
            ("ARP", frame(0x0806, filling), 1),
            ("a type that nobody knows", frame(0x88b5, filling), 1),
            ("the least type", frame(0x0600, filling), 1),
            ("ICMP", v4(1, EthernetFrame.echo(filling)), 2),
            ("ICMPv6", v6(58, filling), 2),
            ("ICMPv6 over IPv4", v4(58, filling), 2),
            ("ICMP over IPv6", v6(1, filling), 2),
        ]
        var chosen = frames.filter { $0.slot == slot }.map { Sent($0.title, $0.bytes, .queued($0.slot)) }
        let port9: [(String, [UInt8])] = [
            ("UDP to port 9", v4(17, EthernetFrame.udp(from: 4000, to: 9, filling))),
            (
                "UDP to port 9 in two VLANs",
                v4(17, EthernetFrame.udp(from: 4000, to: 9, []), tags: [(0x88a8, 7), (0x8100, 8)])
            ),
        ]
        if slot == 0 {
            chosen.insert(Sent("a type that is a length", frame(0x05ff, filling), .passed), at: 0)
            chosen.insert(Sent("a VLAN tag cut short", frame(0x8100, [0, 7, 8]), .lost), at: 0)
        }
        if slot == 1 { chosen = port9.map { Sent($0.0, $0.1, filters ? .dropped : .queued(1)) } + chosen }
        return chosen
    }

    private static let filling = (0..<46).map { UInt8($0) }

    private static func frame(_ type: UInt16, _ payload: [UInt8], tags: [(type: UInt16, id: UInt16)] = []) -> [UInt8] {
        EthernetFrame.make(from: EthernetFrame.sender, to: EthernetFrame.receiver, tags: tags, type: type, payload)
    }

    private static func v4(
        _ proto: UInt8,
        _ payload: [UInt8],
        from: IPv4Address = IPv4Address(10, 0, 0, 2),
        to: IPv4Address = IPv4Address(10, 0, 0, 1),
        tags: [(type: UInt16, id: UInt16)] = []
    ) -> [UInt8] {
        frame(0x0800, EthernetFrame.ipv4(from: from, to: to, proto: proto, payload), tags: tags)
    }

    private static func v6(_ next: UInt8, _ payload: [UInt8], from: UInt16 = 2, to: UInt16 = 1) -> [UInt8] {
        frame(0x86dd, EthernetFrame.ipv6(from: address(from), to: address(to), next: next, payload))
    }

    private static func address(_ last: UInt16) -> [UInt8] {
        IPv6Address(0xfd00, 0x1234, last, 0xffff, 1, 2, 0xabcd, last).bytes
    }

    // MARK: Hashes

    private static let hashed: [(slot: Int, sent: Sent)] = {
        var all: [(String, [UInt8], UInt32)] = []
        for last: UInt8 in 1...6 {
            let (one, other) = (IPv4Address(10, 9, last, 200), IPv4Address(192, 168, 7, last &* 41))
            let proto: UInt8 = last.isMultiple(of: 2) ? 6 : 17
            let hash = FrameHash.of(words(one.bytes) &+ words(other.bytes), proto)
            all.append(("IPv4 \(last)", v4(proto, filling, from: one, to: other), hash))
            all.append(("IPv4 \(last) back", v4(proto, filling, from: other, to: one), hash))
            let (left, right) = (UInt16(last) * 1000, UInt16(last) * 77)
            let sum = words(address(left)) &+ words(address(right))
            all.append(("IPv6 \(last)", v6(proto, filling, from: left, to: right), FrameHash.of(sum, proto)))
            all.append(("IPv6 \(last) back", v6(proto, filling, from: right, to: left), FrameHash.of(sum, proto)))
        }
        all.append(("ARP", frame(0x0806, filling), 0))
        all.append(("a header of IPv4 cut short", Array(v4(17, filling).prefix(33)), 0))
        return all.map { (Int($0.2 % 3), Sent($0.0, $0.1, .queued(Int($0.2 % 3)))) }
    }()

    /// The sum of an address's words, as this machine reads them from memory.
    private static func words(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 4).reduce(0) {
                $0 &+ bytes.loadUnaligned(fromByteOffset: $1, as: UInt32.self)
            }
        }
    }
}

/// The hash by which a processor is chosen: Paul Hsieh's, of one word.
enum FrameHash {
    /// Hashes the sum of two addresses, beginning with the protocol's number and a prime.
    static func of(_ sum: UInt32, _ proto: UInt8) -> UInt32 {
        var hash = 15_485_863 &+ UInt32(proto) &+ (sum & 0xffff)
        hash = hash << 16 ^ ((sum >> 16) << 11 ^ hash)
        hash = hash &+ hash >> 11
        for (left, right) in [(3, 5), (4, 17), (25, 6)] {
            hash ^= hash << UInt32(left)
            hash = hash &+ hash >> UInt32(right)
        }
        return hash
    }
}
