import LinuxHost
import SampleKit
import SampleLab

extension Xdp2 {
    static let examples: [Example<Observation>] = [
        .accepted("UDP sent back, the rest dropped", both(Run(counted: wanted, seen: bounced()))),
        .accepted("the same by a program that reads in place", both(.inPlace)),
        .accepted("the same by one that copies 64 bytes", both(.first64)),
        .rejected("nothing sent", Observation()),
        .rejected("a short frame sent back by one that copies 60 bytes", both(.inPlace, judgedAs: .first60)),
        .rejected("a short frame sent back by one that copies 64 bytes", both(.first60, judgedAs: .first64)),
        .rejected(
            "the native half never ran",
            Observation(generic: Run(counted: wanted, seen: bounced()), actions: [1, 3])
        ),
        .rejected(
            "the generic half never ran",
            Observation(native: Run(counted: wanted, seen: bounced()), actions: [1, 3])
        ),
        .rejected(
            "aborted instead of dropped",
            Observation(
                generic: Run(counted: wanted, seen: bounced()),
                native: Run(counted: wanted, seen: bounced()),
                actions: [0, 3]
            )
        ),
        .rejected("one frame not counted", both(Run(counted: ProtocolCounts.changed(17, by: -1), seen: bounced()))),
        .rejected("UDP counted as TCP", both(Run(counted: ProtocolCounts.changed(17, by: -1, to: 6), seen: bounced()))),
        .rejected("dropped instead of sent back", both(Run(counted: wanted, seen: XDPSightings(markers: 2)))),
        .rejected("one frame lost on its way back", both(Run(counted: wanted, seen: bounced(["UDP": 6])))),
        .accepted(
            "the same on a second processor",
            both(Run(counted: wanted, elsewhere: [1: wanted], seen: bounced(rounds: 2)))
        ),
        .rejected(
            "a second processor's frames counted on the first",
            both(Run(counted: ProtocolCounts.twice(wanted), elsewhere: [1: [:]], seen: bounced(rounds: 2)))
        ),
        .rejected(
            "nothing sent back on a second processor",
            both(Run(counted: wanted, elsewhere: [1: wanted], seen: bounced()))
        ),
        .rejected("one frame sent back twice", both(Run(counted: wanted, seen: bounced(["UDP": 8])))),
        .rejected("addresses not swapped", both(Run(counted: wanted, seen: bounced(swapping: { $0 })))),
        .rejected(
            "only the destination replaced",
            both(Run(counted: wanted, seen: bounced(swapping: { Array($0[6..<12] + $0[6...]) })))
        ),
        .rejected(
            "a byte of the payload changed",
            both(Run(counted: wanted, seen: bounced(swapping: { swap($0).dropLast() + [1] })))
        ),
        .rejected(
            "cut after the 60 bytes that were written",
            both(Run(counted: wanted, seen: bounced(swapping: { Array(swap($0).prefix(60)) })))
        ),
        .rejected("ICMP sent back too", both(Run(counted: wanted, seen: bounced(["ICMP": 5])))),
        .rejected("UDP passed too", both(Run(counted: wanted, seen: bounced(passed: ["02": 1])))),
        .rejected("still attached after its detachment", both(Run(counted: wanted, seen: bounced(markers: 1)))),
    ]

    private typealias Run = ProtocolCounts.Run
    private static let wanted = ProtocolCounts.wanted(.first60)

    static func swap(_ frame: [UInt8]) -> [UInt8] {
        Array(frame[6..<12] + frame[0..<6] + frame[12...])
    }

    private static func both(_ run: Run) -> Observation {
        Observation(generic: run, native: run, actions: [1, 3])
    }

    /// What a program that reads so does, taken for one that reads another way.
    private static func both(_ reading: FrameReading, judgedAs other: FrameReading? = nil) -> Observation {
        let run = Run(counted: ProtocolCounts.wanted(reading), seen: bounced(reading: reading))
        return Observation(generic: run, native: run, actions: [1, 3], reading: other ?? reading)
    }

    /// What comes back where the counts by title are changed, or the addresses not swapped as they should be.
    private static func bounced(
        _ changed: [String: Int] = [:],
        swapping: ([UInt8]) -> [UInt8] = swap,
        passed: [String: Int] = [:],
        markers: Int = 2,
        rounds: Int = 1,
        reading: FrameReading = .first60
    ) -> XDPSightings {
        var returned: [String: Int] = [:]
        for frames in CountedFrames.all(reading) {
            let count = changed[frames.title] ?? (frames.proto(reading) == 17 ? frames.count : 0)
            if count > 0 { returned[Hexadecimal.text(swapping(frames.bytes)), default: 0] += count * rounds }
        }
        return XDPSightings(passed: passed, returned: returned, markers: markers)
    }
}
