import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension XdpRouterIpv4 {
    /// A frame, and what the program must make of it.
    struct Sent: Sendable {
        var title: String
        var from = RedirectBench.Port.left
        var bytes: [UInt8]
        /// How many there are at once; `nil` for one that comes through the network.
        var burst: Int?
        var fate: Fate

        enum Fate: Sendable {
            /// It leaves by a port, with these hardware addresses.
            case routed(RedirectBench.Port, source: HardwareAddress, target: HardwareAddress, Ending = .arrives)
            /// The stack gets it as it was.
            case passed
            /// Nobody gets it, and that is counted.
            case dropped
        }

        /// What becomes of a frame that leaves.
        enum Ending: Sendable {
            case arrives
            /// The port does not send so long a frame.
            case tooLong
            /// The far end does not take it.
            case untaken
            /// The far end is down.
            case deaf
            /// The port is down.
            case down
        }

        /// The frame with what must be seen and counted of it.
        func frame(_ mode: BPFProgram.XDPMode) -> RedirectBench.Frame {
            let count = burst ?? 1
            var frame = RedirectBench.Frame(title, from: from, bytes, burst: burst)
            frame.shared = ["received processed": count]
            switch fate {
            case .passed:
                // The member of a record that counts batches elsewhere.
                frame.shared.add("received info", count)
                frame.arrivals = [(.stack(from), bytes)]
            case .dropped: frame.shared.add("received dropped by program", count)
            case .routed(let port, let source, let target, let ending):
                frame.shared.add("received redirected", count)
                frame.counts = events(port, ending, mode)
                if ending == .arrives {
                    frame.arrivals = [(.host(port), target.bytes + source.bytes + bytes[12...])]
                }
            }
            return frame
        }

        /// What the kernel's tracepoints say of it: only frames from the left count, and only what is sent to the left and the right.
        private func events(_ port: RedirectBench.Port, _ ending: Ending, _ mode: BPFProgram.XDPMode) -> Tallies {
            guard from == .left else { return [:] }
            let count = burst ?? 1
            switch ending {
            case .tooLong: return ["not redirected, EMSGSIZE dropped": count]
            case .down: return ["not redirected, ENETDOWN dropped": count]
            case .arrives, .untaken, .deaf: break
            }
            var counts: Tallies = ["redirected processed": count]
            guard mode == .native, port != .other else { return counts }
            for place in ["sent", "left to \(port)"] {
                counts.add("\(place) \(ending == .arrives ? "processed" : "dropped")", count)
                // The kernel hands sixteen at most to a device.
                counts.add("\(place) info", (count + 15) / 16)
                if ending == .deaf { counts.add("\(place) issue") }
            }
            return counts
        }
    }
}

extension XdpRouterIpv4.Sent {
    private typealias Tables = XdpRouterIpv4.Tables
    private typealias Port = RedirectBench.Port

    /// So many at once.
    func times(_ count: Int) -> Self {
        var all = self
        all.burst = count
        return all
    }

    /// With another end.
    func ending(_ ending: Ending) -> Self {
        var other = self
        if case .routed(let port, let source, let target, _) = fate {
            other.fate = .routed(port, source: source, target: target, ending)
        }
        return other
    }

    // MARK: Steps

    static let plain = v4("IPv4", to: Tables.host(.routed, 3), byHub)
    static let request = Self(title: "an ARP request", bytes: make(0x0806, filling(46)), fate: .passed)

    /// Nothing is known of any destination.
    static let unrouted: [Self] = [
        v4("IPv4", to: Tables.host(.routed, 3), .dropped),
        v4("to 0.0.0.0", to: IPv4Address(0, 0, 0, 0), .dropped),
        v4("to 255.255.255.255", to: Tables.all, .dropped),
        request,
    ]

    /// The longest prefix of each destination has another length; the left is where they come from.
    static let prefixes = (0...32).map { nested($0) }

    /// Entries that no other step has use for, each of them used.
    static let others: [Self] = otherRoutes + otherNeighbours + otherDestinations

    private static let otherRoutes = Tables.otherRoutes.map { number in
        let fate = Fate.routed(
            Tables.otherPort(number),
            source: Tables.source(170 + number),
            target: Tables.hubTarget
        )
        return v4("route \(number)", to: Tables.isolated(number), fate)
    }

    private static let otherNeighbours = Tables.otherNeighbours.map { number in
        v4("neighbour \(number)", to: Tables.neighbour(number), linked(220 + number))
    }

    private static let otherDestinations = Tables.otherDestinations.map { number in
        let (source, target) = (Tables.source(120 + number), Tables.target(120 + number))
        let fate = Fate.routed(Tables.otherPort(number), source: source, target: target)
        return v4("destination \(number)", to: Tables.destination(number), fate)
    }

    /// What each kind of entry is there for.
    static let entries: [Self] = [
        v4("a neighbour", to: Tables.host(.linked, 2), linked(191)),
        v4("a neighbour whom nobody knows", to: Tables.host(.linked, 3), .dropped),
        v4("by a gateway", to: Tables.host(.routed, 3), byHub),
        v4("a neighbour past the gateway", to: Tables.host(.routed, 2), through(.routed, 192)),
        v4("by a gateway that nobody knows", to: Tables.host(.halfKnown, 3), .passed),
        v4("a neighbour past such a gateway", to: Tables.host(.halfKnown, 2), through(.halfKnown, 193)),
        v4("by a port that is not in the map", to: Tables.host(.unplugged, 3), .dropped),
        v4("by a port that the map has no room for", to: Tables.host(.beyond, 3), .dropped),
        v4(
            "by a route without a source",
            to: Tables.host(.sourceless, 3),
            .routed(.right, source: HardwareAddress(0, 0, 0, 0, 0, 0), target: Tables.hubTarget)
        ),
        v4("back", to: Tables.host(.back, 3), through(.back, to: .left)),
        v4("from the right to the left", to: Tables.host(.back, 4), from: .right, through(.back, to: .left)),
        v4("from another port to the left", to: Tables.host(.back, 5), from: .other, through(.back, to: .left)),
        v4("from another port to the stack", to: Tables.host(.halfKnown, 4), from: .other, .passed),
        v4("to another port", to: Tables.host(.aside, 3), through(.aside, to: .other)),
        v4("by the default route", to: IPv4Address(10, 30, 0, 9), toPrefix(0)),
        v4("a destination", to: Tables.plain, .routed(.left, source: Tables.source(211), target: Tables.target(211))),
        v4(
            "a destination that is a neighbour too",
            to: Tables.host(.linked, 10),
            .routed(.other, source: Tables.source(210), target: Tables.target(210))
        ),
        v4(
            "a destination with addresses of two bytes and one",
            to: Tables.late,
            .routed(.right, source: Tables.lateSource, target: Tables.lateTarget)
        ),
        v4(
            "a destination with addresses of one byte",
            to: Tables.early,
            .routed(.right, source: Tables.earlySource, target: Tables.earlyTarget)
        ),
        v4(
            "to 255.255.255.255",
            to: Tables.all,
            .routed(.other, source: Tables.source(213), target: Tables.target(213))
        ),
        v4("a destination without a target", to: Tables.host(.routed, 11), byHub),
        v4("a destination without a source", to: Tables.host(.routed, 12), byHub),
        v4("a destination without either", to: Tables.host(.halfKnown, 13), .passed),
        v4("a destination without a target or neighbour", to: Tables.host(.linked, 14), .dropped),
        v4("a destination whose port is not in the map", to: Tables.host(.linked, 17), .dropped),
        request,
    ]

    /// What was found before is not, and what was hidden by it is.
    static let removed: [Self] = [
        v4("no default route any more", to: Tables.sharing(0), .dropped),
        v4("no route of 16 bits any more", to: Tables.sharing(16), toPrefix(15)),
        v4("no route of 32 bits any more", to: Tables.sharing(32), toPrefix(31)),
        v4("no gateway any more", to: Tables.sharing(20), .passed),
        v4("no destination any more", to: Tables.plain, .dropped),
        v4("no destination, but a neighbour", to: Tables.host(.linked, 10), linked(194)),
        v4("no neighbour any more", to: Tables.host(.linked, 2), .dropped),
        v4("no neighbour, but a gateway", to: Tables.host(.routed, 2), byHub),
        nested(1), nested(17), nested(31), plain, request,
    ]

    /// Frames that the port to the right does not send, or its far end does not take.
    static let long: [Self] = [
        v4("of 2200 bytes to the right", to: Tables.host(.routed, 3), size: 2186, byHub).ending(.tooLong),
        v4("of 1700 bytes to the right", to: Tables.host(.routed, 4), size: 1686, byHub).ending(.untaken),
        v4("of 2200 bytes to another port", to: Tables.host(.aside, 3), size: 2186, through(.aside, to: .other)),
        v4("of 2200 bytes back", to: Tables.host(.back, 3), size: 2186, through(.back, to: .left)),
    ]

    // MARK: Kinds of frames

    /// Each a kind of its own: IPv4 goes by the same route, whatever its header says.
    static let kinds: [Self] = routedKinds + droppedKinds + passedKinds

    private static let routedKinds: [Self] = [
        kind("a header of IPv4 alone", 1, size: 20),
        kind("IPv4 of 1500 bytes", 2, size: 1500),
        kind("IPv4 with an option", 3, options: [1, 1, 1, 0]),
        kind("IPv4 with forty bytes of options", 4, options: [UInt8](repeating: 1, count: 39) + [0]),
        kind("a first fragment", 5, fragment: 0x2000),
        kind("a later fragment", 6, fragment: 0x0010),
        kind("a TTL of 255", 7, ttl: 255),
        kind("a TTL of 2", 8, ttl: 2),
        kind("a TTL of 1", 9, ttl: 1),
        kind("a TTL of 0", 10, ttl: 0),
        kind("ICMP", 11, proto: 1),
        kind("TCP", 12, proto: 6),
        kind("UDP", 13, proto: 17),
        // The bytes of a header behind 14 of Ethernet.
        kind("a checksum that is wrong", 14).with([0x12, 0x34], at: 24),
        kind("version 15", 15).with([0xf5], at: 14),
        kind("a length of nothing", 16).with([0, 0], at: 16),
        kind("a frame for all", 17).with([255, 255, 255, 255, 255, 255], at: 0),
        kind("in a VLAN tag", 18, tags: [(0x8100, 4094)]),
        kind("in a tag of a provider", 19, tags: [(0x88a8, 5)]),
        kind("a header of IPv4 alone in a tag", 20, size: 20, tags: [(0x8100, 5)]),
        kind("IPv4 of 1500 bytes in a tag", 21, size: 1496, tags: [(0x8100, 5)]),
        kind("from the right", 22, from: .right),
        kind("from another port", 23, from: .other),
    ]

    private static let droppedKinds: [Self] = [
        kind("IPv4 cut in its header", 31, size: 20, .dropped).cut(33),
        kind("IPv4 cut in its header, in a tag", 32, size: 20, tags: [(0x8100, 5)], .dropped).cut(37),
        kind("IPv4 without a byte", 33, .dropped).cut(14),
        kind("in two tags", 34, tags: [(0x88a8, 5), (0x8100, 6)], .dropped),
        kind("in a tag whose type is reversed", 35, tags: [(0x0081, 5)], .dropped),
        kind("IPv4 whose type is reversed", 36, .dropped).with([0x00, 0x08], at: 12),
        kind("from the right, in two tags", 37, tags: [(0x8100, 5), (0x8100, 6)], from: .right, .dropped),
        Self(title: "a tag cut short", bytes: make(0x8100, [0, 5, 8]), fate: .dropped),
        Self(title: "a tag around IPv6", bytes: make(0x86dd, filling(60), tags: [(0x8100, 5)]), fate: .dropped),
        Self(
            title: "IPv6",
            bytes: make(
                0x86dd,
                EthernetFrame.ipv6(from: filling(16), to: filling(16).reversed(), next: 253, filling(64))
            ),
            fate: .dropped
        ),
        Self(title: "ARP whose type is reversed", bytes: make(0x0608, filling(46)), fate: .dropped),
        Self(title: "reverse ARP", bytes: make(0x8035, filling(46)), fate: .dropped),
        Self(title: "a type that is a length", bytes: RedirectBench.plainFrame.bytes, fate: .dropped),
        Self(title: "a frame without a payload", bytes: make(0x88b5, []), fate: .dropped),
    ]

    private static let passedKinds: [Self] = [
        Self(title: "ARP in a VLAN tag", bytes: make(0x0806, filling(46), tags: [(0x8100, 5)]), fate: .passed),
        Self(title: "ARP in a tag of a provider", bytes: make(0x0806, filling(46), tags: [(0x88a8, 5)]), fate: .passed),
        Self(title: "ARP of 1500 bytes", bytes: make(0x0806, filling(1500)), fate: .passed),
        Self(title: "ARP without a byte", bytes: make(0x0806, []), fate: .passed),
        Self(title: "ARP from the right", from: .right, bytes: make(0x0806, filling(46)), fate: .passed),
        request,
    ]

    // MARK: Fates

    private static let byHub = through(.routed, to: .right)

    private static func source(_ net: Tables.Net) -> HardwareAddress { Tables.source(net.rawValue) }

    /// By a network's route and the gateway that most have.
    private static func through(_ net: Tables.Net, to port: Port) -> Fate {
        .routed(port, source: source(net), target: Tables.hubTarget)
    }

    /// By a network's route to the right, to a neighbour.
    private static func through(_ net: Tables.Net, _ neighbour: UInt8) -> Fate {
        .routed(.right, source: source(net), target: Tables.target(neighbour))
    }

    private static func linked(_ neighbour: UInt8) -> Fate { through(.linked, neighbour) }

    /// By the nested route of so many bits.
    private static func toPrefix(_ length: Int) -> Fate {
        .routed(Tables.port(length), source: Tables.source(UInt8(length)), target: Tables.target(UInt8(length)))
    }

    private static func nested(_ length: Int) -> Self {
        v4("a prefix of \(length) bits", to: Tables.sharing(length), toPrefix(length))
    }

    // MARK: Bytes

    private static func kind(
        _ title: String,
        _ number: UInt8,
        size: Int = 92,
        proto: UInt8 = 253,
        options: [UInt8] = [],
        fragment: UInt16 = 0,
        ttl: UInt8 = 64,
        tags: [(type: UInt16, id: UInt16)] = [],
        from: RedirectBench.Port = .left,
        _ fate: Fate = byHub
    ) -> Self {
        let packet = EthernetFrame.ipv4(
            from: IPv4Address(10, 9, 8, 7),
            to: IPv4Address(10, Tables.Net.routed.rawValue, 9, number),
            proto: proto,
            fragment: fragment,
            options: options,
            ttl: ttl,
            filling(size - 20 - options.count)
        )
        return Self(title: title, from: from, bytes: make(0x0800, packet, tags: tags), fate: fate)
    }

    private static func v4(
        _ title: String,
        to target: IPv4Address,
        size: Int = 92,
        from: RedirectBench.Port = .left,
        _ fate: Fate
    ) -> Self {
        let packet = EthernetFrame.ipv4(from: IPv4Address(10, 9, 8, 7), to: target, proto: 253, filling(size - 20))
        return Self(title: title, from: from, bytes: make(0x0800, packet), fate: fate)
    }

    private func with(_ new: [UInt8], at place: Int) -> Self {
        var other = self
        other.bytes.replaceSubrange(place..<place + new.count, with: new)
        return other
    }

    private func cut(_ count: Int) -> Self {
        var other = self
        other.bytes = Array(bytes.prefix(count))
        return other
    }

    private static func make(_ type: UInt16, _ payload: [UInt8], tags: [(type: UInt16, id: UInt16)] = []) -> [UInt8] {
        EthernetFrame.make(from: EthernetFrame.sender, to: EthernetFrame.receiver, tags: tags, type: type, payload)
    }

    private static func filling(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 & 255) } }
}
