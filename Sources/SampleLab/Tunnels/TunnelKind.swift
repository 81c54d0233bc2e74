public import LinuxHost

/// A kind of tunnel whose packets a program gives what they leave with, and another program reads what they came with.
///
/// A sample says what it sends and what comes in; ``TunnelBench`` has the devices, and the expectations follow.
public protocol TunnelKind: RawRepresentable<String>, Hashable, Sendable {
    /// The device that its packets leave by and come in at; kinds of a host share one.
    var device: ExternalTunnel { get }
    /// The host that has the device.
    var host: TunnelHost { get }
    /// What its network is told by; no two kinds of a sample have the same.
    var network: UInt8 { get }
    /// Whether its tunnels are in IPv6.
    var isV6: Bool { get }
    /// The program for what leaves.
    var setter: String { get }
    /// The program for what comes in; `nil` for a kind that is only sent.
    var getter: String? { get }
    /// The packets that its host sends.
    var sent: [TunneledPacket] { get }
    /// The packets that its host sends and that the program gives no address to go to; by default none.
    var astray: [TunneledPacket] { get }
    /// What these come in at the host itself in, where they come out of the device, and what the program prints of each; by default
    /// nothing, since they come in nowhere.
    var homeward: (headers: TunnelHeaders, line: String)? { get }
    /// Whether echo requests of a version come in its tunnels, too; by default of both.
    func carriesEchoes(isV4: Bool) -> Bool
    /// The packet in a tunnel that comes in for nobody; by default one of IPv4.
    func received(_ number: Int) -> TunneledPacket
    /// The tunnels that something comes in.
    func arrivals(_ run: TunnelRun) -> [TunnelArrival]
    /// The tunnel that a packet leaves in, in a frame or as it is; what the kernel chooses is 0.
    func headers(around content: [UInt8], _ run: TunnelRun) -> TunnelHeaders
}

/// A tunnel that something comes in, and what the reading program makes of it.
public struct TunnelArrival: Sendable {
    /// What it is; no two of a kind are called the same.
    public let title: String
    /// The headers.
    public let headers: TunnelHeaders
    /// What the program prints that names the run.
    public let lines: [String]
    /// Whether the program lets the packet through.
    public let isTaken: Bool

    /// Describes a tunnel.
    public init(_ title: String, _ headers: TunnelHeaders, lines: [String] = [], isTaken: Bool = true) {
        self.title = title
        self.headers = headers
        self.lines = lines
        self.isTaken = isTaken
    }
}

extension TunnelKind {
    /// None.
    public var astray: [TunneledPacket] { [] }
    /// Nothing.
    public var homeward: (headers: TunnelHeaders, line: String)? { nil }
    /// Both.
    public func carriesEchoes(isV4: Bool) -> Bool { true }
    /// One of IPv4.
    public func received(_ number: Int) -> TunneledPacket {
        .inside("", network, between: (100, 77), TunneledPacket.filling(40 + number))
    }

    /// Headers of what comes in, from a sender that the run's mark and a number tell from all others.
    ///
    /// - Parameters:
    ///   - number: The sender's number.
    ///   - run: The run.
    ///   - label: The flow label of one in IPv6.
    ///   - target: Where it goes; `nil` for the first address of the host.
    ///   - isV6: Whether it is in IPv6; `nil` for the kind's own version.
    ///   - isSummed: Whether UDP has a checksum.
    ///   - proto: The protocol of one without UDP.
    ///   - header: What follows the IP or UDP header.
    /// - Returns: The headers.
    public func incoming(
        _ number: UInt8,
        _ run: TunnelRun,
        label: UInt32 = 0,
        target: InternetAddress? = nil,
        isV6: Bool? = nil,
        isSummed: Bool = false,
        proto: UInt8 = 47,
        _ header: [UInt8]
    ) -> TunnelHeaders {
        let isV6 = isV6 ?? self.isV6
        let near = isV6 ? InternetAddress.v6(TunnelAddress.near6) : .v4(TunnelAddress.near4)
        return TunnelHeaders(
            from: isV6 ? .v6(TunnelAddress.sender6(run, number)) : .v4(TunnelAddress.sender4(run, number)),
            to: target ?? near,
            label: label,
            ports: device.port.map { (4001, $0) },
            isSummed: isSummed,
            proto: proto,
            header
        )
    }

    func echoes(isReply: Bool = false, isOutgoing: Bool) -> [TunneledPacket] {
        [true, false].filter(carriesEchoes).map {
            .echo(network, isV4: $0, isReply: isReply, isOutgoing: isOutgoing)
        }
    }

    /// Echo requests that its host sends.
    public var ownEchoes: [TunneledPacket] { echoes(isOutgoing: true) }
}

// MARK: What must come of it

extension TunnelKind {
    /// What must come of kinds of tunnels on one processor, of each after another.
    ///
    /// - Parameters:
    ///   - kinds: The kinds.
    ///   - withPrograms: Whether their programs are at the devices.
    ///   - run: The run.
    /// - Returns: Counts by names that begin with the kind's.
    public static func expected(_ kinds: [Self], withPrograms: Bool, _ run: TunnelRun) -> Tallies {
        var all: Tallies = [:]
        for kind in kinds { all = all + kind.outcome(withPrograms: withPrograms, run).named("\(kind.rawValue): ") }
        return all
    }

    func outcome(withPrograms: Bool, _ run: TunnelRun) -> Tallies {
        let (arrivals, requests) = (arrivals(run), echoes(isOutgoing: false))
        var all: Tallies = [:]
        for arrival in arrivals { all.add("came out: \(arrival.title)") }
        for request in requests { all.add("came out: \(request.title)", arrivals.count) }
        guard withPrograms else { return all }
        for packet in sent { all.add("far got \(packet.title)") }
        let replies = echoes(isReply: true, isOutgoing: true)
        let taken = arrivals.count(where: \.isTaken)
        for reply in replies { all.add("far got \(reply.title)", taken) }
        if device.isGRE { all.add("numbered in turn", sent.count + replies.count * taken) }
        if let (_, line) = homeward {
            for packet in astray {
                all.add("lo got \(packet.title)")
                all.add("came out: \(packet.title)")
                all.add("printed: \(line)")
            }
        }
        // What is printed of a packet for nobody is printed of the echo requests, too.
        for line in arrivals.flatMap(\.lines) { all.add("printed: \(line)", 1 + requests.count) }
        return all
    }
}
