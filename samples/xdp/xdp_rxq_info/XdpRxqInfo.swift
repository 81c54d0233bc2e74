import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Checks the interface that each frame came in on, counts frames by receive queue, and does with them as a map says.
struct XdpRxqInfo: Sample {
    struct Observation: Codable, Equatable {
        /// With the program run by the network stack.
        var generic = Run()
        /// With the program run by the driver.
        var native = Run()
        /// What the program returned for single frames, each a number of `enum xdp_action`.
        ///
        /// For one that is to pass, one of another interface, and one without EtherType where the header is read.
        var actions: [UInt32] = []
    }

    /// One mode's part.
    struct Run: Codable, Equatable {
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
        /// Those of receive queue 0.
        var queue0 = Record()
        /// Those of all other queues, on whatever processor.
        var otherQueues = Record()
        /// What was counted in all and on queue 0 on processors that did not send, together.
        var otherProcessors = Record()

        var description: String {
            "\(all) in all, \(queue0) on queue 0, \(otherQueues) on others, \(otherProcessors) on other processors"
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
            "on a veth, in generic and in native mode, on each of up to four processors, N frames count N in all and on "
            + "queue 0, all on the processor that sent them, pass, are "
            + "dropped or come back as configured, with swapped addresses where asked; with another "
            + "interface's index all N are issues and aborted; where the header is read, frames without an "
            + "EtherType are aborted",
        kernSources: ["samples/bpf/xdp_rxq_info_kern.c"],
        programTypes: ["XDP"],
        needs: .xdp
    )

    func observe(in arena: borrowing Arena) throws -> Observation {
        let pair = try VethPair()
        return Observation(
            generic: try observe(.generic, on: pair, in: arena),
            native: try observe(.native, on: pair, in: arena),
            actions: try observeActions(in: arena)
        )
    }

    private func observeActions(in arena: borrowing Arena) throws -> [UInt32] {
        let object = try arena.loadObject()
        let config = try object.map("config_map")
        let program = try object.program("xdp_prognum0")
        // A test run comes in on lo.
        let loopback = try Interface(named: "lo").index
        var actions: [UInt32] = []
        try arena.stimulate {
            for (index, options, type) in [
                (loopback, Step.readMemory, 0x0600), (loopback + 1, 0, 0x0600), (loopback, Step.readMemory, 0x05ff),
            ] as [(CInt, UInt32, UInt16)] {
                try config.update(Int32(0), Config(action: Step.pass, ifindex: index, options: options))
                let payload = [UInt8](repeating: 0, count: 64)
                let address = HardwareAddress(local: 1)
                actions.append(
                    try program.run(onFrame: EthernetFrame.make(from: address, to: address, type: type, payload))
                )
            }
        }
        return actions
    }

    private func observe(_ mode: BPFProgram.XDPMode, on pair: VethPair, in arena: borrowing Arena) throws -> Run {
        let object = try arena.loadObject()
        let config = try object.map("config_map")
        let global = try object.map("stats_global_map")
        let queues = try object.map("rx_queue_index_map")
        var run = Run()
        var sent: UInt64 = 0
        var isFirst = true
        run.seen = try pair.expose(to: try object.program("xdp_prognum0"), mode, in: arena) { socket, processor in
            var before = try Self.counts(global, queues, on: processor)
            var steps: [String: Counts] = [:]
            defer {
                if isFirst { run.steps = steps } else { run.elsewhere[Int(processor)] = steps }
                isFirst = false
            }
            for step in Step.all {
                let index = step.isOwnInterface ? pair.near.index : pair.far.index
                try config.update(Int32(0), Config(action: step.action, ifindex: index, options: step.options))
                for kind in step.frames(on: pair) {
                    for _ in 0..<kind.count { try socket.send(kind.bytes) }
                    sent += UInt64(kind.count)
                }
                // The program counts before it reads the map, but it runs to its end on this thread's processor.
                let isCounted = try Deadline(after: answerTime).poll(everyMilliseconds: 1) {
                    try Self.records(global, 0).reduce(Record(), +).processed >= sent
                }
                let now = try Self.counts(global, queues, on: processor)
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
    private struct Config: BitwiseCopyable {
        var action: UInt32
        var ifindex: Int32
        var options: UInt32
    }

    /// What the maps hold, as seen from one processor.
    private static func counts(_ global: BPFMap, _ queues: BPFMap, on processor: CInt) throws -> Counts {
        var counts = Counts()
        for (number, record) in try records(global, 0).enumerated() {
            if number == Int(processor) {
                counts.all = record
            } else {
                counts.otherProcessors = counts.otherProcessors + record
            }
        }
        for (number, record) in try records(queues, 0).enumerated() {
            if number == Int(processor) {
                counts.queue0 = record
            } else {
                counts.otherProcessors = counts.otherProcessors + record
            }
        }
        for queue in 1..<queues.capacity {
            counts.otherQueues = try records(queues, queue).reduce(counts.otherQueues, +)
        }
        return counts
    }

    private static func records(_ map: BPFMap, _ index: UInt32) throws -> [Record] {
        try map.lookupPerCPU(index, as: Record.self) ?? []
    }

    func judge(_ seen: Observation) -> Judgement {
        Judgement(
            checks("generic", seen.generic) + checks("native", seen.native) + [
                // XDP_PASS, and XDP_ABORTED twice: not XDP_DROP, which drops too.
                .equal("what the program returned", expected: [2, 0, 0], observed: seen.actions)
            ],
            notReached: SenderProcessors.notReached(onOthers: seen.generic.elsewhere.count)
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
                        expected: step.expected,
                        observed: steps[step.title] ?? Counts()
                    )
                )
            }
        }
        for step in Step.all {
            let counted = run.steps[step.title] ?? Counts()
            checks.append(.equal("\(step.title): counted, \(mode)", expected: step.expected, observed: counted))
            for kind in step.frames() {
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
            queue0: left.queue0 - right.queue0,
            otherQueues: left.otherQueues - right.otherQueues,
            otherProcessors: left.otherProcessors - right.otherProcessors
        )
    }
}
