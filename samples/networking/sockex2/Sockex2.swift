import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Finds each packet's destination behind VLAN tags and tunnels and counts packets and bytes by it.
struct Sockex2: Sample {
    struct Observation: Codable, Equatable {
        /// Echo requests over `lo` that were answered, of 56 bytes each.
        var echoes = 0
        /// Datagrams over `lo` that arrived, of 100 bytes each.
        var datagrams = 0
        /// What the kern half counted on `lo`, by destination as a number in hexadecimal.
        var loopback: [String: Tally] = [:]
        /// What it counted of hand-made frames that went out through a veth.
        var frames: [String: Tally] = [:]
        /// Frames that the filter let through to its sockets.
        var accepted = 0
        /// How many of the first ``room`` frames, each with a destination of its own, counted once and with their length.
        var many = 0
        /// How many of the frames after them did, for which the map has no room.
        var beyond = 0
        /// What it counted of frames of GRE with flags.
        var flagged: [String: Tally] = [:]
        /// Processors that sent at once.
        var crowd = 0
        /// What it counted of their frames, all to one destination, and of one that was sent before.
        var crowded = Tally()
        /// Whether the compiler left a function of the source on its own instead of inlining it.
        ///
        /// A load beyond the frame's end then leaves that function alone, and what was cut off reads as 0.
        var callsFunctions: Bool?
    }

    /// Entries that the map has room for: where it is full, most share a bucket of the hash with others.
    static let room = 1024
    /// How many frames more are sent than it has room for.
    private static let more = 6
    /// How many entries are there before.
    private static let old = 8
    /// What they hold: one short of 2^32, so that a counter of less than 64 bits loses what it counted.
    private static let start = Tally(1 << 32 - 1, 1 << 32 - 1)
    /// How many frames each of several processors sends at once.
    private static let crowdedFrames = 4000

    static let manifest = Manifest(
        summary: "a socket filter dissects packets down to the innermost IP header and counts by destination",
        oracle:
            "on lo, 5 echoes of 56 bytes and 3 datagrams of 100 count 26 packets of 2812 bytes for "
            + "127.0.0.1 and nothing else; of hand-made frames with VLAN tags, GRE, IP in IP, IPv6, options "
            + "and fragments each counts once, with its length, for the destination of the header the program "
            + "ends at; GRE with flags is read in one byte "
            + "order; 1024 destinations count once each, 8 of them from 2^32-1 on, and none more; processors that send at once lose nothing; "
            + "no frame reaches the socket",
        kernSources: ["samples/bpf/sockex2_kern.c"],
        programTypes: ["SOCKET_FILTER"],
        needs: .bpf + .veth + ["CONFIG_INET"]
    )

    func observe(in arena: borrowing Arena) throws -> Observation {
        var seen = Observation()
        try observeLoopback(&seen, in: arena)
        // Wide enough for a frame that is longer than 16 bits can say.
        let pair = try VethPair(shape: RouteSocket.VethShape(mtu: UInt32(UInt16.max)))
        try observeFrames(&seen, on: pair, in: arena)
        try observeFlags(&seen, on: pair, in: arena)
        try observeMany(&seen, on: pair, in: arena)
        try observeCrowd(&seen, on: pair, in: arena)
        return seen
    }

    private func observeLoopback(_ seen: inout Observation, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let traffic = try LoopbackTraffic()
        let filtered = try PacketSocket(on: try Interface(named: "lo"))
        try object.program("bpf_prog2").attachFilter(to: filtered.descriptor)
        try arena.stimulate {
            seen.echoes = try traffic.echo(count: 5, payload: 56)
            seen.datagrams = try traffic.datagrams(count: 3, payload: 100)
        }
        seen.loopback = try Self.counted(object)
        seen.accepted += try filtered.frames().count
    }

    // A load of its own, whose map is empty. The filter sees the frames going out, inside of the sender's send(2): VLAN
    // tags are in their place there, and the counts complete when the last send(2) is.
    private func observeFrames(_ seen: inout Observation, on pair: VethPair, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let filtered = try PacketSocket(on: pair.far)
        try object.program("bpf_prog2").attachFilter(to: filtered.descriptor)
        let sender = try PacketSocket(on: pair.far)
        try arena.stimulate {
            for probe in Probe.all { try sender.send(probe.bytes) }
        }
        seen.frames = try Self.counted(object)
        seen.accepted += try filtered.frames().count
        let instructions = object.instructions["bpf_prog2"] ?? []
        seen.callsFunctions = instructions.contains { $0.isCall && $0.source == 1 }
    }

    private func observeFlags(_ seen: inout Observation, on pair: VethPair, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let filtered = try PacketSocket(on: pair.far)
        try object.program("bpf_prog2").attachFilter(to: filtered.descriptor)
        let sender = try PacketSocket(on: pair.far)
        try arena.stimulate { for frame in Probe.flagged { try sender.send(frame.bytes) } }
        seen.flagged = try Self.counted(object)
        seen.accepted += try filtered.frames().count
    }

    private func observeMany(_ seen: inout Observation, on pair: VethPair, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let map = try object.map("hash_map")
        let filtered = try PacketSocket(on: pair.far)
        try object.program("bpf_prog2").attachFilter(to: filtered.descriptor)
        let sender = try PacketSocket(on: pair.far)
        let frames = Probe.many(Self.room + Self.more)
        for frame in frames.prefix(Self.old) { try map.update(frame.number, Self.start) }
        try arena.stimulate { for frame in frames { try sender.send(frame.bytes) } }
        let counted = try Self.counted(object)
        for (index, frame) in frames.enumerated() {
            let before = index < Self.old ? Self.start : Tally()
            guard counted[Hexadecimal.text(frame.number)] == before + Tally(1, Int64(frame.bytes.count)) else {
                continue
            }
            if index < Self.room { seen.many += 1 } else { seen.beyond += 1 }
        }
        seen.accepted += try filtered.frames().count
    }

    /// The program adds to counters that all processors share.
    private func observeCrowd(_ seen: inout Observation, on pair: VethPair, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let filtered = try PacketSocket(on: pair.far)
        try object.program("bpf_prog2").attachFilter(to: filtered.descriptor)
        let far = pair.far
        let frame = Probe.many(1)[0].bytes
        var crowd = 0
        try arena.stimulate {
            // Two that make an entry at once may lose one of them.
            try PacketSocket(on: far).send(frame)
            crowd = try Crowd.run(on: try SenderProcessors.available()) {
                let sender = try PacketSocket(on: far)
                return { for _ in 0..<Self.crowdedFrames { try sender.send(frame) } }
            }
        }
        seen.crowd = crowd
        seen.crowded = try Self.counted(object).values.reduce(Tally(), +)
        seen.accepted += try filtered.frames().count
    }

    private static func counted(_ object: borrowing LoadedObject) throws -> [String: Tally] {
        let entries = try object.map("hash_map").entries(UInt32.self, Tally.self)
        return Dictionary(uniqueKeysWithValues: entries.map { (Hexadecimal.text($0.key), $0.value) })
    }

    func judge(_ seen: Observation) -> Judgement {
        var others = seen.frames
        if seen.callsFunctions == true, let count = others[Self.noDestination], Self.cutCounts.contains(count) {
            others[Self.noDestination] = nil
        }
        // The one of both that fits better, for the message.
        let flags = [true, false].map { Probe.wanted(exchanged: $0) }
            .max { left, right in left.count { seen.flagged[$0] == $1 } < right.count { seen.flagged[$0] == $1 } }
        let crowdedFrames = Int64(1 + seen.crowd * Self.crowdedFrames)
        return Judgement(
            [
                .equal("all echoes were answered", expected: 5, observed: seen.echoes),
                .equal("all datagrams arrived", expected: 3, observed: seen.datagrams),
                // Both ways of request and reply, and of each datagram: 42 bytes of headers and the payload.
                .equal(
                    "counts on lo",
                    expected: [Self.loopbackKey: Tally(4 * 5 + 2 * 3, 4 * 5 * 98 + 2 * 3 * 142)],
                    observed: seen.loopback
                ),
            ]
                + Probe.all.compactMap { probe in
                    guard let key = probe.key else { return nil }
                    return .equal(
                        "count of \(probe.title)",
                        expected: Tally(1, Int64(probe.bytes.count)),
                        observed: others.removeValue(forKey: key) ?? Tally()
                    )
                }
                + [
                    .equal("counts for other destinations", expected: [], observed: others.keys.sorted()),
                    .equal("counts of GRE with flags", expected: flags ?? [:], observed: seen.flagged),
                    .equal(
                        "destinations counted, of those that there is room for",
                        expected: Self.room,
                        observed: seen.many
                    ),
                    .equal("destinations counted, of more", expected: 0, observed: seen.beyond),
                    .atLeast("processors that sent at once", bound: 1, observed: seen.crowd),
                    .equal(
                        "count of processors that sent at once",
                        expected: Tally(crowdedFrames, crowdedFrames * Int64(Probe.many(1)[0].bytes.count)),
                        observed: seen.crowded
                    ),
                    .equal("frames that the filter let through", expected: 0, observed: seen.accepted),
                ],
            notReached: seen.crowd > 1
                ? [] : ["two processors that send at once: this process ran on one processor only"]
        )
    }

    static let loopbackKey = "7f000001"
    /// The key of a frame whose destination was cut off.
    static let noDestination = "00000000"

    /// What frames that were cut in their destination may count together where functions are not inlined.
    private static let cutCounts: Set<Tally> = Probe.all.filter(\.isCut).reduce(into: []) { sums, probe in
        let one = Tally(1, Int64(probe.bytes.count))
        sums.formUnion(sums.map { $0 + one } + [one])
    }
}
