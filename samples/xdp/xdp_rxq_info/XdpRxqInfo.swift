import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Checks the interface that each frame came in on, counts frames by receive queue, and does with them as a map says.
struct XdpRxqInfo: Sample {
    struct Observation: Codable, Equatable {
        /// With the program run by the network stack, on a device with a single queue.
        var generic = Run()
        /// With the program run by the driver, on a device with a queue for each processor.
        var native = Run()
        /// What became of each ``Trial``, by its title; `nil` where the kernel knows no context of a test run.
        var trials: [String: Outcome]? = [:]
    }

    /// One mode's part.
    struct Run: Codable, Equatable {
        /// How many receive queues there were.
        var queues = 1
        /// The first processor that sent.
        var first = 0
        /// What the kern half counted in each step, by the step's title.
        var steps: [String: Counts] = [:]
        /// The same on each further processor that sent, by the processor's number.
        var elsewhere: [Int: [String: Counts]] = [:]
        /// What the ends of the pair saw, in all steps together.
        var seen = XDPSightings()
    }

    /// What a step added to the maps.
    struct Counts: Codable, Equatable, CustomStringConvertible {
        /// All frames, on the processor that sent them.
        var all = Record()
        /// Those of each receive queue, on that processor; queues without any are left out.
        var queues: [Int: Record] = [:]
        /// What was counted on processors that did not send, in all and on queues together.
        var otherProcessors = Record()

        var description: String {
            "\(all) in all, \(Self.text(queues)) on queues, \(otherProcessors) on other processors"
        }

        static func text(_ queues: [Int: Record]) -> String {
            let parts = queues.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
        }

        /// By how much the counts of queues grew; those that did not are left out.
        static func grown(_ now: [Int: Record], from before: [Int: Record]) -> [Int: Record] {
            now.reduce(into: [:]) { grown, queue in
                let difference = queue.value - (before[queue.key] ?? Record())
                if difference != Record() { grown[queue.key] = difference }
            }
        }
    }

    /// The kern half's `struct datarec`.
    struct Record: Codable, Equatable, BitwiseCopyable, CustomStringConvertible {
        var processed: UInt64 = 0
        var issue: UInt64 = 0

        var description: String { "\(processed) (\(issue) issues)" }

        static func + (left: Self, right: Self) -> Self {
            Self(processed: left.processed &+ right.processed, issue: left.issue &+ right.issue)
        }
        static func - (left: Self, right: Self) -> Self {
            Self(processed: left.processed &- right.processed, issue: left.issue &- right.issue)
        }
    }

    static let manifest = Manifest(
        summary: "an XDP program checks the ingress interface, counts by receive queue and acts as a map says",
        oracle:
            "on a veth, in generic mode with one queue and in native mode with four, on each of up to four processors, N frames of 60 to "
            + "1514 bytes count N in all and on their queue, on the processor that sent them, pass, are dropped or come back as configured, "
            + "with swapped addresses where asked; with another interface's index all N are issues and aborted; where the header is read, "
            + "frames without an EtherType are aborted; test runs do the same for queues up to 127, of which those from 64 on count "
            + "together and as issues, for every action and option, and counters go on beyond 2^32",
        kernSources: ["samples/bpf/xdp_rxq_info_kern.c"],
        programTypes: ["XDP"],
        needs: .xdp
    )

    /// Receive queues of the device in native mode: as many as processors send.
    private static let queues = SenderProcessors.most

    func observe(in arena: borrowing Arena) throws -> Observation {
        let pair = try VethPair()
        let several = try VethPair(("v2", "v3"), shape: RouteSocket.VethShape(queues: UInt32(Self.queues)))
        return Observation(
            generic: try observe(.generic, on: pair, 1, in: arena),
            native: try observe(.native, on: several, Self.queues, in: arena),
            trials: try observeTrials(in: arena)
        )
    }

    private func observeTrials(in arena: borrowing Arena) throws -> [String: Outcome]? {
        let processor = try SenderProcessors.available().last ?? 0
        return try Processors.pinned(to: processor) {
            try Self.tryAll(try arena.loadObject(), on: processor, in: arena)
        }
    }

    private func observe(
        _ mode: BPFProgram.XDPMode,
        on pair: VethPair,
        _ queues: Int,
        in arena: borrowing Arena
    ) throws -> Run {
        let object = try arena.loadObject()
        let config = try object.map("config_map")
        var run = Run(queues: queues)
        var sent: UInt64 = 0
        var isFirst = true
        run.seen = try pair.expose(to: try object.program("xdp_prognum0"), mode, in: arena) { socket, processor in
            let counters = try Counters(object, on: processor)
            var before = try counters.all()
            var steps: [String: Counts] = [:]
            defer {
                if isFirst {
                    (run.first, run.steps) = (Int(processor), steps)
                } else {
                    run.elsewhere[Int(processor)] = steps
                }
                isFirst = false
            }
            for step in Step.all {
                let index = step.isOwnInterface ? pair.near.index : pair.far.index
                try config.update(Int32(0), Config(action: step.action, ifindex: index, options: step.options))
                for kind in step.frames {
                    for _ in 0..<kind.count { try socket.send(kind.bytes) }
                    sent += UInt64(kind.count)
                }
                // The program counts before it reads the map, but it runs to its end on this thread's processor.
                let isCounted = try Deadline(after: answerTime).poll(everyMilliseconds: 1) {
                    try counters.processed() >= sent
                }
                let now = try counters.all()
                steps[step.title] = now - before
                before = now
                // A program that loses a count never catches up: every step after this one would only wait.
                if !isCounted { return false }
            }
            return true
        }
        return run
    }

    /// The kern half's `struct config`.
    struct Config: BitwiseCopyable {
        var action: UInt32
        var ifindex: Int32
        var options: UInt32
    }

    /// The kern half's counters, as seen from one processor.
    struct Counters {
        private let global: BPFMap
        private let queues: BPFMap
        private let processor: CInt

        init(_ object: borrowing LoadedObject, on processor: CInt) throws {
            global = try object.map("stats_global_map")
            queues = try object.map("rx_queue_index_map")
            self.processor = processor
        }

        /// Writes the same into all of them.
        func start(from record: Record) throws {
            try global.updatePerCPU(UInt32(0), record)
            for queue in 0..<queues.capacity { try queues.updatePerCPU(queue, record) }
        }

        /// What was counted in all, on all processors.
        func processed() throws -> UInt64 {
            try records(global, 0).reduce(Record(), +).processed
        }

        /// What the maps hold.
        func all() throws -> Counts {
            var counts = Counts()
            for (number, record) in try records(global, 0).enumerated() {
                if number == Int(processor) {
                    counts.all = record
                } else {
                    counts.otherProcessors = counts.otherProcessors + record
                }
            }
            for queue in 0..<queues.capacity {
                for (number, record) in try records(queues, queue).enumerated() {
                    if number == Int(processor) {
                        if record != Record() { counts.queues[Int(queue)] = record }
                    } else {
                        counts.otherProcessors = counts.otherProcessors + record
                    }
                }
            }
            return counts
        }

        private func records(_ map: BPFMap, _ index: UInt32) throws -> [Record] {
            try map.lookupPerCPU(index, as: Record.self) ?? []
        }
    }

    func judge(_ seen: Observation) -> Judgement {
        var notReached = SenderProcessors.notReached(onOthers: seen.generic.elsewhere.count)
        if seen.trials == nil {
            notReached.append(
                "receive queues above \(Self.queues - 1), for which a test run needs a context (Linux 5.15)"
            )
        }
        let trials = seen.trials.map { tried in
            Trial.all.map { trial in
                Check.equal(
                    "\(trial.title): test run",
                    expected: trial.expected,
                    observed: tried[trial.title] ?? .missing
                )
            }
        }
        return Judgement(
            checks("generic", seen.generic) + checks("native", seen.native) + (trials ?? []),
            notReached: notReached
        )
    }

    private func checks(_ mode: String, _ run: Run) -> [Check] {
        var passed = run.seen.passed
        var returned = run.seen.returned
        let rounds = 1 + run.elsewhere.count
        var checks: [Check] = []
        for (processor, steps) in run.elsewhere.sorted(by: { $0.key < $1.key }) {
            for step in Step.all {
                checks.append(
                    .equal(
                        "\(step.title): counted on processor \(processor), \(mode)",
                        expected: step.expected(onQueue: processor % run.queues),
                        observed: steps[step.title] ?? Counts()
                    )
                )
            }
        }
        for step in Step.all {
            let counted = run.steps[step.title] ?? Counts()
            let expected = step.expected(onQueue: run.first % run.queues)
            checks.append(.equal("\(step.title): counted, \(mode)", expected: expected, observed: counted))
            for kind in step.frames {
                let arrival = Hexadecimal.text(step.isSwapping ? kind.swapped : kind.bytes)
                checks += [
                    .equal(
                        "\(step.title): \(kind.title) that passed, \(mode)",
                        expected: kind.isAborted || step.action != Step.pass ? 0 : kind.count * rounds,
                        observed: passed.removeValue(forKey: arrival) ?? 0
                    ),
                    .equal(
                        "\(step.title): \(kind.title) that came back, \(mode)",
                        expected: kind.isAborted || step.action != Step.sendBack ? 0 : kind.count * rounds,
                        observed: returned.removeValue(forKey: arrival) ?? 0
                    ),
                ]
            }
        }
        return checks + [
            .equal("other frames that passed, \(mode)", expected: [], observed: passed.keys.sorted()),
            .equal("other frames that came back, \(mode)", expected: [], observed: returned.keys.sorted()),
            .equal("frames that pass each way after the detachment, \(mode)", expected: 2, observed: run.seen.markers),
        ]
    }
}

extension XdpRxqInfo.Counts {
    static func - (left: Self, right: Self) -> Self {
        Self(
            all: left.all - right.all,
            queues: grown(left.queues, from: right.queues),
            otherProcessors: left.otherProcessors - right.otherProcessors
        )
    }
}
