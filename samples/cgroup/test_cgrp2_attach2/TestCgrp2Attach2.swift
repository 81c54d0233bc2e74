import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Attaches programs to cgroups in a chain, under every rule that there is for who runs beside or in place of whom.
///
/// Each program counts in an array, in storage of its cgroup and in such storage of the processor; beyond upstream's, it also notes
/// its number behind those of the programs that ran before it.
struct TestCgrp2Attach2: SteppedSample {
    static let manifest = Manifest(
        summary:
            "programs on a chain of cgroups run beside or in place of one another, as the flags of their attachment say",
        oracle:
            "in \(steps.count) steps of attaching without flags, with OVERRIDE, MULTI and REPLACE, and of detaching, exactly what breaks a rule is "
            + "refused, with EPERM, EINVAL or ENOENT; after each a datagram of IPv4 and of IPv6 from every cgroup, on each of up to "
            + "four processors, meets exactly the programs that the kernel lists as effective, once each and in their order; one that "
            + "says no refuses it with EPERM and stops no other; a sum past 2^32, the storage of each program's cgroup and that of "
            + "the processor grow by what ran",
        instructions: KernInstructions(
            maps: [.init("counts", MapShape(.array, value: 16, capacity: 1))]
                + (0..<programs).flatMap { program in
                    [
                        KernInstructions.Map("storage \(program)", storage(.cgroupStorage)),
                        KernInstructions.Map("storage of processors \(program)", storage(.perCPUCgroupStorage)),
                    ]
                },
            programs: (0..<programs).map { program(Int32($0)) }
        ),
        programTypes: ["CGROUP_SKB"],
        needs: .cgroup + ["CONFIG_INET", "CONFIG_IPV6", "CONFIG_NET_NS"]
    )

    /// How many programs there are; the last one says no.
    static let programs = 7
    static let refusing = 6

    // Keys are struct bpf_cgroup_storage_key of linux/bpf.h, which is padded to 16 bytes.
    private static func storage(_ type: MapType) -> MapShape { MapShape(type, key: 16, value: 8, capacity: 0) }

    private static func program(_ number: Int32) -> KernInstructions.Program {
        let value: Int32 = 1 << number
        let count: [Instruction] = [
            .store(0, at: .r10, -4, width: .word),
            .move(.r2, .r10),
            .add(.r2, -4),
            .move(.r1, map: 0),
            .upperHalf(of: 0),
            .call(.mapLookup),
            .jump(over: 6, if: .r0, .equal, 0),
            .move(.r1, value),
            .atomicAdd(.r1, at: .r0, 0),
            .load(.r1, from: .r0, 8),
            .shiftLeft(.r1, 4),
            .add(.r1, number + 1),
            .store(.r1, at: .r0, 8),
        ]
        let store: [Instruction] = [
            .move(.r1, map: 1 + 2 * number),
            .upperHalf(of: 0),
            .move(.r2, 0),
            .call(.localStorage),
            .move(.r1, value),
            .atomicAdd(.r1, at: .r0, 0),
            .move(.r1, map: 2 + 2 * number),
            .upperHalf(of: 0),
            .move(.r2, 0),
            .call(.localStorage),
            .load(.r3, from: .r0, 0),
            .add(.r3, 1),
            .store(.r3, at: .r0, 0),
        ]
        let verdict: Int32 = number == refusing ? 0 : 1
        return KernInstructions.Program(
            "program \(number)",
            .cgroupPacket,
            for: .cgroupEgress,
            count + store + [.move(.r0, verdict), .exit]
        )
    }

    static func expected(_ step: AttachmentStep, _ facts: Tallies) -> Tallies {
        let processors = facts[SenderProcessors.fact]
        var found: Tallies = [:]
        for (place, action) in step.actions.enumerated() { found.add("\(place + 1). \(action): \(action.outcome)") }
        for cgroup in 1...AttachmentStep.cgroups {
            let own = step.own(cgroup)
            found.add("cgroup \(cgroup): own \(own.programs) \(own.sharing)")
            found.add("cgroup \(cgroup): effective \(step.effective(cgroup).map(\.program))")
        }
        for cgroup in 0...AttachmentStep.cgroups {
            let runs = step.effective(cgroup)
            let isRefused = runs.contains { $0.program == refusing }
            for family in SocketKind.Family.allCases {
                found.add(
                    "cgroup \(cgroup) \(family.rawValue): ran \(runs.map(\.program)), \(isRefused ? "EPERM" : "ok")",
                    processors
                )
            }
            for run in runs {
                let value = 1 << run.program
                let packets = SocketKind.Family.allCases.count
                found.add("sum", value * packets * processors)
                found.add("storage of \(run)", value * packets * processors)
                for rank in 0..<processors { found.add("processor \(rank): storage of \(run)", packets) }
            }
        }
        return found
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: AttachmentStep, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        var found: Tallies = [:]
        for (place, action) in step.actions.enumerated() {
            found.add("\(place + 1). \(action): \(try bench.perform(action))")
        }
        for cgroup in 1...AttachmentStep.cgroups { found = found + (try bench.lists(cgroup)) }
        let attached = Set((1...AttachmentStep.cgroups).flatMap { step.effective($0) })
        for run in attached { try bench.resetStorage(run) }
        try arena.stimulate {
            try SenderProcessors.each { _, _ in
                for cgroup in 0...AttachmentStep.cgroups {
                    for family in SocketKind.Family.allCases {
                        found = found + (try bench.send(from: cgroup, family))
                    }
                }
            }
        }
        for run in attached { found = found + (try bench.storage(run)) }
        return found
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }
}
