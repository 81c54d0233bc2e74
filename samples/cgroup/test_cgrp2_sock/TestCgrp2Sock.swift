import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Sets the device, the mark and the priority of the sockets that a cgroup's processes make.
struct TestCgrp2Sock: SteppedSample {
    static let manifest = Manifest(
        summary: "a program on a cgroup binds new sockets to a device, and gives them a mark and a priority",
        oracle:
            "stream, datagram and raw sockets of IPv4 and IPv6 made in the cgroup or below it have exactly the device, mark and "
            + "priority that the attached program sets, in all 32 bits, and those of another user have the user as their mark; the ends "
            + "of TCP connections have what their socket, or the one that listened, was made with; packet and UNIX sockets, sockets "
            + "outside the cgroup, those made before and those made after have none",
        instructions: KernInstructions(
            programs: [
                program("device", device), program("mark", mark), program("priority", priority),
                program("all", device + mark + priority),
            ]
        ),
        programTypes: ["CGROUP_SOCK"],
        needs: .cgroup + .veth + ["CONFIG_INET", "CONFIG_IPV6", "CONFIG_NET_NS", "CONFIG_UNIX"]
    )

    /// All four bytes of each number differ, and the mark's highest bit is set.
    static let givenMark: UInt32 = 0x9abc_def1
    static let givenPriority: UInt32 = 0x7654_3218
    /// More than 16 bits.
    static let givenInterface: CInt = 0x12345
    /// A user who is nobody's, of 32 bits.
    static let stranger: UInt32 = 0xf1e2_d3c4

    // The fields of struct bpf_sock in linux/bpf.h: bound_dev_if at 0, mark at 16, priority at 20.
    private static let device: [Instruction] = [
        .move(.r3, parameter: 0),
        .upperHalf(of: 0),
        .store(.r3, at: .r6, 0, width: .word),
    ]
    private static let mark: [Instruction] = [
        // The user is the lower half.
        .call(.currentUser),
        .move(.r3, .r0),
        .jump32(over: 1, if: .r0, .notEqual, 0),
        .move(.r3, Int32(bitPattern: givenMark)),
        .store(.r3, at: .r6, 16, width: .word),
    ]
    private static let priority: [Instruction] = [
        .move(.r3, Int32(bitPattern: givenPriority)),
        .store(.r3, at: .r6, 20, width: .word),
    ]

    private static func program(_ name: String, _ body: [Instruction]) -> KernInstructions.Program {
        KernInstructions.Program(
            name,
            .cgroupSocket,
            for: .cgroupSocketCreation,
            [.move(.r6, .r1)] + body + [.move(.r0, 1), .exit]
        )
    }

    /// A program that is attached, and where.
    struct Step: CustomStringConvertible, Sendable {
        var description: String
        var program: String?
        var place = Place.own

        /// A cgroup, as seen from that of the process.
        enum Place: Sendable { case own, above, beside, below }

        /// Whether sockets of the process are set a thing.
        func sets(_ thing: String) -> Bool {
            (place == .own || place == .above) && (program == "all" || program == thing)
        }
    }

    static let steps = [
        Step(description: "nothing attached"),
        Step(description: "the device", program: "device"),
        Step(description: "the mark", program: "mark"),
        Step(description: "the priority", program: "priority"),
        Step(description: "all three", program: "all"),
        Step(description: "on the cgroup above", program: "all", place: .above),
        Step(description: "on one beside", program: "all", place: .beside),
        Step(description: "on one below", program: "all", place: .below),
        Step(description: "detached"),
    ]

    /// The user that the process is, whose sockets get the mark if it is root.
    private static let user = "user"
    static let exampleFacts: [Tallies] = [[:]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        var found: Tallies = [:]
        func count(_ title: String, of user: Int, times: Int, isTouched: Bool = true, isAccepted: Bool = false) {
            let mark = user == 0 ? Int(givenMark) : user
            let options = [
                "device \(isTouched && step.sets("device") ? Int(givenInterface) : 0)",
                "mark \(isTouched && step.sets("mark") ? mark : 0)",
                // A socket that accept(2) makes begins without a priority.
                "priority \(isTouched && !isAccepted && step.sets("priority") ? Int(givenPriority) : 0)",
            ]
            found.add("\(title): \(options.joined(separator: ", "))", times)
        }
        let families = SocketKind.Family.allCases.count
        // Those that were tried for their options alone, one that listens and one that connects.
        count("made by the process", of: facts[user], times: SocketTrials.kinds.count + 2 * families)
        count("accepted of one that listens", of: facts[user], times: families, isAccepted: true)
        count("made by a stranger", of: Int(stranger), times: SocketTrials.kinds.count)
        // Both ends of connections to and from other sockets, those of other families, and an old one.
        count("not of the cgroup", of: facts[user], times: 2 * families + 2 + 1, isTouched: false)
        return found
    }

    func prepare(in arena: borrowing Arena) throws -> SocketTrials { try SocketTrials(arena) }

    func facts(on bench: SocketTrials, in arena: borrowing Arena) throws -> Tallies { [Self.user: bench.user] }

    func perform(_ step: Step, on bench: SocketTrials, in arena: borrowing Arena) throws -> Tallies {
        try bench.attach(step)
        var found: Tallies = [:]
        try arena.stimulate { found = try bench.look() }
        return found
    }
}
