import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Dissects packets by tail calls, a program for each kind of header, and counts packets and bytes by flow.
struct Sockex3: Sample {
    struct Observation: Codable, Equatable {
        /// Datagrams of 10 bytes over `lo` that arrived: with every program in place, and without the one for IPv4.
        var datagrams = [0, 0]
        /// What the kern half counted on `lo` with every program in place, by flow.
        var loopback: [String: Tally] = [:]
        /// What it had counted after more traffic without the program for IPv4.
        var loopbackWithoutIPv4: [String: Tally] = [:]
        /// What it counted of hand-made frames that went out through a veth, by flow.
        var frames: [String: Tally] = [:]
        /// What those of the same frames that have ports added without the program for IPv6.
        var framesWithoutIPv6: [String: Tally] = [:]
        /// What the same frames added when further processors sent them, by the processor's number and by flow.
        var elsewhere: [Int: [String: Tally]] = [:]
        /// The half-made flow of each processor that sent, after it had sent one packet more of a flow of its own.
        var halfMade: [Int: String] = [:]
        /// Half-made flows of processors that sent nothing.
        var strayFlows: [String] = []
        /// How many of the first ``room`` frames, each of a flow of its own, counted once and with their length.
        var many = 0
        /// How many of the frames after them did, for which the map has no room.
        var beyond = 0
        /// What it counted of frames of GRE with flags, by flow.
        var flagged: [String: Tally] = [:]
        /// Processors that sent at once.
        var crowd = 0
        /// What it counted of their frames, all of one flow, and of one that was sent before.
        var crowded = Tally()
        /// Frames that the filter let through to its sockets.
        var accepted = 0
    }

    /// Entries that the map has room for: where it is full, most share a bucket of the hash with others.
    static let room = 1024
    /// How many frames more are sent than it has room for.
    static let more = 6
    /// How many entries are there before.
    static let old = 8
    /// What they hold: one short of 2^32, so that a counter of less than 64 bits loses what it counted.
    static let start = Tally(1 << 32 - 1, 1 << 32 - 1)
    /// How many frames each of several processors sends at once.
    static let crowdedFrames = 4000
    /// How many processors the kern half keeps a half-made flow for.
    static let processorLimit: CInt = 32

    static let manifest = Manifest(
        summary: "socket filters that tail-call one another by header dissect packets and count by flow",
        oracle:
            "on lo, 5 datagrams of 10 bytes count 10 packets of 520 bytes for their one flow, and none once "
            + "the program for IPv4 is out of the table; hand-made frames with VLAN tags, MPLS, IPv6, GRE and "
            + "IP in IP count once each for the innermost flow, up to 21 tail calls deep but not 41, and "
            + "without the program for IPv6 only those that need it stop; on each of up to four processors the same counts, and "
            + "the half-made flow in that processor's place; GRE with flags is read in one byte order; 1024 flows count "
            + "once each, 8 of them from 2^32-1 on, and none more; processors that send at once lose nothing; no frame reaches the socket",
        kernSources: ["samples/bpf/sockex3_kern.c"],
        programTypes: ["SOCKET_FILTER"],
        needs: .bpf + .veth + ["CONFIG_INET"]
    )

    /// What the kern half keeps for a flow, each number as load_word gives it: in the host's order.
    struct Flow: Hashable, BitwiseCopyable {
        var source: UInt32
        var destination: UInt32
        /// The source port in the upper half, the destination port in the lower.
        var ports: UInt32
        var proto: UInt32

        /// The flow as `7f000001>7f000001:9c400009/17`, all but the protocol in hexadecimal.
        var text: String {
            "\(Hexadecimal.text(source))>\(Hexadecimal.text(destination)):\(Hexadecimal.text(ports))/\(proto)"
        }
    }

    /// The table's places for the programs.
    private enum Slot {
        static let all: [(index: UInt32, program: String)] = [
            (1, "bpf_func_PARSE_VLAN"), (2, "bpf_func_PARSE_MPLS"), (ip, "bpf_func_PARSE_IP"),
            (ipv6, "bpf_func_PARSE_IPV6"),
        ]
        static let ip: UInt32 = 3
        static let ipv6: UInt32 = 4
    }

    func observe(in arena: borrowing Arena) throws -> Observation {
        var seen = Observation()
        let processors = try SenderProcessors.available(below: Self.processorLimit)
        try observeLoopback(&seen, on: processors[0], in: arena)
        // Wide enough for a frame that is longer than 16 bits can say.
        let pair = try VethPair(shape: RouteSocket.VethShape(mtu: UInt32(UInt16.max)))
        try observeFrames(&seen, from: pair, on: processors, in: arena)
        try observeFlags(&seen, from: pair, in: arena)
        try observeMany(&seen, from: pair, in: arena)
        try observeCrowd(&seen, from: pair, in: arena)
        return seen
    }

    private func observeLoopback(_ seen: inout Observation, on processor: CInt, in arena: borrowing Arena) throws {
        let object = try arena.loadObject()
        let table = try Self.table(of: object)
        let traffic = try LoopbackTraffic()
        let filtered = try PacketSocket(on: try Interface(named: "lo"))
        try object.program("main_prog").attachFilter(to: filtered.descriptor)
        let send = { try traffic.datagrams(count: 5, payload: 10, from: 40000, to: 9) }
        try arena.stimulate { seen.datagrams[0] = try Processors.pinned(to: processor, send) }
        seen.loopback = try Self.counted(object)
        try table.delete(Slot.ip)
        try arena.stimulate { seen.datagrams[1] = try Processors.pinned(to: processor, send) }
        seen.loopbackWithoutIPv4 = try Self.counted(object)
        seen.accepted += try filtered.frames().count
    }

    // The filter sees the frames going out, inside of the sender's send(2): VLAN tags are in their place there, and the
    // counts complete when the last send(2) is.
    private func observeFrames(
        _ seen: inout Observation,
        from pair: VethPair,
        on processors: [CInt],
        in arena: borrowing Arena
    ) throws {
        let object = try arena.loadObject()
        let table = try Self.table(of: object)
        let filtered = try PacketSocket(on: pair.far)
        try object.program("main_prog").attachFilter(to: filtered.descriptor)
        let sender = try PacketSocket(on: pair.far)
        let send = { (probes: [Probe], processor: CInt, sender: borrowing PacketSocket) in
            try Processors.pinned(to: processor) {
                for probe in probes { try sender.send(probe.bytes) }
            }
        }
        try arena.stimulate { try send(Probe.all, processors[0], sender) }
        seen.frames = try Self.counted(object)
        var before = seen.frames
        for processor in processors.dropFirst() {
            try arena.stimulate { try send(Probe.all, processor, sender) }
            seen.elsewhere[Int(processor)] = try Self.added(to: &before, object)
        }
        try table.delete(Slot.ipv6)
        try arena.stimulate { try send(Probe.all.filter(\.hasPorts), processors[0], sender) }
        seen.framesWithoutIPv6 = try Self.added(to: &before, object)
        for processor in processors {
            // What carries no packet changes nothing of it.
            try arena.stimulate { try send([Probe.last(on: processor), Probe.emptyTunnel], processor, sender) }
        }
        let halfMade = try object.map("percpu_map").entries(UInt32.self, Flow.self)
        for (place, flow) in halfMade {
            if processors.contains(CInt(place)) {
                seen.halfMade[Int(place)] = flow.text
            } else if flow != Flow(source: 0, destination: 0, ports: 0, proto: 0) {
                seen.strayFlows.append("\(place): \(flow.text)")
            }
        }
        seen.strayFlows.sort()
        seen.accepted += try filtered.frames().count
    }

    /// What the counts have grown by since they were last read.
    private static func added(
        to before: inout [String: Tally],
        _ object: borrowing LoadedObject
    ) throws -> [String: Tally] {
        let now = try counted(object)
        defer { before = now }
        var added: [String: Tally] = [:]
        for (flow, tally) in now where tally != before[flow] { added[flow] = tally - (before[flow] ?? Tally()) }
        return added
    }

    /// The table of programs, filled: up to Linux 6.7 that is the user half's to do, later objects say it themselves.
    static func table(of object: borrowing LoadedObject) throws -> BPFMap {
        guard let table = try? object.map("jmp_table") else { return try object.map("prog_array_init") }
        for slot in Slot.all { try table.update(slot.index, try object.program(slot.program)) }
        return table
    }

    static func counted(_ object: borrowing LoadedObject) throws -> [String: Tally] {
        let entries = try object.map("hash_map").entries(Flow.self, Tally.self)
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.key.text, $0.value) })
    }

    func judge(_ seen: Observation) -> Judgement {
        var others = Set(seen.frames.keys).union(seen.framesWithoutIPv6.keys)
        var checks: [Check] = [
            .equal("all datagrams arrived", expected: [5, 5], observed: seen.datagrams),
            .equal("counts on lo", expected: [Self.loopbackFlow: Tally(10, 520)], observed: seen.loopback),
            .equal(
                "counts on lo after more without the program for IPv4",
                expected: [Self.loopbackFlow: Tally(10, 520)],
                observed: seen.loopbackWithoutIPv4
            ),
        ]
        for probe in Probe.all {
            others.remove(probe.flow)
            let once = Tally(1, Int64(probe.bytes.count))
            let first = seen.frames[probe.flow] ?? Tally()
            let expected: Tally =
                switch probe.fate {
                case .counted: once
                case .passedOver: Tally()
                // Whichever it is, so long as it is one of the two.
                case .eitherWay: first == once ? once : Tally()
                }
            checks += [
                .equal("count of \(probe.title)", expected: expected, observed: first),
                .equal(
                    "count of \(probe.title) without the program for IPv6",
                    expected: probe.needsIPv6 || !probe.hasPorts ? Tally() : expected,
                    observed: seen.framesWithoutIPv6[probe.flow] ?? Tally()
                ),
            ]
        }
        for (processor, counted) in seen.elsewhere.sorted(by: { $0.key < $1.key }) {
            checks.append(
                .equal("counts of the same frames on processor \(processor)", expected: seen.frames, observed: counted)
            )
        }
        // The one of both that fits better, for the message.
        let flags = [true, false].map { Probe.wanted(exchanged: $0) }
            .max { left, right in left.count { seen.flagged[$0] == $1 } < right.count { seen.flagged[$0] == $1 } }
        let crowdedFrames = Int64(1 + seen.crowd * Self.crowdedFrames)
        let places = Set(seen.elsewhere.keys).union(seen.halfMade.keys)
        if places.isEmpty { checks.append(.atLeast("half-made flows", bound: 1, observed: 0)) }
        for processor in places.sorted() {
            checks.append(
                .equal(
                    "half-made flow in the place of processor \(processor)",
                    expected: Probe.last(on: CInt(processor)).flow,
                    observed: seen.halfMade[processor] ?? "none"
                )
            )
        }
        return Judgement(
            checks + [
                .equal("half-made flows in other places", expected: [], observed: seen.strayFlows),
                .equal("counts for other flows", expected: [], observed: others.sorted()),
                .equal("counts of GRE with flags", expected: flags ?? [:], observed: seen.flagged),
                .equal("flows counted, of those that there is room for", expected: Self.room, observed: seen.many),
                .equal("flows counted, of more", expected: 0, observed: seen.beyond),
                .atLeast("processors that sent at once", bound: 1, observed: seen.crowd),
                .equal(
                    "count of processors that sent at once",
                    expected: Tally(crowdedFrames, crowdedFrames * Int64(Probe.numbered(0).bytes.count)),
                    observed: seen.crowded
                ),
                .equal("frames that the filter let through", expected: 0, observed: seen.accepted),
            ],
            notReached: SenderProcessors.notReached(onOthers: seen.elsewhere.count)
        )
    }

    static let loopbackFlow = "7f000001>7f000001:9c400009/17"
}
