import LibBPF
import LinuxHost
import SampleKit
import SampleLab

/// Keeps a cgroup in an array of cgroups that has a name, and puts another into it by that name.
///
/// User space cannot read such an array. What is in it is seen by a program of traffic control, of the kind that `test_cgrp2_tc` has:
/// the kernel runs it on a packet that belongs to the cgroup of whoever asks for that.
struct TestCgrp2ArrayPin: SteppedSample {
    static let manifest = Manifest(
        summary: "an array of cgroups has a name in a BPF file system, by which others change what is in it",
        oracle:
            "whoever opens the name has the same array, of one entry; a program finds packets of processes in the cgroup that stands there "
            + "and below it to be under it, those above and beside not, on each of up to four processors, also after the entry was changed "
            + "by the name, emptied, and the name was taken away; names in use, outside of the file system or with a dot, missing ones, other "
            + "indices, other files than cgroups and flags are refused with the right errno",
        instructions: KernInstructions(
            maps: [.init("cgroups", shape)],
            programs: [
                .init(
                    "under",
                    .trafficClassifier,
                    [.move(.r2, map: 0), .upperHalf(of: 0), .move(.r3, 0), .call(.packetUnderCgroup), .exit]
                )
            ]
        ),
        programTypes: ["SCHED_CLS"],
        // The kernel gives the packet of a test run a socket since 4.20.
        needs: .bpf + ["CONFIG_CGROUPS", "CONFIG_NET", "CONFIG_SOCK_CGROUP_DATA", "kernel>=4.20"],
        timeout: .seconds(20)
    )

    static let shape = MapShape(.cgroupArray, value: 4, capacity: 1)

    /// A cgroup that a process is in, or that is put into the array.
    enum Place: String, CaseIterable, Sendable {
        case above, first, below, second

        /// Whether what is in this place is under another.
        func isUnder(_ other: Place) -> Bool { self == other || other == .above || self == .below && other == .first }
    }

    /// What is done to the array, and what is in it then.
    enum Step: String, CaseIterable, CustomStringConvertible, Sendable {
        case empty = "nothing in it"
        case made = "a cgroup put in, and the name given"
        case changed = "another put in by the name"
        case lower = "one below another"
        case emptied = "taken out by the name"
        case refused = "what is refused"
        case unnamed = "put in again, and the name taken away"

        var description: String { rawValue }

        var content: Place? {
            switch self {
            case .empty, .emptied, .refused: nil
            case .made, .unnamed: .first
            case .changed: .second
            case .lower: .below
            }
        }

        /// Where the program is asked from; to move a process takes its time, and an empty array is the same from everywhere.
        var places: [Place] { content == nil ? [.above] : Place.allCases.reversed() }
    }

    static let steps = Step.allCases
    static let exampleFacts: [Tallies] = [[SenderProcessors.fact: 2]]

    static func expected(_ step: Step, _ facts: Tallies) -> Tallies {
        var found: Tallies = [:]
        for (action, answer) in answers(step) { found.add("\(action): \(answer)") }
        for place in step.places {
            // EAGAIN is 11.
            let answer = step.content.map { place.isUnder($0) ? 1 : 0 } ?? -11
            found.add("a process in \(place): \(answer)", facts[SenderProcessors.fact])
        }
        return found
    }

    /// What the kernel must say to what is done.
    private static func answers(_ step: Step) -> [String: String] {
        switch step {
        case .empty: ["open": "ENOENT"]
        case .made: ["put": "ok", "name": "ok", "open": "the same, \(shape)"]
        case .changed, .lower: ["open": "the same, \(shape)", "put by the name": "ok"]
        case .emptied: ["open": "the same, \(shape)", "take out by the name": "ok"]
        case .refused:
            [
                "take out what is not there": "ENOENT", "take out beyond": "E2BIG", "put beyond": "E2BIG",
                "put what must be new": "EINVAL", "put another file": "EBADF", "put nothing": "EBADF",
                // ENOTSUPP, which has no name outside of the kernel.
                "read": "errno 524", "name in use": "EEXIST", "name elsewhere": "EPERM", "name with a dot": "EPERM",
                "name in no folder": "ENOENT", "make one of longer values": "EINVAL", "make an empty one": "EINVAL",
            ]
        case .unnamed: ["put by the name": "ok", "unname": "ok", "unname again": "ENOENT", "open": "ENOENT"]
        }
    }

    func prepare(in arena: borrowing Arena) throws -> Bench { try Bench(arena) }

    func facts(on bench: Bench, in arena: borrowing Arena) throws -> Tallies { try SenderProcessors.count() }

    func perform(_ step: Step, on bench: Bench, in arena: borrowing Arena) throws -> Tallies {
        var found: Tallies = [:]
        for (action, answer) in try bench.perform(step) { found.add("\(action): \(answer)") }
        try arena.stimulate { found = found + (try bench.look(from: step.places)) }
        return found
    }

    static func notReached(_ facts: Tallies) -> [String] { SenderProcessors.notReached(facts) }
}
