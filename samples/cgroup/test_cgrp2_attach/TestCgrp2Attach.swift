import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Counts the packets and bytes of a cgroup's sockets, in one direction, and drops them where it is asked to.
struct TestCgrp2Attach: SteppedSample {
    static let manifest = Manifest(
        summary:
            "a program on a cgroup counts the packets and bytes that its sockets send or receive, and may drop them",
        oracle:
            "datagrams and echoes of IPv4 and IPv6, of 0 to 65527 bytes, from and to sockets of a cgroup and of one below, count once with "
            + "their whole IP packets in the direction that the program is attached for, on each of up to four processors and past 2^32; "
            + "those of a cgroup beside, of none, and what the kernel itself answers do not; dropped ones count, are refused with "
            + "EPERM on their way out and never arrive; two processors that count at once lose nothing",
        instructions: KernInstructions(
            maps: [.init("counts", MapShape(.array, value: 8, capacity: 256))],
            programs: [program("pass", verdict: 1), program("drop", verdict: 0)]
        ),
        programTypes: ["CGROUP_SKB"],
        needs: .cgroup + .veth + ["CONFIG_INET", "CONFIG_IPV6", "CONFIG_NET_NS"],
        timeout: .seconds(20)
    )

    /// Adds 1 at index 0, and the packet's length at index 1.
    private static func program(_ name: String, verdict: Int32) -> KernInstructions.Program {
        func entry(_ index: Int32) -> [Instruction] {
            [
                .store(index, at: .r10, -4, width: .word),
                .move(.r2, .r10),
                .add(.r2, -4),
                .move(.r1, map: 0),
                .upperHalf(of: 0),
                .call(.mapLookup),
                .jump(over: 2, if: .r0, .equal, 0),
            ]
        }
        // The length is the context's first field.
        let packets = entry(0) + [.move(.r1, 1), .atomicAdd(.r1, at: .r0, 0)]
        let bytes = entry(1) + [.load(.r1, from: .r6, 0, width: .word), .atomicAdd(.r1, at: .r0, 0)]
        return KernInstructions.Program(
            name,
            .cgroupPacket,
            [.move(.r6, .r1)] + packets + bytes + [.move(.r0, verdict), .exit]
        )
    }

    /// What is attached meanwhile.
    struct Step: CustomStringConvertible, Sendable {
        var description: String
        /// The program for what is sent.
        var sent: String?
        /// The program for what is received.
        var received: String?
        /// Whether all processors send at once, and only to what drops it.
        var isCrowded = false

        /// Whether what is sent in a flow does not arrive, or its answer.
        func drops(_ flow: CgroupFlow) -> Bool {
            flow.from.isCounted && sent == "drop"
                || (flow.isEcho ? flow.from : flow.to).isCounted && received == "drop"
        }
    }

    static let steps = [
        Step(description: "sent counted", sent: "pass"),
        Step(description: "sent dropped", sent: "drop"),
        Step(description: "sent at once by all processors", sent: "drop", isCrowded: true),
        Step(description: "received counted", received: "pass"),
        Step(description: "received dropped", received: "drop"),
        Step(description: "both counted", sent: "pass", received: "pass"),
        Step(description: "neither counted"),
    ]

    /// How many datagrams each processor sends where all send at once.
    static let crowd = 500

    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        let processors = facts[SenderProcessors.fact]
        if step.isCrowded {
            return ["packets": crowd * processors, "bytes": crowd * processors * (20 + 8), "attached: out drop": 1]
        }
        var found: Tallies = [:]
        for flow in CgroupFlow.all {
            let count = flow.payloads.count * processors
            // An answer to an echo is as long, and comes back to the sender.
            let receiver = flow.isEcho ? flow.from : flow.to
            let isRefused = flow.from.isCounted && step.sent == "drop"
            for isSeen in [
                flow.from.isCounted && step.sent != nil, receiver.isCounted && step.received != nil && !isRefused,
            ] where isSeen {
                found.add("packets", count)
                found.add("bytes", flow.packetBytes * processors)
            }
            if isRefused, flow.tellsSender { found.add("refused: EPERM", count) }
            if !step.drops(flow) { found.add("arrived: \(flow.isOutward ? "outward" : "inward")", count) }
        }
        for attached in [step.sent.map { "out \($0)" }, step.received.map { "in \($0)" }] {
            if let attached { found["attached: \(attached)"] = 1 }
        }
        return found
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try bench.attach(step)
        var found = try bench.attached()
        // Both counts pass 2^32.
        let start = 1 << 32 - 1
        let map = try bench.loaded.map("counts")
        for index in [UInt32(0), 1] { try map.update(index, start) }
        let expected = try Self.expected(step, SenderProcessors.count())
        try arena.stimulate {
            if step.isCrowded {
                try bench.crowd(Self.crowd)
            } else {
                try SenderProcessors.each { _, _ in
                    found = found + (try bench.exchange(step))
                    SenderProcessors.settle()
                }
            }
            // An echo's answer is counted when its socket gets it, which may be a moment after the last datagram has come.
            try bench.patience.poll {
                try (map.lookup(UInt32(0), as: Int.self) ?? 0) &- start >= expected["packets"]
            }
        }
        for (index, count) in try map.entries(UInt32.self, Int.self) {
            switch index {
            case 0: found.add("packets", count &- start)
            case 1: found.add("bytes", count &- start)
            default: found.add("index \(index)", count)
            }
        }
        return found + (try bench.leftovers())
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }
}
