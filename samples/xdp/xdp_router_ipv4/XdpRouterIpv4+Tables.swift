import LinuxHost
import SampleLab

extension XdpRouterIpv4 {
    /// Places in the map of ports, which has a hundred: routes name ports by them.
    enum Slot {
        static let empty: CInt = 17
        static let beyond: CInt = 100

        static func of(_ port: RedirectBench.Port) -> CInt {
            switch port {
            case .left: 0
            case .right: 99
            case .other: 41
            }
        }
    }

    /// An entry of a map, as it lies in memory.
    protocol TableEntry: Sendable {
        var key: [UInt8] { get }
        var value: [UInt8] { get }
    }

    /// Where packets go whose destinations begin with some bits.
    struct Route: TableEntry {
        var prefix: IPv4Address
        var length: UInt8
        var slot: CInt
        /// The hardware address that they are sent from.
        var source: HardwareAddress
        /// Who gets them unless the destination is a neighbour.
        var gateway: IPv4Address?

        var key: [UInt8] { native(UInt32(length)) + prefix.bytes }
        /// The prefix, the source in eight bytes, the slot, a metric that the program has no use for, and the gateway.
        var value: [UInt8] {
            prefix.bytes + [0, 0, 0, 0] + source.bytes + [0, 0] + native(slot) + native(CInt.max)
                + (gateway?.bytes ?? [0, 0, 0, 0]) + [0, 0, 0, 0]
        }
    }

    /// A neighbour's hardware address, of whose eight bytes the last two are anything.
    struct Neighbour: TableEntry {
        var address: IPv4Address
        var hardware: HardwareAddress

        var key: [UInt8] { address.bytes }
        var value: [UInt8] { hardware.bytes + [0xc3, 0xd4] }
    }

    /// Where packets to one destination go, before any route is looked for; if both hardware addresses are known.
    struct Destination: TableEntry {
        var address: IPv4Address
        var slot: CInt
        var source: HardwareAddress?
        var target: HardwareAddress?

        var key: [UInt8] { address.bytes }
        /// The target in eight bytes, the destination once more, four bytes of nothing, the slot, four bytes of nothing, the source.
        ///
        /// The first three belong together and are aligned, so that the slot follows sixteen bytes.
        var value: [UInt8] {
            let none: [UInt8] = [0, 0, 0, 0, 0, 0]
            return (target?.bytes ?? none) + [0, 0] + address.bytes + [0, 0, 0, 0] + native(slot) + [0, 0, 0, 0]
                + (source?.bytes ?? none) + [0, 0]
        }
    }

    private static func native(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number) { Array($0) }
    }

    /// What the program's three tables hold.
    struct Tables: Sendable {
        var routes: [Route] = []
        var neighbours: [Neighbour] = []
        var destinations: [Destination] = []

        /// How many entries each takes.
        static let most = 50
    }
}

extension XdpRouterIpv4.Tables {
    typealias Port = RedirectBench.Port
    typealias Slot = XdpRouterIpv4.Slot

    /// Addresses that the router sends from and to.
    ///
    /// Those of an entry differ in every byte from each other and from those of a frame that comes in.
    static func source(_ number: UInt8) -> HardwareAddress { HardwareAddress(0x0a, 0x91, 0x82, 0x73, number, 0x55) }
    static func target(_ number: UInt8) -> HardwareAddress { HardwareAddress(0x0e, 0x1f, 0x2d, number, 0x4b, 0x5a) }

    // MARK: Prefixes of every length

    /// An address that has routes to all of its prefixes, of which every bit is another's opposite somewhere.
    static let nested: UInt32 = 0xaa55_63cc

    static func address(_ number: UInt32) -> IPv4Address {
        IPv4Address(
            UInt8(number >> 24),
            UInt8(number >> 16 & 255),
            UInt8(number >> 8 & 255),
            UInt8(number & 255)
        )
    }

    /// An address that has so many bits of the nested one and not the next.
    static func sharing(_ length: Int) -> IPv4Address { address(length == 32 ? nested : nested ^ 1 << (31 - length)) }
    static func port(_ length: Int) -> Port { Port.allCases[length % 3] }
    /// The gateway of a prefix.
    static func gateway(_ length: Int) -> IPv4Address { IPv4Address(198, 51, 100, 3 + 7 * UInt8(length)) }

    /// Not in the order of their lengths.
    private static let nestedRoutes = (0...32).map { rank in
        let length = rank * 7 % 33
        return XdpRouterIpv4.Route(
            prefix: address(length == 0 ? 0 : nested & (UInt32.max << (32 - UInt32(length)))),
            length: UInt8(length),
            slot: Slot.of(port(length)),
            source: source(UInt8(length)),
            gateway: gateway(length)
        )
    }

    // MARK: Networks, each of sixteen bits, which share eight

    /// The number of a network's second byte, and of its source.
    enum Net: UInt8 {
        case linked = 101
        case routed, halfKnown, unplugged, beyond, sourceless, back, aside
    }

    static func host(_ net: Net, _ number: UInt8) -> IPv4Address { IPv4Address(10, net.rawValue, 0, number) }

    private static let hub = IPv4Address(203, 0, 113, 254)
    private static let stranger = IPv4Address(203, 0, 113, 253)
    /// The hardware address of the gateway that most networks have.
    static let hubTarget = target(190)

    private static func route(_ net: Net, _ slot: CInt, via gateway: IPv4Address? = hub) -> XdpRouterIpv4.Route {
        let source = net == .sourceless ? HardwareAddress(0, 0, 0, 0, 0, 0) : source(net.rawValue)
        return .init(
            prefix: IPv4Address(10, net.rawValue, 0, 0),
            length: 16,
            slot: slot,
            source: source,
            gateway: gateway
        )
    }

    private static let netRoutes = [
        route(.linked, Slot.of(.right), via: nil),
        route(.routed, Slot.of(.right)),
        route(.halfKnown, Slot.of(.right), via: stranger),
        route(.unplugged, Slot.empty),
        route(.beyond, Slot.beyond),
        route(.sourceless, Slot.of(.right)),
        route(.back, Slot.of(.left)),
        route(.aside, Slot.of(.other)),
    ]

    // MARK: Tables

    private static let gateways = (0...32).map { length in
        XdpRouterIpv4.Neighbour(address: gateway(length), hardware: target(UInt8(length)))
    }

    private static let knownNeighbours: [XdpRouterIpv4.Neighbour] = [
        .init(address: hub, hardware: hubTarget),
        .init(address: host(.linked, 2), hardware: target(191)),
        .init(address: host(.routed, 2), hardware: target(192)),
        .init(address: host(.halfKnown, 2), hardware: target(193)),
        .init(address: host(.linked, 10), hardware: target(194)),
    ]

    static let plain = IPv4Address(10, 30, 0, 1)
    static let late = IPv4Address(10, 30, 0, 15)
    static let early = IPv4Address(10, 30, 0, 16)
    static let all = IPv4Address(255, 255, 255, 255)

    /// Addresses with nothing in their first four bytes, and with nothing behind the first.
    static let lateSource = HardwareAddress(0, 0, 0, 0, 0x6d, 0x01)
    static let lateTarget = HardwareAddress(0, 0, 0, 0, 0, 0x5b)
    static let earlySource = HardwareAddress(2, 0, 0, 0, 0, 0)
    static let earlyTarget = HardwareAddress(0x0c, 0, 0, 0, 0, 0)

    private static let knownDestinations: [XdpRouterIpv4.Destination] = [
        .init(address: host(.linked, 10), slot: Slot.of(.other), source: source(210), target: target(210)),
        .init(address: plain, slot: Slot.of(.left), source: source(211), target: target(211)),
        .init(address: late, slot: Slot.of(.right), source: lateSource, target: lateTarget),
        .init(address: early, slot: Slot.of(.right), source: earlySource, target: earlyTarget),
        .init(address: all, slot: Slot.of(.other), source: source(213), target: target(213)),
        // Known in part, so that a route is looked for.
        .init(address: host(.routed, 11), slot: Slot.of(.other), source: source(214)),
        .init(address: host(.routed, 12), slot: Slot.of(.other), target: target(214)),
        .init(address: host(.halfKnown, 13), slot: Slot.of(.other)),
        .init(address: host(.linked, 14), slot: Slot.of(.other), source: source(215)),
        // Known, though nobody is there.
        .init(address: host(.linked, 17), slot: Slot.empty, source: source(216), target: target(216)),
    ]

    /// Numbers of entries that fill the rest.
    static let otherRoutes = 0..<UInt8(most - nestedRoutes.count - netRoutes.count)
    static let otherNeighbours = 0..<UInt8(most - gateways.count - knownNeighbours.count)
    static let otherDestinations = 0..<UInt8(most - knownDestinations.count)

    static func isolated(_ number: UInt8) -> IPv4Address { IPv4Address(10, 200 - number, number, 77 ^ number) }
    static func neighbour(_ number: UInt8) -> IPv4Address {
        IPv4Address(10, Net.linked.rawValue, 1 + number, 250 - number)
    }
    static func destination(_ number: UInt8) -> IPv4Address {
        IPv4Address(number ^ 0x5a, 31, number, 200 - number)
    }
    static func otherPort(_ number: UInt8) -> Port { port(Int(number)) }

    private static let isolatedRoutes = otherRoutes.map { number in
        XdpRouterIpv4.Route(
            prefix: isolated(number),
            length: 32,
            slot: Slot.of(otherPort(number)),
            source: source(170 + number),
            gateway: hub
        )
    }

    private static let isolatedNeighbours = otherNeighbours.map { number in
        XdpRouterIpv4.Neighbour(address: neighbour(number), hardware: target(220 + number))
    }

    private static let isolatedDestinations = otherDestinations.map { number in
        XdpRouterIpv4.Destination(
            address: destination(number),
            slot: Slot.of(otherPort(number)),
            source: source(120 + number),
            target: target(120 + number)
        )
    }

    /// As much as the maps take.
    static let full = Self(
        routes: nestedRoutes + netRoutes + isolatedRoutes,
        neighbours: gateways + knownNeighbours + isolatedNeighbours,
        destinations: knownDestinations + isolatedDestinations
    )

    /// Without the nested routes of 0, 16 and 32 bits, the gateway of that of 20, two neighbours and two destinations.
    static let reduced: Self = {
        var tables = full
        tables.routes.removeAll { [0, 16, 32].contains($0.length) && $0.source == source($0.length) }
        let gone = [gateway(20), host(.linked, 2), host(.routed, 2)]
        tables.neighbours.removeAll { gone.contains($0.address) }
        tables.destinations.removeAll { [plain, host(.linked, 10)].contains($0.address) }
        return tables
    }()
}
