import LibBPF
import LinuxHost
import RunModel
import SampleKit

/// Drops every frame and counts the protocols behind Ethernet and up to two VLAN tags, on each processor for itself.
struct Xdp1: Sample {
    struct Observation: Codable, Equatable {
        /// With the program run by the network stack.
        var generic = Run()
        /// With the program run by the driver.
        var native = Run()
        /// What the program returned for single frames of every look, each number of `enum xdp_action` once.
        var actions: [UInt32] = []
    }

    /// One mode's part.
    struct Run: Codable, Equatable {
        /// What the kern half counted, in frames by protocol over all processors; protocols without any are left out.
        var counted: [Int: Int] = [:]
        /// What the ends of the pair saw.
        var seen = XDPSightings()
    }

    static let manifest = Manifest(
        summary: "an XDP program drops every frame and counts them by IP protocol",
        oracle:
            "on a veth, in generic and in native mode, frames of IPv4, IPv6, ARP and up to three VLAN tags "
            + "count exactly under their protocols, frames below 60 bytes not at all; none passes, none comes "
            + "back, and after the detachment one does",
        kernSource: "samples/bpf/xdp1_kern.c",
        programTypes: ["XDP"],
        needs: [
            .option("CONFIG_BPF_SYSCALL"), .option("CONFIG_PACKET"), .option("CONFIG_VETH"),
            .kernel(KernelVersion(5, 18)),
        ]
    )

    static let examples: [Example<Observation>] = [
        .accepted("every frame counted and dropped", both(right)),
        .rejected("nothing sent", Observation()),
        .rejected("the native half never ran", Observation(generic: right, actions: [1])),
        .rejected("the generic half never ran", Observation(native: right, actions: [1])),
        .rejected("aborted instead of dropped", Observation(generic: right, native: right, actions: [0])),
        .rejected("one frame lost", both(Run(counted: changed(17, by: -1), seen: dropped))),
        .rejected("a short frame counted", both(Run(counted: changed(17, by: 1), seen: dropped))),
        .rejected("the last entry of the map lost", both(Run(counted: changed(255, by: -2), seen: dropped))),
        .rejected("UDP counted as TCP", both(Run(counted: changed(17, by: -7, to: 6), seen: dropped))),
        .rejected("a second VLAN tag not looked behind", both(Run(counted: changed(33, by: -8, to: 0), seen: dropped))),
        .rejected(
            "passed instead of dropped",
            both(Run(counted: wanted, seen: XDPSightings(passed: ["02": 83], markers: 2)))
        ),
        .rejected(
            "sent back instead of dropped",
            both(Run(counted: wanted, seen: XDPSightings(returned: ["02": 1], markers: 2)))
        ),
        .rejected("still dropping after its detachment", both(Run(counted: wanted, seen: XDPSightings(markers: 1)))),
    ]

    private static let wanted = [0: 20, 1: 5, 6: 3, 17: 23, 33: 8, 58: 9, 59: 10, 132: 6, 136: 4, 255: 2]
    private static let dropped = XDPSightings(markers: 2)
    private static let right = Run(counted: wanted, seen: dropped)

    private static func both(_ run: Run) -> Observation {
        Observation(generic: run, native: run, actions: [1])
    }

    private static func changed(_ proto: Int, by difference: Int, to other: Int? = nil) -> [Int: Int] {
        var counted = wanted
        counted[proto, default: 0] += difference
        if let other { counted[other, default: 0] -= difference }
        return counted.filter { $0.value != 0 }
    }

    func observe(in arena: borrowing Arena) throws -> Observation {
        let pair = try VethPair()
        var seen = Observation(
            generic: try observe(.generic, on: pair, in: arena),
            native: try observe(.native, on: pair, in: arena)
        )
        let object = try arena.loadObject()
        let program = try object.program("xdp_prog1")
        try arena.stimulate {
            seen.actions = Set(try CountedFrames.all(on: pair).map { try program.runXDP(on: $0.bytes) }).sorted()
        }
        return seen
    }

    private func observe(_ mode: BPFProgram.XDPMode, on pair: VethPair, in arena: borrowing Arena) throws -> Run {
        let object = try arena.loadObject()
        let counts = try object.map("rxcnt")
        let all = CountedFrames.all(on: pair)
        let total = CountedFrames.expected(all).values.reduce(0, +)
        let seen = try pair.expose(to: try object.program("xdp_prog1"), mode, in: arena) { socket in
            try CountedFrames.send(all, by: socket)
            _ = try Deadline(after: answerTime).poll(everyMilliseconds: 1) {
                try counts.totals().values.reduce(0, +) >= total
            }
        }
        return Run(counted: try counts.totals(), seen: seen)
    }

    func judge(_ seen: Observation) -> Judgement {
        Judgement(
            checks("generic", seen.generic) + checks("native", seen.native) + [
                // XDP_DROP and no other, such as XDP_ABORTED, which drops too.
                .equal("what the program returned", expected: [1], observed: seen.actions)
            ]
        )
    }

    private func checks(_ mode: String, _ run: Run) -> [Check] {
        Set(Self.wanted.keys).union(run.counted.keys).sorted().map { proto in
            .equal(
                "frames counted under protocol \(proto), \(mode)",
                expected: Self.wanted[proto] ?? 0,
                observed: run.counted[proto] ?? 0
            )
        } + [
            .equal(
                "frames that passed the program, \(mode)",
                expected: 0,
                observed: run.seen.passed.values.reduce(0, +)
            ),
            .equal("frames that came back, \(mode)", expected: 0, observed: run.seen.returned.values.reduce(0, +)),
            .equal("frames that pass each way after the detachment, \(mode)", expected: 2, observed: run.seen.markers),
        ]
    }
}
