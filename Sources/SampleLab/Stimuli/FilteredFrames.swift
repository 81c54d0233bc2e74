import LibBPF
import LinuxHost
public import RunModel
public import SampleKit

/// What a program of traffic control let through of a list of frames, sent past it at both sides of a device.
public struct FilteredFrames: Codable, Sendable, Equatable {
    /// How many frames passed where they come in, by their titles, all processors together.
    public var ingress: [String: Int]
    /// How many passed where they go out.
    public var egress: [String: Int]
    /// How many passed each side after the program was taken away there: a path that loses nothing has every frame, twice.
    public var unfiltered: [String: Int]
    /// What the program returned for each ``Frame/runsAlone`` when it was run without a device (`TC_ACT_` of linux/pkt_cls.h).
    public var returned: [String: UInt32]
    /// How many processors sent the frames, one after another.
    public var rounds: Int

    /// Creates an observation; of nothing by default.
    public init(
        ingress: [String: Int] = [:],
        egress: [String: Int] = [:],
        unfiltered: [String: Int] = [:],
        returned: [String: UInt32] = [:],
        rounds: Int = 1
    ) {
        self.ingress = ingress
        self.egress = egress
        self.unfiltered = unfiltered
        self.returned = returned
        self.rounds = rounds
    }

    /// The observation of a program that drops some frames and passes the others, for an oracle's examples.
    ///
    /// - Parameters:
    ///   - all: All frames.
    ///   - ingress: The titles of those dropped where they come in.
    ///   - egress: Those dropped where they go out.
    ///   - rounds: How many processors sent them.
    public init(_ all: [Frame], dropping ingress: Set<String>, egress: Set<String>, rounds: Int = 1) {
        let each = { (dropped: Set<String>) in
            let passing = all.map(\.title).filter { !dropped.contains($0) } + [Self.markerTitle]
            return Dictionary(uniqueKeysWithValues: passing.map { ($0, rounds) })
        }
        self.init(
            ingress: each(ingress),
            egress: each(egress),
            unfiltered: each([]).mapValues { _ in 2 },
            // TC_ACT_SHOT is 2, TC_ACT_OK 0. What is run without a device keeps its VLAN tags, as what goes out does.
            returned: Dictionary(
                uniqueKeysWithValues: all.filter(\.runsAlone).map { ($0.title, egress.contains($0.title) ? 2 : 0) }
            ),
            rounds: rounds
        )
    }

    /// A check for every place, that the frames which ought to be dropped there were, and no other.
    public func checks(against wanted: FilteredFrames) -> [Check] {
        let actions = { (returned: [String: UInt32]) in
            Dictionary(uniqueKeysWithValues: returned.map { ("\($0.key) with \($0.value)", 1) })
        }
        return [
            .tally("frames that pass where they come in", expected: wanted.ingress, observed: ingress),
            .tally("frames that pass where they go out", expected: wanted.egress, observed: egress),
            .tally("frames that pass without the program", expected: wanted.unfiltered, observed: unfiltered),
            .tally(
                "frames that the program is run on without a device, and its answers",
                expected: actions(wanted.returned),
                observed: actions(returned)
            ),
        ]
    }

    /// A frame, whose source address tells it from the others.
    public struct Frame: Sendable {
        /// What it is, such as `UDP to port 9`.
        public let title: String
        /// The frame from its Ethernet header on.
        public let bytes: [UInt8]
        /// Whether a program can be run on it without a device: Linux refuses one without a whole IP header since 6.17 or so.
        public let runsAlone: Bool

        /// Names a frame.
        public init(_ title: String, _ bytes: [UInt8], runsAlone: Bool = true) {
            self.title = title
            self.bytes = bytes
            self.runsAlone = runsAlone
        }
    }
}

extension FilteredFrames {
    // An EtherType for local experiments (IEEE 802, 0x88b5), of the frame that tells that all before it have come.
    private static let markerType: UInt16 = 0x88b5
    static let markerTitle = "the frame behind all others"

    /// Sends frames past a program at the ingress of a veth's one end and at the egress of its other end.
    ///
    /// - Parameters:
    ///   - function: The program's function.
    ///   - frames: Frames to the near end. No two have the same source address.
    ///   - types: The EtherTypes that the kernel takes the frames for; 4 for a frame with a length in place of a type.
    ///   - arena: The sample's arena; in a control run nothing is sent.
    /// - Throws: `ObjectError` or `AttachError` where the kernel refuses the program.
    public init(
        of function: String,
        _ frames: [Frame],
        types: [UInt16],
        in arena: borrowing Arena
    ) throws {
        self.init()
        let pair = try VethPair()
        let object = try arena.loadObject()
        let program = try object.program(function)
        var routes = try RouteSocket()
        for end in [pair.near, pair.far] { try routes.addFilterQueue(to: end) }
        let eyes = try Eyes(on: pair, types)
        let processors = try SenderProcessors.available()
        for (end, side) in [(pair.far, RouteSocket.FilterSide.egress), (pair.near, .ingress)] {
            try program.attachFilter(to: end, at: side, by: &routes)
            var passed: [String: Int] = [:]
            rounds = 0
            for processor in processors {
                rounds += 1
                let isWhole = try eyes.pass(frames, by: processor, in: arena, into: &passed)
                // What loses the marker on one processor is not waited for on the next.
                if !isWhole { break }
            }
            try routes.removeFilter(from: end, at: side)
            if side == .egress { egress = passed } else { ingress = passed }
            _ = try eyes.pass(frames, by: processors.first ?? 0, in: arena, into: &unfiltered)
        }
        try arena.stimulate {
            for frame in frames where frame.runsAlone { returned[frame.title] = try program.run(on: frame.bytes) }
        }
    }

    /// Sockets that see what comes in at an interface and was let through, each frames of one EtherType.
    private struct Eyes {
        private let eyes: [Eye]
        private let markers: Eye
        private let pair: VethPair

        init(on pair: VethPair, _ types: [UInt16]) throws(SystemCallError) {
            var eyes: [Eye] = []
            for type in types { eyes.append(try Eye(on: pair.near, type)) }
            self.eyes = eyes
            markers = try Eye(on: pair.near, FilteredFrames.markerType)
            self.pair = pair
        }

        /// Sends all frames and a marker from one processor, and counts those that come in.
        ///
        /// - Returns: Whether the marker came in.
        func pass(
            _ frames: [Frame],
            by processor: CInt,
            in arena: borrowing Arena,
            into passed: inout [String: Int]
        ) throws -> Bool {
            let marker = EthernetFrame.make(
                from: pair.farAddress,
                to: pair.nearAddress,
                type: FilteredFrames.markerType,
                Array(repeating: 0x6d, count: 46)
            )
            try arena.stimulate {
                try Processors.pinned(to: processor) {
                    let sender = try PacketSocket(on: pair.far)
                    for frame in frames { _ = try sender.offer(frame.bytes) }
                    _ = try sender.offer(marker)
                    SenderProcessors.settle()
                }
            }
            let count = arena.isControl ? 0 : 1
            let seen = try markers.socket.frames(atLeast: count, where: { $0.bytes == marker })
            for eye in eyes {
                for frame in try eye.socket.frames() { passed[title(of: frame.bytes, among: frames), default: 0] += 1 }
            }
            let markers = seen.count { $0.bytes == marker }
            if markers > 0 { passed[FilteredFrames.markerTitle, default: 0] += markers }
            return markers > 0
        }

        /// What a frame that came in is; its VLAN tag may be missing, which the kernel takes out of it.
        private func title(of bytes: [UInt8], among frames: [Frame]) -> String {
            guard let sent = frames.first(where: { $0.bytes[0..<12] == bytes.prefix(12) }) else {
                return "unknown frame \(Hexadecimal.text(bytes.prefix(64)))"
            }
            let untagged = Array(sent.bytes.prefix(12)) + Array(sent.bytes.dropFirst(16))
            let isWhole = bytes == sent.bytes || bytes == untagged
            return isWhole ? sent.title : "\(sent.title), changed to \(Hexadecimal.text(bytes.prefix(64)))"
        }
    }

    /// A socket in an array.
    private final class Eye {
        let socket: PacketSocket

        init(on interface: Interface, _ type: UInt16) throws(SystemCallError) {
            socket = try PacketSocket(on: interface, type: type)
        }
    }
}
