import LibBPF
import LinuxHost

/// A router with three ports, whose frames an XDP program redirects, and a host behind each.
///
/// The router's interfaces have large indices that no other run has: the tracepoints of redirects are the whole machine's, and
/// programs on them know interfaces by their indices only. What the hosts are sent they take and ignore.
public final class RedirectBench {
    /// A port of the router, named for the host behind it.
    public enum Port: String, Sendable, CaseIterable, CustomStringConvertible {
        /// The ports.
        case left, right, other

        /// The host's name.
        public var description: String { rawValue }
    }

    /// Where frames are seen.
    public enum Place: Hashable, Sendable, CustomStringConvertible {
        /// A host got it.
        case host(Port)
        /// The router's own stack got it from a port.
        case stack(Port)

        static let all = Port.allCases.map { Self.host($0) } + Port.allCases.map { Self.stack($0) }

        /// The place as the beginning of a sentence.
        public var description: String {
            switch self {
            case .host(let port): "\(port) got"
            case .stack(let port): "the stack got from \(port)"
            }
        }

        var interface: (host: String, name: String) {
            switch self {
            case .host(let port): (port.rawValue, "eth0")
            case .stack(let port): ("router", port.rawValue)
            }
        }
    }

    /// A frame that comes to a port, and what must become of it.
    public struct Frame: Sendable {
        /// What it is; no two of a step are called the same.
        public var title: String
        /// The port that it comes to.
        public var from: Port
        /// Its bytes as they are sent.
        public var bytes: [UInt8]
        /// How many there are at once; `nil` for one that comes through the network.
        public var burst: Int?
        /// Where it must be seen, and with which bytes.
        public var arrivals: [(place: Place, bytes: [UInt8])]
        /// What must be counted of it, or of its burst, on the processor that receives it.
        public var counts: Tallies
        /// What must be counted on a certain processor, whichever receives it, by how many senders come before that.
        public var elsewhere: [Int: Tallies] = [:]
        /// What must be counted of it, or of its burst, in the record that all processors share.
        public var shared: Tallies = [:]

        /// Describes a frame.
        public init(
            _ title: String,
            from: Port = .left,
            _ bytes: [UInt8],
            burst: Int? = nil,
            arrivals: [(place: Place, bytes: [UInt8])] = [],
            counts: Tallies = [:]
        ) {
            self.title = title
            self.from = from
            self.bytes = bytes
            self.burst = burst
            self.arrivals = arrivals
            self.counts = counts
        }
    }

    final class Eye {
        let socket: PacketSocket
        /// What has come in during a step.
        var seen: [[UInt8]: Int] = [:]

        init(_ socket: consuming PacketSocket) { self.socket = socket }

        /// Takes what has come in, waiting until a frame was seen so many times; says whether it was.
        func watch(for bytes: [UInt8] = [], times count: Int = 0) throws -> Bool {
            let missing = count - seen[bytes, default: 0]
            let new = try socket.frames(atLeast: missing) { !$0.isOutgoing && $0.bytes == bytes }
            for frame in new where !frame.isOutgoing { seen[frame.bytes, default: 0] += 1 }
            return seen[bytes, default: 0] >= count
        }
    }

    /// The hosts and links.
    public let network: Network
    let interfaces: [Port: Interface]
    var eyes: [Place: Eye]
    private let passing: [HeldLink]
    /// Whether something was missing in a step: what is broken is not waited for again.
    var isBroken = false
    var steps = 0
    var placed: [Port: (name: String, link: HeldLink)] = [:]

    /// Makes the network.
    ///
    /// Packets may have 2500 bytes, 2000 where they leave the router to the right, and 1500 where the host on the right takes them.
    public init() throws {
        let start = CInt.random(in: 1 << 20..<1 << 30)
        let network = try Topology(
            hosts: [.init("router", usesIPv6: false)] + Port.allCases.map { .init($0.rawValue, usesIPv6: false) },
            links: Port.allCases.enumerated().map { rank, port in
                .init(
                    .init("router", port.rawValue, index: start + 37 * CInt(rank)),
                    .init(port.rawValue, "eth0"),
                    mtu: 2500
                )
            }
        ).build()
        let (toRight, right) = (try network.interface("router", "right"), try network.interface("right", "eth0"))
        try network.configure("router") { try $0.setMTU(2000, of: toRight) }
        try network.configure("right") { try $0.setMTU(1500, of: right) }
        var interfaces: [Port: Interface] = [:]
        for port in Port.allCases { interfaces[port] = try network.interface("router", port.rawValue) }
        var eyes: [Place: Eye] = [:]
        for place in Place.all {
            eyes[place] = Eye(try network.capture(place.interface.host, place.interface.name))
        }
        passing = try Port.allCases.map { port in
            let interface = try network.interface(port.rawValue, "eth0")
            return HeldLink(try network.inside(port.rawValue) { try PassProgram().attachXDP(to: interface, .native) })
        }
        self.interfaces = interfaces
        self.eyes = eyes
        self.network = network
    }

    /// The index of a port's interface.
    public func index(_ port: Port) -> CInt { interfaces[port]?.index ?? 0 }

    /// The hardware address of a port's interface.
    public static func hardware(_ port: Port) -> [UInt8] {
        let rank = Port.allCases.firstIndex(of: port) ?? 0
        return HardwareAddress(local: UInt16(rank + 1) << 8 | 1).bytes
    }

    /// Interfaces whose events are counted where some are not: frames from the left, and what leaves to the right.
    ///
    /// The kernel's tracepoint of a program that gives up knows one interface, which must be in both sets.
    public var counted: (from: [CInt], to: [CInt]) {
        // The lists have 32 places, and the last must be looked at.
        let nobody = (0..<31).map { CInt.max - CInt($0) }
        return (nobody + [index(.left)], nobody.dropLast() + [index(.left), index(.right)])
    }
}
