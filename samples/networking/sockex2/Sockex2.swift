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
        /// How many of ``manyKeys`` frames, each with a destination of its own, counted once and with their length.
        var many = 0
        /// Whether the compiler left a function of the source on its own instead of inlining it.
        ///
        /// A load beyond the frame's end then leaves that function alone, and what was cut off reads as 0.
        var callsFunctions: Bool?
    }

    /// Destinations that nearly fill the map, which has room for 1024: most share a bucket of the hash with others.
    static let manyKeys = 1000

    static let manifest = Manifest(
        summary: "a socket filter dissects packets down to the innermost IP header and counts by destination",
        oracle:
            "on lo, 5 echoes of 56 bytes and 3 datagrams of 100 count 26 packets of 2812 bytes for "
            + "127.0.0.1 and nothing else; of hand-made frames with VLAN tags, GRE, IP in IP, IPv6, options "
            + "and fragments each counts once, with its length, for the destination of the header the program "
            + "ends at; 1000 destinations count once each; no frame reaches the socket",
        kernSources: ["samples/bpf/sockex2_kern.c"],
        programTypes: ["SOCKET_FILTER"],
        needs: .bpf + .veth + ["CONFIG_INET"]
    )

    func observe(in arena: borrowing Arena) throws -> Observation {
        var seen = Observation()
        try observeLoopback(&seen, in: arena)
        let pair = try VethPair()
        try observeFrames(&seen, on: pair, in: arena)
        try observeMany(&seen, on: pair, in: arena)
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

    private func observeMany(_ seen: inout Observation, on pair: VethPair, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let filtered = try PacketSocket(on: pair.far)
        try object.program("bpf_prog2").attachFilter(to: filtered.descriptor)
        let sender = try PacketSocket(on: pair.far)
        let frames = Probe.many(Self.manyKeys)
        try arena.stimulate { for frame in frames { try sender.send(frame.bytes) } }
        let counted = try Self.counted(object)
        seen.many = frames.count { counted[$0.key] == Tally(1, Int64($0.bytes.count)) }
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
                    .equal("destinations counted, of many", expected: Self.manyKeys, observed: seen.many),
                    .equal("frames that the filter let through", expected: 0, observed: seen.accepted),
                ]
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
