import CLinux
import Glibc
import LibBPF
import LinuxHost
import RunModel
import SampleKit

/// Samples where the processors are, by their clocks, and counts the samples by address.
struct Sampleip: Sample {
    struct Observation: Codable, Equatable {
        /// Samples a second that were asked for, on each processor.
        var hertz: UInt64 = 0
        /// Processors that were sampled.
        var processors = 0
        /// Nanoseconds of its processor time that the thread spent in the loop.
        var spun: UInt64 = 0
        /// Nanoseconds from before the first attachment until after the last detachment.
        var wall: UInt64 = 0
        /// Nanoseconds of that in which all programs were attached.
        var window: UInt64 = 0
        /// Addresses in the map.
        var addresses = 0
        /// Samples of all addresses.
        var counted: UInt64 = 0
        /// Samples of the loop's addresses.
        var inLoop: UInt64 = 0
        /// Addresses that were counted without a sample.
        var empty = 0
        /// Addresses that no processor can be at: neither a program's nor the kernel's.
        var impossible = 0
        /// Samples that second, independent clocks took while all programs were attached.
        var witnessed: UInt64 = 0
        /// Those of them in the loop.
        var witnessedInLoop: UInt64 = 0
        /// Samples of the kernel's addresses.
        var inKernel: UInt64 = 0
        /// Those of the second clocks.
        var witnessedInKernel: UInt64 = 0
    }

    static let manifest = Manifest(
        summary: "a program on the CPU clock of every processor counts samples by instruction address",
        oracle:
            "150 ms of processor time in a known loop give 0.8 to 1.1 times as many samples with addresses in it as the clock "
            + "ticked, and as many as a second clock beside it took (10 % and 10); those in the kernel and all together "
            + "too, "
            + "no more than 1.05 times the clocks' ticks, and none at an impossible address",
        kernSource: "samples/bpf/sampleip_kern.c",
        programTypes: ["PERF_EVENT"],
        needs: [
            .option("CONFIG_BPF_SYSCALL"), .option("CONFIG_PERF_EVENTS"), .option("CONFIG_BPF_EVENTS"),
            // For the clock of a thread, by which the loop knows how long it has run.
            .option("CONFIG_POSIX_TIMERS"),
        ]
    )

    /// What the map can hold; upstream does not look whether an address found room.
    static let mapCapacity = 8192
    static let spin: UInt64 = 150_000_000
    /// Fewer samples than this in the loop say nothing.
    static let fewest: UInt64 = 20

    func observe(in arena: borrowing Arena) throws -> Observation {
        let limit = try SmallFile.text("/proc/sys/kernel/perf_event_max_sample_rate").split(separator: "\n").first
        let hertz = min(1999, limit.flatMap { UInt64($0) } ?? 1999)
        var seen = Observation()
        for _ in 0..<3 {
            let session = SamplingSession(hertz: hertz, processors: try Processors.online())
            seen = try session.run(try arena.loadObject(), in: arena)
            // A virtual processor that is taken off gets no ticks: try again for a better time.
            let isThin = 10 * Double(seen.witnessedInLoop) < 9 * Self.ticks(seen)
            if arena.isControl || (!session.isTorn && !isThin) { return seen }
            if session.isTorn { seen.witnessed = 0 }
        }
        guard seen.witnessedInLoop >= Self.fewest, !isBeyondJudging(seen) else { throw NoTicks(observation: seen) }
        return seen
    }

    /// Whether what disagrees lies within the ticks that the second clocks missed: the first may have missed others.
    ///
    /// That says nothing of the kernel, for or against.
    func isBeyondJudging(_ seen: Observation) -> Bool {
        let all = Double(seen.hertz) * Double(seen.window) / 1e9 * Double(seen.processors)
        let missed = (
            inLoop: Self.ticks(seen) - Double(seen.witnessedInLoop), all: all - Double(seen.witnessed)
        )
        guard missed.inLoop > 0.1 * Self.ticks(seen) || missed.all > 0.1 * all else { return false }
        return !judge(seen).isPass && judge(seen, granting: (max(0, missed.inLoop), max(0, missed.all))).isPass
    }

    /// How often one clock ticked while the loop ran.
    private static func ticks(_ seen: Observation) -> Double {
        Double(seen.hertz) * Double(seen.spun) / 1e9
    }

    func judge(_ seen: Observation) -> Judgement { judge(seen, granting: (0, 0)) }

    /// - Parameters:
    ///   - seen: What was observed.
    ///   - grant: Samples that two clocks may differ by besides, in the loop and in all.
    /// - Returns: The judgement.
    private func judge(_ seen: Observation, granting grant: (inLoop: Double, all: Double)) -> Judgement {
        let ticks = Self.ticks(seen)
        let allTicks = Double(seen.hertz) * Double(seen.wall) / 1e9 * Double(seen.processors)
        let second = Double(seen.witnessedInLoop)
        let isThin = second < 0.9 * ticks
        var notReached: [String] = []
        var checks: [Check] = [
            .atLeast("nanoseconds in the loop", bound: Self.spin, observed: seen.spun),
            .atLeast(
                "samples in the loop, at the least",
                bound: isThin ? Double(Self.fewest) : 0.8 * ticks,
                observed: Double(seen.inLoop)
            ),
            .atMost("samples in the loop, at the most", bound: 1.1 * ticks + 2, observed: Double(seen.inLoop)),
            .within(
                "samples in the loop as the second clock took them",
                around(second, grant.inLoop),
                observed: Double(seen.inLoop)
            ),
            .atMost(
                "samples on all processors, at the most",
                bound: 1.05 * allTicks + 2 * Double(seen.processors),
                observed: Double(seen.counted)
            ),
            .equal("addresses with no sample", expected: 0, observed: seen.empty),
            .equal("impossible addresses", expected: 0, observed: seen.impossible),
        ]
        if isThin {
            notReached.append(
                "a clock ticked only \(seen.witnessedInLoop) of \(Int(ticks)) times in the loop: throttled or taken off"
            )
        }
        // Before and after the window some of the programs are attached, and no witness is asked.
        let outside =
            (Double(seen.hertz) * Double(seen.wall - min(seen.wall, seen.window)) / 1e9 + 2) * Double(seen.processors)
        let most = around(Double(seen.witnessed), grant.all).upperBound + outside
        checks.append(
            .atMost(
                "samples on all processors as the second clocks took them",
                bound: most,
                observed: Double(seen.counted)
            )
        )
        if seen.addresses < Self.mapCapacity {
            let least = around(Double(seen.witnessed), grant.all).lowerBound - Double(seen.processors)
            let witnessed = around(Double(seen.witnessedInKernel), grant.all)
            let kernel = witnessed.lowerBound...(witnessed.upperBound + outside)
            checks.append(
                .atLeast("samples on all processors, at the least", bound: least, observed: Double(seen.counted))
            )
            checks.append(
                .within("samples in the kernel as the second clocks took them", kernel, observed: Double(seen.inKernel))
            )
        } else {
            notReached.append("the samples of all processors: the map is full, and upstream drops what finds no room")
        }
        return Judgement(checks, notReached: notReached)
    }

    /// Two clocks tick at different moments: each time that the loop is interrupted the one or the other may miss it.
    private func around(_ count: Double, _ grant: Double) -> ClosedRange<Double> {
        (0.9 * count - 10 - grant)...(1.1 * count + 10 + grant)
    }
}

/// The clock of the processor hardly ever ticked while the loop ran.
struct NoTicks: Error, CustomStringConvertible {
    let observation: Sampleip.Observation

    var description: String {
        "take samples of a loop: the CPU clock ticked \(observation.witnessedInLoop) times in \(observation.spun) ns of processor "
            + "time at \(observation.hertz) Hz; is the machine overcommitted?"
    }
}

extension Sampleip {
    static let examples: [Example<Observation>] = [
        .accepted("every tick sampled", seen(inLoop: 299, all: 700)),
        .accepted("a tick lost here and there", seen(inLoop: 285, all: 660)),
        .accepted("a processor taken off half the time", seen(inLoop: 150, all: 400, witnessed: (150, 400))),
        .accepted("attached late on a busy machine", seen(inLoop: 299, all: 730, inKernel: 190, outside: 12_000_000)),
        .rejected("twice as many in the kernel", seen(inLoop: 299, all: 730, inKernel: 300)),
        .accepted("the map full", seen(inLoop: 299, all: 400, addresses: 8192)),
        .rejected("the loop did not run", Observation()),
        .rejected("the loop did not run, others did", seen(inLoop: 0, all: 500, spun: 0, witnessed: (0, 500))),
        .rejected("no sample in the loop", seen(inLoop: 0, all: 700)),
        .rejected("wrong addresses", seen(inLoop: 0, all: 700, impossible: 12)),
        .rejected("one impossible address", seen(inLoop: 299, all: 700, impossible: 1)),
        .rejected("each address counted once only", seen(inLoop: 7, all: 60)),
        .rejected("first sample of an address counts nothing", seen(inLoop: 295, all: 640, empty: 30)),
        .rejected("the first sample of an address counted twice", seen(inLoop: 303, all: 920, addresses: 230)),
        .rejected("each sample counted twice", seen(inLoop: 598, all: 1400)),
        .rejected("other processors not sampled", seen(inLoop: 299, all: 350)),
        .rejected("the kernel not sampled", seen(inLoop: 299, all: 640, inKernel: 0)),
        .rejected("a third of the ticks lost", seen(inLoop: 200, all: 470)),
        .rejected("a third lost, on a processor taken off too", seen(inLoop: 100, all: 270, witnessed: (150, 400))),
    ]

    private static func seen(
        inLoop: UInt64,
        all: UInt64,
        spun: UInt64 = 150_000_000,
        addresses: Int = 60,
        empty: Int = 0,
        impossible: Int = 0,
        witnessed: (UInt64, UInt64) = (299, 690),
        inKernel: UInt64 = 150,
        outside: UInt64 = 1_000_000
    ) -> Observation {
        Observation(
            hertz: 1999,
            processors: 2,
            spun: spun,
            wall: 180_000_000,
            window: 180_000_000 - outside,
            addresses: addresses,
            counted: all,
            inLoop: inLoop,
            empty: empty,
            impossible: impossible,
            witnessed: witnessed.1,
            witnessedInLoop: witnessed.0,
            inKernel: inKernel,
            witnessedInKernel: 150
        )
    }
}
