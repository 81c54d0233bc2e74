import LibBPF
import LinuxHost
public import RunModel
public import SampleKit

/// What an XDP program that counts by IP protocol did with every kind of ``CountedFrames``, as xdp1 and xdp2 observe it.
public struct ProtocolCounts: Codable, Sendable, Equatable {
    /// With the program run by the network stack.
    public var generic: Run
    /// With the program run by the driver.
    public var native: Run
    /// What the program returned for single frames of every look, each number of `enum xdp_action` once.
    public var actions: [UInt32]
    /// How the program reads a frame; old observations do not say it, and are of ``FrameReading/first60``.
    public var reading: FrameReading?

    /// One mode's part.
    public struct Run: Codable, Sendable, Equatable {
        /// What the kern half counted on the first processor that sent, in frames by protocol; protocols without any are left out.
        public var counted: [Int: Int]
        /// What it counted on each further processor that sent the same frames, by the processor's number.
        public var elsewhere: [Int: [Int: Int]]
        /// What it counted on processors that sent nothing.
        public var stray: [Int: Int]
        /// What the ends of the pair saw of the frames of all processors.
        public var seen: XDPSightings

        /// How many processors sent the frames.
        public var rounds: Int { 1 + elsewhere.count }

        /// Creates what was seen; nothing by default.
        public init(
            counted: [Int: Int] = [:],
            elsewhere: [Int: [Int: Int]] = [:],
            stray: [Int: Int] = [:],
            seen: XDPSightings = XDPSightings()
        ) {
            self.counted = counted
            self.elsewhere = elsewhere
            self.stray = stray
            self.seen = seen
        }
    }

    /// Creates an observation; of nothing by default.
    public init(
        generic: Run = Run(),
        native: Run = Run(),
        actions: [UInt32] = [],
        reading: FrameReading = .first60
    ) {
        self.generic = generic
        self.native = native
        self.actions = actions
        self.reading = reading
    }

    /// Exposes a program and its per-CPU array `rxcnt` to all frames, in generic and in native mode.
    ///
    /// In native mode every counter starts one short of 2^32, so that one of less than 64 bits loses what it counted.
    ///
    /// - Parameters:
    ///   - function: The program.
    ///   - arena: The sample's arena; in a control run nothing is sent.
    /// - Throws: `ObjectError` or `AttachError` where the kernel refuses the program.
    public init(of function: String, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let program = try object.program(function)
        let reading = try FrameReading(of: function, in: object)
        let pair = try VethPair(shape: CountedFrames.shape(reading))
        self.init(
            generic: try Self.run(function, .generic, on: pair, in: arena, from: 0),
            native: try Self.run(function, .native, on: pair, in: arena, from: 1 << 32 - 1),
            reading: reading
        )
        // A frame that needs several buffers is not tried without an interface: kernels differ in what they take.
        let frames = CountedFrames.all(reading).map(\.bytes).filter { $0.count <= 1514 }
        try arena.stimulate { actions = Set(try frames.map { try program.run(on: $0) }).sorted() }
    }

    private static func run(
        _ function: String,
        _ mode: BPFProgram.XDPMode,
        on pair: VethPair,
        in arena: borrowing Arena,
        from start: Int
    ) throws -> Run {
        let object = try arena.loadObject()
        let counts = try object.map("rxcnt")
        if start != 0 {
            for index in 0..<counts.capacity { try counts.updatePerCPU(index, start) }
        }
        let reading = try FrameReading(of: function, in: object)
        let all = CountedFrames.all(reading)
        let total = wanted(reading).values.reduce(0, +)
        var senders: [Int] = []
        var run = Run()
        run.seen = try pair.expose(to: try object.program(function), mode, in: arena) { socket, processor in
            senders.append(Int(processor))
            try CountedFrames.send(all, by: socket)
            return try Deadline(after: answerTime).poll(everyMilliseconds: 1) {
                try counts.growth(from: start).values.reduce(0) { $1.values.reduce($0, &+) } >= total * senders.count
            }
        }
        for (processor, counted) in try counts.growth(from: start) {
            if processor == senders.first {
                run.counted = counted
            } else if !senders.contains(processor) {
                run.stray.merge(counted, uniquingKeysWith: &+)
            }
            if senders.dropFirst().contains(processor) { run.elsewhere[processor] = counted }
        }
        for processor in senders.dropFirst() where run.elsewhere[processor] == nil { run.elsewhere[processor] = [:] }
        return run
    }

    /// What a program that reads so must count for all frames, by protocol: written out, so that an oracle does not
    /// depend on a sum.
    public static func wanted(_ reading: FrameReading) -> [Int: Int] {
        var counts = [
            1: 5, 6: 3, 33: 8, 50: 3, 51: 2, 58: 9, 59: 10, 88: 2, 89: 1, 94: 3, 103: 1, 108: 1, 115: 2, 127: 1, 128: 2,
            132: 6, 136: 4, 145: 2, 255: 3,
        ]
        switch reading {
        case .inPlace: (counts[0], counts[17]) = (19, 41)
        case .first60: (counts[0], counts[17], counts[112]) = (30, 31, 3)
        case .first64: (counts[0], counts[17], counts[112]) = (15, 41, 3)
        }
        return counts
    }

    /// Twice the counts, for an oracle's examples: those of two processors in one place.
    public static func twice(_ counts: [Int: Int]) -> [Int: Int] { counts.mapValues { 2 * $0 } }

    /// The wanted counts of a program that copies 60 bytes, with one moved away from the truth, for an oracle's examples.
    ///
    /// - Parameters:
    ///   - proto: The protocol whose count is changed.
    ///   - difference: By how much.
    ///   - other: A protocol that gets what is taken, if any.
    /// - Returns: The counts, protocols without any left out.
    public static func changed(_ proto: Int, by difference: Int, to other: Int? = nil) -> [Int: Int] {
        var counted = wanted(.first60)
        counted[proto, default: 0] += difference
        if let other { counted[other, default: 0] -= difference }
        return counted.filter { $0.value != 0 }
    }
}

extension ProtocolCounts.Run {
    /// A check for every protocol that was counted or ought to have been.
    ///
    /// - Parameters:
    ///   - mode: The mode's name, for the claims.
    ///   - reading: How the program reads.
    /// - Returns: The checks in the order of the protocols.
    public func countChecks(_ mode: String, _ reading: FrameReading) -> [Check] {
        let wanted = ProtocolCounts.wanted(reading)
        let first: [Check] = Set(wanted.keys).union(counted.keys).sorted().map { proto in
            .equal(
                "frames counted under protocol \(proto), \(mode)",
                expected: wanted[proto] ?? 0,
                observed: counted[proto] ?? 0
            )
        }
        let others: [Check] = elsewhere.sorted { $0.key < $1.key }.map { processor, counted in
            .tally(
                "frames counted on processor \(processor) by protocol, \(mode)",
                expected: Self.named(wanted),
                observed: Self.named(counted)
            )
        }
        return first + others + [
            .tally(
                "frames counted on processors that sent none, \(mode)",
                expected: [:],
                observed: Self.named(stray)
            )
        ]
    }

    private static func named(_ counts: [Int: Int]) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: counts.map { ("protocol \($0.key)", $0.value) })
    }
}
