import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Limits what the sockets of a cgroup send, by a queue that only is a number: of bytes, or of nanoseconds.
struct Hbm: Sample {
    static let manifest = Manifest(
        summary: "two programs on a cgroup limit what it sends: by credit, and by the time at which packets may leave",
        oracle:
            "each packet of UDP and TCP, of both families and with every kind of ECN, is passed, dropped, marked (CE) or announced "
            + "to its sender as the queue before it says, at both sides of each threshold and for large and small packets; the queue "
            + "afterwards, every count, what sendto(2) says, what arrives and the time of departure follow from the queue before and "
            + "the clock; senders of other cgroups, and of lo where it was not asked for, are left alone; TCP halves its window where "
            + "it is told to; where chance decides it is within six standard deviations; fq keeps packets until they may leave",
        kernSources: ["samples/bpf/hbm_out_kern.c", "samples/bpf/hbm_edt_kern.c"],
        programTypes: ["CGROUP_SKB"],
        needs: .cgroup + .veth + .trafficControl + ["CONFIG_INET", "CONFIG_IPV6", "CONFIG_NET_NS"],
        helpfulOptions: ["CONFIG_NET_SCH_FQ"],
        timeout: .seconds(60)
    )

    struct Observation: Codable, Equatable {
        /// The processors that trials were repeated on.
        var processors: [Int] = []
        /// What each program did, by the name of its object.
        var halves: [String: Half] = [:]
        /// What became of packets that may leave later only; `nil` where the kernel has no queueing discipline that heeds it.
        var delays: [HbmDelay]?

        /// What a program did.
        struct Half: Codable, Equatable {
            /// Whether the kernel listed it as attached to the cgroup.
            var isAttached = false
            /// What came of each trial, in the order of `HbmTrial.all(on:)`.
            var trials = HbmOutcomes()
            /// The debts or leads at which chance decided, and what it decided.
            var tosses: [[Int]] = []
            var crowd = HbmCrowd()
            /// The segments of each connection, by the names of what was done to it.
            var connections: [String: [String: HbmSegment]] = [:]
        }
    }

    func observe(in arena: borrowing Arena) throws -> Observation {
        let bench = try HbmBench(arena)
        var port: UInt16 = 6000
        let processors = try SenderProcessors.available()
        var seen = Observation(processors: processors.map { Int($0) })
        for half in HbmRuling.Half.allCases {
            var connections: [[HbmConnection]] = []
            if !arena.isControl {
                for one in HbmSegment.connections {
                    connections.append(
                        try (0..<HbmSegment.connectionsMade).map { _ in
                            port += 1
                            return try HbmConnection(one.family, withECN: one.withECN, on: bench, port: port)
                        }
                    )
                }
            }
            let session = try HbmSession(half, on: bench, in: arena)
            var found = Observation.Half(isAttached: session.isAttached)
            try arena.stimulate {
                found.trials = try session.perform(HbmTrial.all.filter { $0.half == half }, on: processors)
                found.tosses = try session.toss()
                found.crowd = try session.crowd(on: processors)
                found.connections = try session.segments(of: &connections)
                if half == .departure { seen.delays = try session.delays() }
            }
            session.end()
            seen.halves[half.rawValue] = found
        }
        try bench.remove()
        return seen
    }
}
