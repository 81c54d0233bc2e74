import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Samples where the processors are, by their clocks, and counts the samples by address.
struct Sampleip: Sample {
    struct Observation: Codable, Equatable {
        /// Samples a second that were asked for, on each processor.
        var hertz: UInt64 = 0
        /// Processors that were sampled.
        var processors = 0
        /// Nanoseconds of its processor time that the thread spent in the loop.
        var spun: UInt64 = 0
        /// Nanoseconds from before the first clock's start until after the last one's end.
        var wall: UInt64 = 0
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
        /// Samples that second, independent clocks took, which started and stopped together with the first.
        var witnessed: UInt64 = 0
        /// Those of them in the loop.
        var witnessedInLoop: UInt64 = 0
        /// Samples of the kernel's addresses.
        var inKernel: UInt64 = 0
        /// Those of the second clocks.
        var witnessedInKernel: UInt64 = 0
        /// Whether the loop was at an address of this process's own.
        var isOwnLoop = false
        /// Whether the second clocks lost samples or were throttled, so that nothing can be compared with them.
        var isTorn = false
        /// How many addresses the map takes.
        var room = 0
        /// What came of page faults in place of a clock.
        var faults = FaultCounts()
    }

    static let manifest = Manifest(
        summary: "a program on the CPU clock of every processor counts samples by instruction address",
        oracle:
            "page faults that 1000 instructions make, up to three times each, are counted exactly, each at its address, some from 2^16-1 on; the map takes 8192 addresses; 150 ms "
            + "of processor time in a loop of this process's own give as many samples with addresses in it as a second clock "
            + "took that ticks beside the first (10 % and 4), which is 0.8 to 1.1 times as many as the time has ticks unless "
            + "the second clock missed them too; three quarters at least of the second clocks' samples in the kernel and all "
            + "together, no more than 1.05 times the clocks' ticks, and none at an impossible address",
        kernSources: ["samples/bpf/sampleip_kern.c"],
        programTypes: ["PERF_EVENT"],
        needs: .tracing + [
            // For the clock of a thread, by which the loop knows how long it has run.
            "CONFIG_POSIX_TIMERS"
        ]
    )

    /// What the map can hold; upstream does not look whether an address found room.
    static let mapCapacity = 8192
    static let spin: UInt64 = 150_000_000
    /// Fewer ticks than this in the loop say nothing of the clock.
    static let fewest: UInt64 = 20

    func observe(in arena: borrowing Arena) throws -> Observation {
        let limit = try SmallFile.text("/proc/sys/kernel/perf_event_max_sample_rate").split(separator: "\n").first
        // Two clocks at half of what the kernel allows are not throttled.
        let hertz = max(1, min(1999, (limit.flatMap { UInt64($0) } ?? 4000) / 2))
        var seen = Observation()
        // The kernel runs no program while it serves another, or a map, on the same processor: what others do there with BPF
        // may cost samples at one time, and does not every time.
        for _ in 0..<3 {
            seen = try SamplingSession(hertz: hertz, processors: try Processors.online()).run(
                try arena.loadObject(),
                in: arena
            )
            if arena.isControl || (!seen.isTorn && clockChecks(seen).checks.allSatisfy(\.held)) { break }
        }
        let spare = try arena.loadObject()
        seen.room = try Self.room(of: try spare.map("ip_map"))
        for _ in 0..<5 {
            seen.faults = try FaultCounts(try arena.loadObject(), in: arena)
            if arena.isControl || seen.faults.isExact { break }
        }
        return seen
    }

    /// How many entries a map takes before it is full; one more than it ought to, where it is not.
    private static func room(of map: BPFMap) throws -> Int {
        for key in 0...UInt64(mapCapacity) {
            do { try map.update(key, UInt32(1)) } catch is ObjectMismatch { return Int(key) }
        }
        return mapCapacity + 1
    }

    func judge(_ seen: Observation) -> Judgement {
        let (checks, notReached) = clockChecks(seen)
        let faults = seen.faults
        return Judgement(
            checks + [
                .equal("addresses that the map takes", expected: Self.mapCapacity, observed: seen.room),
                .atLeast("instructions that made page faults", bound: 1, observed: faults.sites),
                .equal(
                    "those whose faults are counted at their address",
                    expected: faults.sites,
                    observed: faults.right
                ),
                .equal("page faults recorded, of all", expected: faults.happened, observed: UInt64(faults.recorded)),
                .equal("page faults recorded and not counted", expected: 0, observed: faults.missing),
                .equal("page faults counted and not recorded", expected: 0, observed: faults.surplus),
            ],
            notReached: notReached
        )
    }

    private func clockChecks(_ seen: Observation) -> (checks: [Check], notReached: [String]) {
        let ticks = Double(seen.hertz) * Double(seen.spun) / 1e9
        let allTicks = Double(seen.hertz) * Double(seen.wall) / 1e9 * Double(seen.processors)
        let second = Double(seen.witnessedInLoop)
        let isThin = second < 0.9 * ticks
        var notReached: [String] = []
        var checks: [Check] = [
            .atLeast("nanoseconds in the loop", bound: Self.spin, observed: seen.spun),
            .atMost(
                "samples on all processors, at the most",
                bound: 1.05 * allTicks + 2 * Double(seen.processors),
                observed: Double(seen.counted)
            ),
            .equal("addresses with no sample", expected: 0, observed: seen.empty),
            .equal("impossible addresses", expected: 0, observed: seen.impossible),
        ]
        if seen.isOwnLoop {
            checks.append(
                .atMost("samples in the loop, at the most", bound: 1.1 * ticks + 2, observed: Double(seen.inLoop))
            )
        } else {
            notReached.append("a loop of this process's own: memory that was written may not be executed here")
        }
        if seen.isTorn {
            notReached.append("the second clocks, which lost samples or were throttled")
            checks.append(.atLeast("samples in the loop", bound: 1, observed: seen.inLoop))
            return (checks, notReached)
        }
        checks.append(
            .within("samples in the loop as the second clock took them", around(second), observed: Double(seen.inLoop))
        )
        if isThin {
            notReached.append(
                "a clock ticked only \(seen.witnessedInLoop) of \(Int(ticks)) times in the loop: coarse, throttled or taken off"
            )
        } else {
            checks.append(
                .atLeast("samples in the loop, at the least", bound: 0.8 * ticks, observed: Double(seen.inLoop))
            )
        }
        if seen.witnessedInLoop < Self.fewest {
            notReached.append("the clock of a processor: \(seen.witnessedInLoop) ticks in the loop say nothing")
        }
        checks.append(
            .atMost(
                "samples on all processors as the second clocks took them",
                bound: around(Double(seen.witnessed)).upperBound + Double(seen.processors),
                observed: Double(seen.counted)
            )
        )
        if seen.addresses < Self.mapCapacity {
            checks += [
                .atLeast(
                    "samples on all processors, at the least",
                    bound: least(Double(seen.witnessed)) - Double(seen.processors),
                    observed: Double(seen.counted)
                ),
                .within(
                    "samples in the kernel as the second clocks took them",
                    least(Double(seen.witnessedInKernel))...(around(Double(seen.witnessedInKernel)).upperBound),
                    observed: Double(seen.inKernel)
                ),
            ]
        } else {
            notReached.append("the samples of all processors: the map is full, and upstream drops what finds no room")
        }
        return (checks, notReached)
    }

    /// Two clocks that were started together tick at nearly the same moments: where the loop is interrupted or the processor
    /// taken off, the one or the other may miss it now and then.
    private func around(_ count: Double) -> ClosedRange<Double> { (0.9 * count - 4)...(1.1 * count + 4) }

    /// What others do with BPF keeps programs from running in the kernel meanwhile, though never in the loop.
    private func least(_ count: Double) -> Double { 0.75 * count - 10 }
}

extension Sampleip {
    static let examples: [Example<Observation>] = [
        .accepted("every tick sampled", seen(inLoop: 299, all: 700)),
        .accepted("a tick lost here and there", seen(inLoop: 285, all: 660)),
        .accepted("a processor taken off half the time", seen(inLoop: 150, all: 400, witnessed: (150, 400))),
        .accepted("others' programs kept ours from running in the kernel", seen(inLoop: 299, all: 650, inKernel: 110)),
        .accepted(
            "a clock that ticks with the timer",
            seen(inLoop: 37, all: 90, witnessed: (37, 90), inKernel: 20, 20)
        ),
        .accepted("a clock that hardly ticks", seen(inLoop: 9, all: 30, witnessed: (9, 30), inKernel: 6, 6)),
        .accepted("the second clocks torn", seen(inLoop: 299, all: 700) { ($0.isTorn, $0.witnessed) = (true, 0) }),
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
        .rejected(
            "a third lost, of a clock that ticks with the timer",
            seen(inLoop: 24, all: 60, witnessed: (37, 90), inKernel: 20, 20)
        ),
        .rejected(
            "a third lost, of a clock that hardly ticks",
            seen(inLoop: 6, all: 20, witnessed: (9, 30), inKernel: 4, 6) {
                ($0.faults.right, $0.faults.missing) = (500, 666)
            }
        ),
        .rejected("every third event missed", seen(inLoop: 299, all: 700) { $0.faults.missing = 666 }),
        .rejected("a map that drops the oldest", seen(inLoop: 299, all: 700) { $0.room = 8193 }),
        .rejected("an address lost", seen(inLoop: 299, all: 700) { $0.faults.right -= 1 }),
        .rejected(
            "an address off by one",
            seen(inLoop: 299, all: 700) { ($0.faults.missing, $0.faults.surplus) = (1, 1) }
        ),
        .rejected("no page fault made", seen(inLoop: 299, all: 700) { $0.faults = FaultCounts() }),
        .rejected("page faults not recorded", seen(inLoop: 299, all: 700) { $0.faults.happened += 1 }),
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
        _ witnessedInKernel: UInt64 = 150,
        _ change: (inout Observation) -> Void = { _ in }
    ) -> Observation {
        var seen = Observation(
            hertz: 1999,
            processors: 2,
            spun: spun,
            wall: 180_000_000,
            addresses: addresses,
            counted: all,
            inLoop: inLoop,
            empty: empty,
            impossible: impossible,
            witnessed: witnessed.1,
            witnessedInLoop: witnessed.0,
            inKernel: inKernel,
            witnessedInKernel: witnessedInKernel,
            isOwnLoop: true,
            room: 8192,
            faults: FaultCounts(sites: 1000, right: 1000, happened: 1999, recorded: 1999)
        )
        change(&seen)
        return seen
    }
}
