import RunModel
import SampleKit
import SampleLab

extension LoadSockOps {
    /// What must come of each step: the refusal, the program that is attached, the segments that it answers.
    private static let plan: [(name: String, refusal: String, program: String?, segments: Int)] = [
        ("nothing attached", "", nil, 0),
        ("first attached", "", first, 40),
        ("second attached", "", second, 20),
        ("first beside it", "EPERM", second, 20),
        ("loader gone", "", second, 20),
        ("detached", "", nil, 0),
        ("detached again", "ENOENT", nil, 0),
    ]

    func judge(_ seen: Observation) -> Judgement {
        var checks: [Check] = [.equal("steps", expected: Self.plan.map(\.name), observed: seen.steps.map(\.name))]
        let free = seen.steps.first?.offered ?? []
        for (plan, step) in zip(Self.plan, seen.steps) {
            let window = plan.segments * TCPFlow.segmentLimit
            checks += [
                .equal("\(plan.name): refusal", expected: plan.refusal, observed: step.refusal),
                .equal("\(plan.name): programs", expected: plan.program.map { [$0] } ?? [], observed: step.programs),
                .equal(
                    "\(plan.name): windows answered",
                    expected: "client [\(plan.segments)], server [\(plan.segments)]",
                    observed: step.windows.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                        .joined(separator: ", ")
                ),
                .equal(
                    "\(plan.name): other replies",
                    expected: [plan.program == nil ? 0 : -1],
                    observed: step.others
                ),
                .equal(
                    "\(plan.name): windows offered",
                    expected: plan.program == nil ? free : [window, window],
                    observed: step.offered
                ),
            ]
        }
        let own = [40, 20].map { $0 * TCPFlow.segmentLimit }
        checks.append(
            Check(
                claim: "windows that the kernel offers by itself",
                expected: "others than \(own)",
                observed: "\(free)",
                held: free.count == 2 && !free.contains { own.contains($0) || $0 == 0 }
            )
        )
        return Judgement(checks)
    }

    static let examples: [Example<Observation>] = [
        .accepted("as it must be", good()),
        .rejected("nothing seen", Observation()),
        .rejected(
            "nothing connected",
            changed { seen in
                for index in seen.steps.indices { (seen.steps[index].windows, seen.steps[index].offered) = ([:], []) }
            }
        ),
        .rejected("not attached", changed { $0.steps[1] = renamed($0.steps[0], "first attached") }),
        .rejected("not replaced", changed { $0.steps[2] = renamed($0.steps[1], "second attached") }),
        .rejected("both attached", changed { $0.steps[2].programs = [first, second] }),
        .rejected("let in beside it", changed { $0.steps[3].refusal = "" }),
        .rejected("gone with its loader", changed { $0.steps[4] = renamed($0.steps[5], "loader gone") }),
        .rejected("still there when detached", changed { $0.steps[5] = renamed($0.steps[4], "detached") }),
        .rejected("detached twice", changed { $0.steps[6].refusal = "" }),
        .rejected("a reply that nobody heeds", changed { $0.steps[1].offered = [65_535, 65_535] }),
        .rejected("the server's SYN-ACK as ever", changed { $0.steps[1].offered[1] = 65_535 }),
        .rejected("a reply to all", changed { $0.steps[1].others = [40] }),
    ]

    private static func good() -> Observation {
        Observation(
            steps: plan.map { name, refusal, program, segments in
                Observation.Step(
                    name: name,
                    refusal: refusal,
                    programs: program.map { [$0] } ?? [],
                    windows: ["client": [segments], "server": [segments]],
                    others: [program == nil ? 0 : -1],
                    offered: Array(repeating: program == nil ? 65_535 : segments * TCPFlow.segmentLimit, count: 2)
                )
            }
        )
    }

    private static func renamed(_ step: Observation.Step, _ name: String) -> Observation.Step {
        var step = step
        step.name = name
        return step
    }

    private static func changed(_ change: (inout Observation) -> Void) -> Observation {
        var seen = good()
        change(&seen)
        return seen
    }
}
