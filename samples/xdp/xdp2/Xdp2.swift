import RunModel
import SampleKit
import SampleLab

/// Sends UDP back with its hardware addresses swapped, drops the rest, and counts frames by protocol.
struct Xdp2: Sample {
    typealias Observation = ProtocolCounts

    static let manifest = Manifest(
        summary: "an XDP program sends UDP frames back with swapped hardware addresses and counts all by IP protocol",
        oracle:
            "on a veth, in generic and in native mode, on each of up to four processors, each UDP frame behind up to two VLAN tags, of 60 to "
            + "9014 bytes if the object takes several buffers, comes back once, its addresses swapped and no other byte changed; no other frame does and none passes; "
            + "every frame counts under its protocol",
        kernSources: ["samples/bpf/xdp2_kern.c"],
        programTypes: ["XDP"],
        needs: .bpf + .veth + ["kernel>=5.18"]
    )

    func observe(in arena: borrowing Arena) throws -> Observation {
        try ProtocolCounts(of: "xdp_prog1", in: arena)
    }

    func judge(_ seen: Observation) -> Judgement {
        Judgement(
            checks("generic", seen.generic, seen.reading) + checks("native", seen.native, seen.reading) + [
                // XDP_DROP and XDP_TX and no other, such as XDP_ABORTED, which drops too.
                .equal("what the program returned", expected: [1, 3], observed: seen.actions)
            ],
            notReached: SenderProcessors.notReached(onOthers: seen.generic.elsewhere.count)
        )
    }

    private func checks(_ mode: String, _ run: ProtocolCounts.Run, _ reading: FrameReading?) -> [Check] {
        let reading = reading ?? .first60
        var unexplained = run.seen.returned
        let answers: [Check] = CountedFrames.all(reading).filter { $0.proto(reading) == 17 }.map { frames in
            let back = Hexadecimal.text(Self.swap(frames.bytes))
            return .equal(
                "frames back with swapped addresses for \(frames.title), \(mode)",
                expected: frames.count * run.rounds,
                observed: unexplained.removeValue(forKey: back) ?? 0
            )
        }
        return run.countChecks(mode, reading) + answers + [
            .equal("frames back that are none of these, \(mode)", expected: [], observed: unexplained.keys.sorted()),
            .equal(
                "frames that passed the program, \(mode)",
                expected: 0,
                observed: run.seen.passed.values.reduce(0, +)
            ),
            .equal("frames that pass each way after the detachment, \(mode)", expected: 2, observed: run.seen.markers),
        ]
    }
}
