import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Attaches sockops programs to a cgroup as upstream's loader did, which leaves them there, and detaches them.
struct LoadSockOps: Sample {
    struct Observation: Codable, Equatable {
        /// What was done, and what came of it, in order.
        var steps: [Step] = []

        /// One thing that was done.
        struct Step: Codable, Equatable {
            /// What was done.
            var name = ""
            /// What the kernel refused it with; empty where it did it.
            var refusal = ""
            /// The programs that the kernel lists for the cgroup.
            var programs: [String] = []
            /// What was replied to the operation that asks for a window, by the ends of a connection made then.
            var windows: [String: [Int]] = [:]
            /// What was replied to all others.
            var others: [Int] = []
            /// The window that the client's SYN offered, and the server's SYN-ACK.
            var offered: [Int] = []
        }
    }

    static let manifest = Manifest(
        summary: "a loader attaches sockops programs to a cgroup, where they stay without it, and detaches them",
        oracle:
            "without flags one program takes the place of another, one that allows others is refused with EPERM, and one whose "
            + "descriptors are closed stays; after each step the kernel lists exactly the attached program, whose reply opens the "
            + "window of SYN and SYN-ACK on the wire; detaching leaves none, and again is refused with ENOENT",
        instructions: KernInstructions(programs: [program(first, segments: 40), program(second, segments: 20)]),
        programTypes: ["SOCK_OPS"],
        needs: .socketOps
    )

    static let first = "window of 40"
    static let second = "window of 20"

    /// Answers the operation that asks for a window (`BPF_SOCK_OPS_RWND_INIT`), and -1 to all others.
    private static func program(_ name: String, segments: Int32) -> KernInstructions.Program {
        KernInstructions.Program(
            name,
            .socketOperations,
            for: .cgroupSocketOperations,
            [
                .load(.r2, from: .r1, 0, width: .word),  // r2 = context->op
                .move(.r3, -1),
                .jump(over: 1, if: .r2, .notEqual, 2),
                .move(.r3, segments),
                .store(.r3, at: .r1, 4, width: .word),  // context->reply = r3
                .move(.r0, 1),
                .exit,
            ]
        )
    }

    private static let one = SocketOpsCase("connection", SocketOpsCase.near)

    func observe(in arena: borrowing Arena) throws -> Observation {
        let inner = arena.cgroup.child("inner")
        try inner.create()
        var seen = Observation()
        let lab = try SocketOpsLab(
            try arena.recordSocketOps(of: arena.cgroup),
            outer: arena.cgroup,
            inner: inner,
            cases: [Self.one],
            traits: [.offeredWindow]
        )
        let names = try attach(in: arena, inner, lab, &seen)
        try Self.step("loader gone", inner, names, arena, lab, &seen) {}
        for name in ["detached", "detached again"] {
            try Self.step(name, inner, names, arena, lab, &seen) {
                try CgroupAttachment.detach(from: inner, Self.type)
            }
        }
        try inner.remove(deadline: Deadline(after: answerTime))
        return seen
    }

    /// The name of the error that the kernel refused something with; empty where it did it.
    private static func refusal(of act: () throws -> Void) throws -> String {
        do {
            try act()
            return ""
        } catch let error where error is SystemCallError || error is AttachError {
            return ["EPERM", "ENOENT"].first { "\(error)".contains("(\($0))") } ?? "\(error)"
        }
    }

    private static let type = AttachType.cgroupSocketOperations

    /// Does what the loader did while it ran; the descriptors of the programs are closed when this returns.
    ///
    /// - Returns: The programs' names by their numbers.
    private func attach(
        in arena: borrowing Arena,
        _ inner: ControlGroup,
        _ lab: borrowing SocketOpsLab,
        _ seen: inout Observation
    ) throws -> [UInt32: String] {
        let loaded = try arena.loadInstructions()
        let (first, second) = (try loaded.program(Self.first), try loaded.program(Self.second))
        var names: [UInt32: String] = [:]
        for (name, program) in [(Self.first, first), (Self.second, second)] {
            if let number = CgroupAttachment.number(of: program.descriptor) { names[number] = name }
        }
        func attach(_ program: InstructionProgram, _ sharing: CgroupAttachment.Sharing = []) -> () throws -> Void {
            { try CgroupAttachment.attach(program.descriptor, to: inner, Self.type, sharing) }
        }
        try Self.step("nothing attached", inner, names, arena, lab, &seen) {}
        try Self.step("first attached", inner, names, arena, lab, &seen, attach(first))
        try Self.step("second attached", inner, names, arena, lab, &seen, attach(second))
        try Self.step(
            "first beside it",
            inner,
            names,
            arena,
            lab,
            &seen,
            attach(first, .multiple)
        )
        return withExtendedLifetime(loaded) { names }
    }

    /// Does something and looks at the cgroup and at a connection of it; the connection is the stimulus.
    private static func step(
        _ name: String,
        _ inner: ControlGroup,
        _ names: [UInt32: String],
        _ arena: borrowing Arena,
        _ lab: borrowing SocketOpsLab,
        _ seen: inout Observation,
        _ act: () throws -> Void
    ) throws {
        var step = Observation.Step(name: name, refusal: try refusal(of: act))
        step.programs = try CgroupAttachment.programs(of: inner, type).map { names[$0] ?? "another" }
        var made: SocketOpsObservation.Flow?
        try arena.stimulate { made = try lab.run([one], on: [])[one.name] }
        if let made {
            for end in TCPFlow.End.allCases {
                let isWindow = { (call: SocketOpsRecorder.Call) in
                    call.operation == SocketOperation.receiveWindow.rawValue
                }
                step.windows[end.rawValue] = Set(made[end].calls.filter(isWindow).map(\.reply)).sorted()
                step.others = Set(step.others + made[end].calls.filter { !isWindow($0) }.map(\.reply)).sorted()
                step.offered.append(made[end].traits["\(TCPTrait.offeredWindow)"] ?? 0)
            }
        }
        seen.steps.append(step)
    }
}
