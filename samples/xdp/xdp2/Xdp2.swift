import LibBPF
import LinuxHost
import RunModel
import SampleKit

/// Sends UDP back with its hardware addresses swapped, drops the rest, and counts frames by protocol.
struct Xdp2: Sample {
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
        summary: "an XDP program sends UDP frames back with swapped hardware addresses and counts all by IP protocol",
        oracle:
            "on a veth, in generic and in native mode, each UDP frame behind up to two VLAN tags comes back "
            + "once, its addresses swapped and no other byte changed; no other frame does and none passes; "
            + "every frame counts under its protocol",
        kernSource: "samples/bpf/xdp2_kern.c",
        programTypes: ["XDP"],
        needs: [
            .option("CONFIG_BPF_SYSCALL"), .option("CONFIG_PACKET"), .option("CONFIG_VETH"),
            .kernel(KernelVersion(5, 18)),
        ]
    )

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
                // XDP_DROP and XDP_TX and no other, such as XDP_ABORTED, which drops too.
                .equal("what the program returned", expected: [1, 3], observed: seen.actions)
            ]
        )
    }

    private func checks(_ mode: String, _ run: Run) -> [Check] {
        let counts: [Check] = Set(Self.wanted.keys).union(run.counted.keys).sorted().map { proto in
            .equal(
                "frames counted under protocol \(proto), \(mode)",
                expected: Self.wanted[proto] ?? 0,
                observed: run.counted[proto] ?? 0
            )
        }
        var unexplained = run.seen.returned
        let answers: [Check] = Self.all.filter { $0.proto == 17 }.map { frames in
            let back = Hexadecimal.text(Self.swap(frames.bytes))
            return .equal(
                "frames back with swapped addresses for \(frames.title), \(mode)",
                expected: frames.count,
                observed: unexplained.removeValue(forKey: back) ?? 0
            )
        }
        return counts + answers + [
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
