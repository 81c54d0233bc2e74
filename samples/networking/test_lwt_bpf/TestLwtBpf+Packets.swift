import LinuxHost
import SampleLab

extension TestLwtBpf {
    /// A packet for a host behind the router.
    struct Packet: Sendable {
        var title: String
        /// From its IP header on.
        var bytes: [UInt8]
        /// Whether the router sends it itself.
        var isLocal = false

        var isV4: Bool { bytes[0] >> 4 == 4 }

        /// What comes of a packet.
        struct Outcome {
            var printed: [String] = []
            /// What the host behind the router gets, from the IP header on.
            var arrival: [UInt8]?
            /// What the router's loopback device gets, whole.
            var redirected: [UInt8]?
            var isRefused = false

            func tallies(_ title: String) -> Tallies {
                var all: Tallies = [:]
                for line in printed { all.add("printed: \(line)") }
                if arrival != nil { all.add("arrived: \(title)") }
                if redirected != nil {
                    all.add("sent, redirected: \(title)")
                    all.add("redirected: \(title)")
                }
                if isRefused { all.add("refused (EPERM): \(title)") }
                return all
            }
        }
    }
}

extension TestLwtBpf.Packet {
    typealias Step = TestLwtBpf.Step

    /// The packets of a step.
    static func sent(_ step: Step) -> [Self] {
        // How far the kernel is with its own packets when they go out is for its version to say; so is what it answers where a redirect
        // fails, and what it does not send it does not receive.
        let isLocalKnown =
            switch step.program {
            case (.context, .output)?, (.garbageAndRedirect, _)?, (_, .input)?: false
            default: true
            }
        return isLocalKnown ? forwarded + local : forwarded
    }

    /// The address that is rewritten.
    static let target = IPv4Address(192, 168, 254, 2)
    static let rewritten = IPv4Address(192, 168, 254, 3)
    private static let source = IPv4Address(10, 1, 0, 2)

    /// No two are alike in what comes behind their headers.
    private static let forwarded: [Self] = [
        v4("IPv4", filling(72)),
        v4("IPv4 to another host", to: IPv4Address(192, 168, 254, 9), filling(76)),
        v4("a header of IPv4 alone", []),
        v4("IPv4 of 1500 bytes", filling(1480)),
        v4("IPv4 with an option", options: [1, 1, 1, 0], filling(40)),
        v4("TCP", proto: 6, EthernetFrame.tcp(from: 4000, to: 9)),
        v4("UDP", proto: 17, EthernetFrame.udp(from: 4000, to: 9, filling(30))),
        v4("UDP that is not to be cut", proto: 17, fragment: 0x4000, EthernetFrame.udp(from: 4000, to: 9, filling(33))),
        v4("ICMPv6 in IPv4", proto: 58, filling(64)),
        v6("IPv6", filling(52)),
        v6("a header of IPv6 alone", []),
        v6("IPv6 of 1500 bytes", filling(1460)),
    ]

    private static let local = [
        Self(
            title: "IPv4 of the router",
            bytes: numbered(EthernetFrame.ipv4(from: IPv4Address(10, 2, 0, 1), to: target, proto: 253, filling(50))),
            isLocal: true
        )
    ]

    private static func v4(
        _ title: String,
        to target: IPv4Address = target,
        proto: UInt8 = 253,
        fragment: UInt16 = 0,
        options: [UInt8] = [],
        _ payload: [UInt8]
    ) -> Self {
        let packet = EthernetFrame.ipv4(
            from: source,
            to: target,
            proto: proto,
            fragment: fragment,
            options: options,
            payload
        )
        return Self(title: title, bytes: packet)
    }

    private static func v6(_ title: String, _ payload: [UInt8]) -> Self {
        let source = IPv6Address(0xfd01, 0, 0, 0, 0, 0, 0, 2)
        let target = IPv6Address(0xfd09, 0, 0, 0, 0, 0, 0, 1)
        return Self(title: title, bytes: EthernetFrame.ipv6(from: source.bytes, to: target.bytes, next: 253, payload))
    }

    /// With an identification, where the kernel would put its own, and the checksum that goes with it.
    private static func numbered(_ packet: [UInt8]) -> [UInt8] { sealed(replacing(packet, [0x4b, 0x5a], at: 4)) }

    private static func filling(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 & 255) } }

    private static func replacing(_ packet: [UInt8], _ bytes: [UInt8], at place: Int) -> [UInt8] {
        var new = packet
        new.replaceSubrange(place..<place + bytes.count, with: bytes)
        return new
    }

    /// With a valid checksum of the header.
    private static func sealed(_ packet: [UInt8]) -> [UInt8] {
        let bare = replacing(packet, [0, 0], at: 10)
        return replacing(bare, EthernetFrame.big(InternetChecksum.of(bare[0..<Int(bare[0] & 15) * 4])), at: 10)
    }

    // MARK: What comes of them

    /// The packet as it leaves the router, which lowers its lifetime if it forwards it.
    private var leaving: [UInt8] {
        if isLocal { return bytes }
        guard isV4 else { return Self.replacing(bytes, [bytes[7] - 1], at: 7) }
        return Self.sealed(Self.replacing(bytes, [bytes[8] - 1], at: 8))
    }

    /// What must come of the packet in a step.
    func outcome(_ step: Step) -> Outcome {
        guard let (effect, hook) = step.program else { return Outcome(arrival: leaving) }
        switch effect {
        case .nothing: return Outcome(arrival: leaving)
        case .context:
            // Until it is handed to the device, a packet belongs to the one that it came from.
            let received = isLocal ? 0 : TestLwtBpf.near
            let device = hook == .transmit ? TestLwtBpf.far : TestLwtBpf.near
            // The EtherType as it lies in memory.
            let type = UInt16(isV4 ? 0x0800 : 0x86dd).bigEndian
            let lines = [
                "len \(bytes.count) hash 0 protocol \(type)", "cb 1234 ingress_ifindex \(received) ifindex \(device)",
            ]
            return Outcome(printed: lines, arrival: leaving)
        case .control: return Outcome(printed: ["cb0: 0 cb1: 0 cb2: 0", "cb3: 0 cb4: 0"], arrival: leaving)
        case .data:
            return Outcome(printed: ["src: \(hexadecimal(12)) dst: \(hexadecimal(16))"], arrival: leaving)
        case .drop: return Outcome(printed: ["dropping with: 2"], isRefused: isLocal)
        case .rewrite:
            guard isV4, Array(bytes[16..<20]) == Self.target.bytes else { return Outcome(arrival: leaving) }
            return Outcome(printed: ["out: rewriting from 2fea8c0 to 3fea8c0"], arrival: rewrittenPacket)
        case .push: return Outcome(printed: ["redirected to 1"], redirected: Self.header + leaving)
        case .pushSilently: return Outcome(redirected: Self.header + leaving)
        case .garbage:
            return Outcome(printed: ["Set initial 96 bytes of header to FF"], arrival: garbage)
        case .garbageAndRedirect: return Outcome(printed: ["redirected to 1"])
        }
    }

    /// The Ethernet header that is put in front: the macros that the object was built with, as they lie in memory, and always IPv4.
    private static let header: [UInt8] = [0x02, 0, 0, 0, 0, 0x02, 0x01, 0, 0, 0, 0, 0x02, 0x08, 0x00]

    /// Four bytes as a number of this machine, as `%x` prints it.
    private func hexadecimal(_ place: Int) -> String {
        let number = bytes[place..<place + 4].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        return String(number, radix: 16)
    }

    /// Eight bytes at a time are overwritten, as long as there are eight.
    private var garbage: [UInt8] {
        let count = min(96, leaving.count / 8 * 8)
        return [UInt8](repeating: 0xff, count: count) + leaving[count...]
    }

    /// The packet to another target.
    ///
    /// Where the checksum behind the header ought to be mended, the program mends a word of the header: it takes the packet's beginning for
    /// that of the next header. The header's own checksum knows nothing of that.
    private var rewrittenPacket: [UInt8] {
        var packet = leaving
        let place: Int? =
            switch packet[9] {
            // The word is overwritten by the new target.
            case 6: 16
            // 0 is taken for no checksum.
            case 17: packet[6] == 0 && packet[7] == 0 ? nil : 6
            case 58: 2
            default: nil
            }
        if let place { packet = Self.mended(packet, at: place) }
        packet = Self.mended(packet, at: 10)
        return Self.replacing(packet, Self.rewritten.bytes, at: 16)
    }

    /// A word that is a checksum of something, mended for the new target in place of the old (RFC 1624).
    private static func mended(_ packet: [UInt8], at place: Int) -> [UInt8] {
        let words = { (bytes: [UInt8]) in
            [Int(bytes[0]) << 8 | Int(bytes[1]), Int(bytes[2]) << 8 | Int(bytes[3])]
        }
        let old = Int(packet[place]) << 8 | Int(packet[place + 1])
        var sum = 0xffff - old
        for word in words(target.bytes) { sum += 0xffff - word }
        for word in words(rewritten.bytes) { sum += word }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        return replacing(packet, EthernetFrame.big(UInt16(0xffff - sum)), at: place)
    }
}
