import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Gives a map and programs names in a BPF file system, and uses what the names stand for.
struct FdsExample: SteppedSample {
    static let manifest = Manifest(
        summary: "a map and a program outlive their makers' descriptors by names in a BPF file system",
        oracle:
            "a name gives the same map with what was written to it, from the first key to the last, to all who open it, and the same "
            + "programs, which one after the other as a socket's filter cut frames of 60 to 1514 bytes to one and to two, on each of up to "
            + "four processors, also without name and descriptor, while another socket receives them whole; a map without both is gone at "
            + "once, a program with its last socket; names in use, outside of the file system or with a dot, missing ones, keys "
            + "beyond the last, and a map in a program's place are refused with the right errno",
        instructions: KernInstructions(
            maps: [.init("values", shape)],
            programs: [
                .init("one byte", .socketFilter, [.move(.r0, 1), .exit]),
                .init("two bytes", .socketFilter, [.move(.r0, 2), .exit]),
            ]
        ),
        programTypes: ["SOCKET_FILTER"],
        needs: .bpf + .veth + ["CONFIG_NET_NS"]
    )

    static let shape = MapShape(.array, value: 4, capacity: 1024)
    /// Frames from the shortest to the longest.
    static let lengths = [60, 61, 1000, 1514]

    enum Step: String, CaseIterable, CustomStringConvertible, Sendable {
        case map = "a map by its name"
        case program = "a program by its name"
        case other = "another in its place"
        case refused = "what is refused"
        case unnamed = "without names"
        case closed = "without the socket"

        var description: String { rawValue }
        /// Whether frames are sent.
        var sends: Bool { [.program, .other, .unnamed].contains(self) }
    }

    static let steps = Step.allCases
    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        var found: Tallies = [:]
        for (action, answer) in answers(step) { found.add("\(action): \(answer)") }
        if step.sends {
            let processors = facts[SenderProcessors.fact]
            found.add("filtered: \(step == .program ? 1 : 2) bytes", lengths.count * processors)
            for length in lengths { found.add("not filtered: \(length) bytes", processors) }
        }
        return found
    }

    /// What the kernel must say to what is done.
    private static func answers(_ step: Step) -> [String: String] {
        switch step {
        case .map:
            [
                "open": "the same", "its shape": "\(shape)", "write 1": "ok", "write 0": "ok", "write 1023": "ok",
                "read 1 by another descriptor": "42", "read 0 by another descriptor": "4294967295",
                "read 1023 by another descriptor": "7", "read 2 by another descriptor": "0", "write 1 again": "ok",
                "read 1 once more": "43",
            ]
        case .program, .other: ["open": "the same", "attach": "ok"]
        case .refused:
            [
                "write 1024": "E2BIG", "read 1024": "ENOENT", "write what must be new": "EEXIST",
                "write with other flags": "EINVAL", "remove": "EINVAL", "name in use": "EEXIST",
                "name of a folder": "EEXIST", "name elsewhere": "EPERM", "name with a dot": "EPERM",
                "name in no folder": "ENOENT", "name what is no object": "EINVAL", "open what is missing": "ENOENT",
                "open a folder": "EACCES", "attach a map": "EINVAL", "write to a program": "EINVAL",
            ]
        case .unnamed:
            [
                "unname the map": "ok", "unname the programs": "ok", "open the map": "ENOENT",
                "open the other program": "ENOENT", "the map": "gone", "the program": "gone",
                "the other program": "there",
            ]
        case .closed: ["the other program": "gone"]
        }
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        var found: Tallies = [:]
        for (action, answer) in try bench.perform(step) { found.add("\(action): \(answer)") }
        if step.sends { try arena.stimulate { found = found + (try bench.exchange()) } }
        return found
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }
}
