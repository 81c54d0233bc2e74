import RunModel
import SampleKit
import SampleLab

/// Drops every frame and counts the protocols behind Ethernet and up to two VLAN tags, on each processor for itself.
struct Xdp1: Sample {
    typealias Observation = ProtocolCounts
    private typealias Run = ProtocolCounts.Run

    static let manifest = Manifest(
        summary: "an XDP program drops every frame and counts them by IP protocol",
        oracle:
            "on a veth, in generic and in native mode, on each of up to four processors, frames of IPv4, IPv6, ARP and up to three VLAN "
            + "tags, of 59 to 9014 bytes if the object takes several buffers, count exactly under their protocols, in native mode from 2^32-1 on, those too short for the object's source not at all; none "
            + "passes, none comes back, and after the detachment one does",
        kernSources: ["samples/bpf/xdp1_kern.c"],
        programTypes: ["XDP"],
        needs: .bpf + .veth + ["kernel>=5.18"]
    )

    static let examples: [Example<Observation>] = [
        .accepted("every frame counted and dropped", both(right)),
        .accepted("every frame counted where it lies", both(Run(counted: inPlace, seen: dropped), .inPlace)),
        .accepted("every frame counted by 64 bytes of it", both(Run(counted: first64, seen: dropped), .first64)),
        .rejected("nothing sent", Observation()),
        .rejected("nothing sent to one that reads in place", Observation(reading: .inPlace)),
        .rejected("short frames left out by a program that reads in place", both(right, .inPlace)),
        .rejected("a short frame counted by one that copies 64 bytes", both(right, .first64)),
        .rejected("the native half never ran", Observation(generic: right, actions: [1])),
        .rejected("the generic half never ran", Observation(native: right, actions: [1])),
        .rejected("aborted instead of dropped", Observation(generic: right, native: right, actions: [0])),
        .rejected("one frame lost", both(Run(counted: ProtocolCounts.changed(17, by: -1), seen: dropped))),
        .rejected("a short frame counted", both(Run(counted: ProtocolCounts.changed(17, by: 1), seen: dropped))),
        .rejected(
            "the last entry of the map lost",
            both(Run(counted: ProtocolCounts.changed(255, by: -3), seen: dropped))
        ),
        .rejected("UDP counted as TCP", both(Run(counted: ProtocolCounts.changed(17, by: -7, to: 6), seen: dropped))),
        .rejected(
            "a second VLAN tag not looked behind",
            both(Run(counted: ProtocolCounts.changed(33, by: -8, to: 0), seen: dropped))
        ),
        .rejected(
            "passed instead of dropped",
            both(Run(counted: wanted, seen: XDPSightings(passed: ["02": 83], markers: 2)))
        ),
        .rejected(
            "sent back instead of dropped",
            both(Run(counted: wanted, seen: XDPSightings(returned: ["02": 1], markers: 2)))
        ),
        .accepted(
            "the same counts on a second processor",
            both(Run(counted: wanted, elsewhere: [1: wanted], seen: dropped))
        ),
        .rejected(
            "a second processor's frames counted on the first",
            both(Run(counted: ProtocolCounts.twice(wanted), elsewhere: [1: [:]], seen: dropped))
        ),
        .rejected(
            "one frame of a second processor lost",
            both(Run(counted: wanted, elsewhere: [1: ProtocolCounts.changed(17, by: -1)], seen: dropped))
        ),
        .rejected("counted on a processor that sent none", both(Run(counted: wanted, stray: [17: 1], seen: dropped))),
        .rejected("still dropping after its detachment", both(Run(counted: wanted, seen: XDPSightings(markers: 1)))),
    ]

    private static let wanted = ProtocolCounts.wanted(.first60)
    private static let inPlace = ProtocolCounts.wanted(.inPlace)
    private static let first64 = ProtocolCounts.wanted(.first64)
    private static let dropped = XDPSightings(markers: 2)
    private static let right = Run(counted: wanted, seen: dropped)

    private static func both(_ run: Run, _ reading: FrameReading = .first60) -> Observation {
        Observation(generic: run, native: run, actions: [1], reading: reading)
    }

    func observe(in arena: borrowing Arena) throws -> Observation {
        try ProtocolCounts(of: "xdp_prog1", in: arena)
    }

    func judge(_ seen: Observation) -> Judgement {
        Judgement(
            checks("generic", seen.generic, seen.reading) + checks("native", seen.native, seen.reading) + [
                // XDP_DROP and no other, such as XDP_ABORTED, which drops too.
                .equal("what the program returned", expected: [1], observed: seen.actions)
            ],
            notReached: SenderProcessors.notReached(onOthers: seen.generic.elsewhere.count)
        )
    }

    private func checks(_ mode: String, _ run: Run, _ reading: FrameReading?) -> [Check] {
        run.countChecks(mode, reading ?? .first60) + [
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
