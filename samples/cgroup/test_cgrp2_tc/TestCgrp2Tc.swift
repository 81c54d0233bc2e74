import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Drops what the processes of a cgroup send by ICMPv6, where it leaves by an interface.
struct TestCgrp2Tc: SteppedSample {
    static let manifest = Manifest(
        summary: "a traffic control program drops outgoing ICMPv6 of the cgroup that stands in an array",
        oracle:
            "of what sockets in that cgroup, below, above and beside it send, on each of up to four processors, exactly the ICMPv6 of those in "
            + "and below it is dropped at a veth's egress, of packet sockets too, down to a bare header; datagrams, ICMP, ICMPv6 behind "
            + "another header or a VLAN tag, protocols beside it, frames cut before the header's end, and the kernel's own answers arrive whole, as does "
            + "everything while the array is empty and when the program is gone; what is printed of each is right",
        kernSources: ["samples/bpf/test_cgrp2_tc_kern.c"],
        programTypes: ["SCHED_CLS"],
        needs: .trafficControl + .veth
            + [
                "CONFIG_BPF_EVENTS", "CONFIG_CGROUPS", "CONFIG_INET", "CONFIG_IPV6", "CONFIG_NET_NS",
                "CONFIG_SOCK_CGROUP_DATA",
                // Older kernels refuse the width in the format of what is printed, and print nothing.
                "helper:bpf_probe_read_kernel_str", "kernel>=5.13",
            ]
    )

    /// A cgroup that sockets are of, or that stands in the array.
    enum Place: String, CaseIterable, Sendable {
        case above, inside, below, beside

        func isUnder(_ other: Place) -> Bool { self == other || self == .below && other == .inside }
    }

    /// What stands in the array.
    struct Step: CustomStringConvertible, Sendable {
        var description: String
        var content: Place?
        var isAttached = true
    }

    static let steps = [
        Step(description: "nothing in the array"),
        Step(description: "a cgroup with another below", content: .inside),
        Step(description: "the one below", content: .below),
        Step(description: "one beside", content: .beside),
        Step(description: "taken out"),
        Step(description: "without the program", content: .inside, isAttached: false),
    ]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        let processors = facts[SenderProcessors.fact]
        var found: Tallies = ["the kernel's answers": processors, "the frame behind all others": processors]
        for place in Place.allCases {
            let isDropped = step.isAttached && step.content.map { place.isUnder($0) } == true
            for message in CgroupMessage.allCases {
                if isDropped && message.isICMPv6 {
                    if message.isFrame { found.add("\(place): refused \(message.rawValue)", processors) }
                } else {
                    found.add("\(place): \(message.rawValue)", processors)
                }
                let printed = message.isICMPv6 ? (isDropped ? "reject" : "pass") : message.remark
                if step.isAttached, let printed, message != .behind { found.add("printed: \(printed)", processors) }
            }
        }
        if step.isAttached { found.add("printed: \(CgroupMessage.remark(type: 0x88b5, next: 0x6d))", processors) }
        return found
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        try bench.set(step)
        var found: Tallies = [:]
        try arena.stimulate {
            try SenderProcessors.each { _, _ in
                found = found + (try bench.exchange())
                SenderProcessors.settle()
            }
        }
        return found
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }

    /// A few mistakes; one for each count of each step would be hundreds.
    static let examples: [Example<SteppedObservation>] = {
        let good = expected([SenderProcessors.fact: 2])
        let step = "a cgroup with another below"
        func changed(_ change: (inout [String: Tallies]) -> Void) -> SteppedObservation {
            var seen = good
            change(&seen.steps)
            return seen
        }
        func arriving(_ things: [String], in step: String) -> SteppedObservation {
            changed { steps in for thing in things { steps[step]?.add(thing, 2) } }
        }
        func missing(_ things: [String], in step: String) -> SteppedObservation {
            changed { steps in for thing in things { steps[step]?[thing] = 0 } }
        }
        let echo = CgroupMessage.echo6.rawValue
        return [
            .accepted("as expected on two processors", good),
            .accepted("as expected on one processor", expected([SenderProcessors.fact: 1])),
            .rejected("nothing observed", SteppedObservation()),
            .rejected("a step not performed", changed { $0[step] = nil }),
            .rejected("nothing sent", changed { steps in for name in steps.keys { steps[name] = [:] } }),
            .rejected("nothing dropped", arriving(["inside: \(echo)", "below: \(echo)"], in: step)),
            .rejected("the cgroup below not dropped", arriving(["below: \(echo)"], in: step)),
            .rejected("not dropped by one processor", changed { $0[step]?.add("inside: \(echo)") }),
            .rejected("all ICMPv6 dropped", missing(["above: \(echo)", "beside: \(echo)"], in: step)),
            .rejected("datagrams dropped", missing(["inside: \(CgroupMessage.datagram6.rawValue)"], in: step)),
            .rejected("ICMP dropped", missing(["inside: \(CgroupMessage.echo4.rawValue)"], in: step)),
            .rejected("a cut frame dropped", missing(["inside: \(CgroupMessage.cut.rawValue)"], in: step)),
            .rejected("a protocol above 127 dropped", missing(["below: \(CgroupMessage.high.rawValue)"], in: step)),
            .rejected("a tagged frame dropped", missing(["inside: \(CgroupMessage.tagged.rawValue)"], in: step)),
            .rejected("the kernel's answers dropped", missing(["the kernel's answers"], in: step)),
            .rejected("an empty array for every cgroup", missing(["inside: \(echo)"], in: "nothing in the array")),
            .rejected("the old cgroup after another was put in", arriving(["beside: \(echo)"], in: "one beside")),
            .rejected("still dropped without the program", missing(["below: \(echo)"], in: "without the program")),
            .rejected("another thing printed", changed { $0[step]?.add("printed: reject", -1) }),
            .rejected("another frame as well", changed { $0[step]?.add("another frame") }),
        ]
    }()
}
