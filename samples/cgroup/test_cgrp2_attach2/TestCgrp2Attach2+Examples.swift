import SampleKit
import SampleLab

extension TestCgrp2Attach2 {
    /// A few mistakes of a kernel; one for each count of each step would be thousands.
    static let examples: [Example<SteppedObservation>] = [
        .accepted("as expected on two processors", good),
        .accepted("as expected on one processor", expected([SenderProcessors.fact: 1])),
        .rejected("nothing observed", SteppedObservation()),
        .rejected("a step not performed", changed { $0["replaced"] = nil }),
        .rejected("nothing sent", changed { steps in for name in steps.keys { steps[name] = [:] } }),
        .rejected(
            "not overridden below",
            moved(in: "overridden below", "cgroup 2 inet: ran [0], ok", to: "cgroup 2 inet: ran [6], EPERM")
        ),
        .rejected(
            "overridden for one family only",
            moved(in: "overridden below", "cgroup 5 inet6: ran [0], ok", to: "cgroup 5 inet6: ran [6], EPERM")
        ),
        .rejected(
            "run, but not refused",
            moved(in: "replaced", "cgroup 1 inet: ran [6], EPERM", to: "cgroup 1 inet: ran [6], ok")
        ),
        .rejected(
            "the others not run after a refusal",
            moved(
                in: "a refusal first of all, and no other",
                "cgroup 5 inet: ran [6, 3, 0, 1], EPERM",
                to: "cgroup 5 inet: ran [6], EPERM"
            )
        ),
        .rejected(
            "the order of cgroups reversed",
            moved(in: "five cgroups", "cgroup 5 inet: ran [5, 3, 0, 1], ok", to: "cgroup 5 inet: ran [0, 1, 3, 5], ok")
        ),
        .rejected(
            "those of one cgroup in another order than attached",
            moved(in: "in the order of attaching", "cgroup 1 inet: ran [1, 0], ok", to: "cgroup 1 inet: ran [0, 1], ok")
        ),
        .rejected(
            "an overridden program run as well",
            moved(
                in: "five cgroups",
                "cgroup 5 inet: ran [5, 3, 0, 1], ok",
                to: "cgroup 5 inet: ran [5, 4, 3, 2, 0, 1], ok"
            )
        ),
        .rejected(
            "let in where nobody may be",
            moved(in: "one that nobody may override", "2. attach 1 to 2 -: EPERM", to: "2. attach 1 to 2 -: ok")
        ),
        .rejected(
            "another errno",
            moved(in: "nothing attached", "1. detach any from 1: ENOENT", to: "1. detach any from 1: EINVAL")
        ),
        .rejected(
            "another list than what runs",
            moved(in: "replaced", "cgroup 1: effective [6]", to: "cgroup 1: effective [0]")
        ),
        .rejected("other flags", moved(in: "replaced", "cgroup 1: own [6] -", to: "cgroup 1: own [6] o")),
        .rejected("one too many", changed { $0["five cgroups"]?.add("sum") }),
        .rejected("a sum of 32 bits", changed { $0["five cgroups"]?.add("sum", -1 << 32) }),
        .rejected(
            "storage of another cgroup",
            moved(in: "five cgroups", "storage of program 0 on cgroup 1", to: "storage of program 0 on cgroup 2")
        ),
        .rejected(
            "storage of another processor",
            moved(
                in: "five cgroups",
                "processor 1: storage of program 0 on cgroup 1",
                to: "processor 0: storage of program 0 on cgroup 1"
            )
        ),
    ]

    private static let good = expected([SenderProcessors.fact: 2])

    private static func changed(_ change: (inout [String: Tallies]) -> Void) -> SteppedObservation {
        var seen = good
        change(&seen.steps)
        return seen
    }

    /// Counts one thing of a step as another.
    private static func moved(in step: String, _ thing: String, to other: String) -> SteppedObservation {
        changed { steps in
            let count = steps[step]?[thing] ?? 0
            steps[step]?.add(thing, -count)
            steps[step]?.add(other, count)
        }
    }
}
