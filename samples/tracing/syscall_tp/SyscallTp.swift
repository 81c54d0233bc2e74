import CLinux
import Glibc
import LibBPF
import LinuxHost
import RunModel
import SampleKit
import SampleLab

/// Counts the entries and exits of open(2), openat(2) and openat2(2) on the whole machine.
struct SyscallTp: Sample {
    struct Observation: Codable, Equatable {
        /// Whether this architecture has open(2).
        var hasOpen = true
        /// The system calls that the object has programs for and this kernel has; old observations do not say it.
        var calls: [String]?
        /// The system calls that the object has programs for and this kernel does not have.
        var unknown: [String]?
        /// Processors on line.
        var processors = 0
        /// Rounds with the programs of one system call attached, by its name.
        var rounds: [String: [OpenRound]] = [:]
        /// Rounds before them, with the program of the entry alone.
        var entering: [String: [OpenRound]] = [:]
        /// Rounds after them, with the program of the exit alone.
        var leaving: [String: [OpenRound]] = [:]
        /// Where the object says that the two programs of a system call belong, by its name.
        var places: [String: [String]] = [:]
        /// A round after everything was detached.
        var detached = OpenRound()
    }

    static let manifest = Manifest(
        summary: "programs on system call tracepoints count the opens of the whole machine",
        oracle:
            "of open, openat and openat2 in turn, as far as the object has programs for them, 8 rounds of 64 own calls with several flags, "
            + "half of which fail, by two threads of two users and on up to four processors, are counted at entry and at exit: at least 64 in all rounds "
            + "but one, in every round no more than raw_syscalls saw; of 3 rounds with the program of the entry alone no exit is counted, of 3 "
            + "with that of the exit alone no entry; detached, nothing is counted",
        kernSources: ["samples/bpf/syscall_tp_kern.c"],
        programTypes: ["TRACEPOINT"],
        needs: .tracing + ["CONFIG_FTRACE_SYSCALLS"],
        unseenHelpers: [
            "bpf_map_update_elem": "it follows a lookup in an array of one entry, which never misses"
        ]
    )

    static let rounds = 8
    /// Rounds with one program attached.
    static let singleRounds = 3

    func observe(in arena: borrowing Arena) throws -> Observation {
        let object = try arena.loadObject()
        let probe = OpenProbe(
            entered: try object.map("enter_open_map"),
            left: try object.map("exit_open_map"),
            processors: try SenderProcessors.available()
        )
        var seen = Observation()
        seen.hasOpen = lx_has_open_syscall() != 0
        seen.processors = try Processors.online().count
        let entered = try arena.tracing.event("raw_syscalls", "sys_enter")
        let left = try arena.tracing.event("raw_syscalls", "sys_exit")
        let declared = OpenCall.allCases.filter { object.instructions[$0.entryProgram] != nil }
        let calls = declared.filter(\.isKnown)
        seen.calls = calls.map(\.rawValue)
        seen.unknown = declared.filter { !$0.isKnown }.map(\.rawValue)
        // Made before and given up after everything else: a counter that goes makes the kernel wait for a while.
        let witnesses = try calls.map { call in
            let condition = "id == \(call.number)"
            return (
                call, try SystemWideCounter(entered, where: condition), try SystemWideCounter(left, where: condition)
            )
        }
        for (call, enters, exits) in witnesses {
            // One system call at a time: a machine that is busy with openat(2) must not make up for a deaf open(2).
            seen.places[call.rawValue] = [
                try object.program(call.entryProgram).section, try object.program(call.exitProgram).section,
            ]
            try probe.restart()
            let entry = try arena.attachTracepoint(call.entryProgram, of: object)
            let (single, both) = arena.isControl ? (1, 1) : (Self.singleRounds, Self.rounds)
            for index in 0..<single {
                seen.entering[call.rawValue, default: []].append(try probe.round(index, call, enters, exits, in: arena))
            }
            let exit = try arena.attachTracepoint(call.exitProgram, of: object)
            try probe.restart()
            for index in 0..<both {
                seen.rounds[call.rawValue, default: []].append(try probe.round(index, call, enters, exits, in: arena))
            }
            entry.detach()
            // A program may still run on another processor after its link is gone; a round lets it end.
            _ = try probe.round(0, call, nil, nil, in: arena)
            for index in 0..<single {
                seen.leaving[call.rawValue, default: []].append(try probe.round(index, call, enters, exits, in: arena))
            }
            exit.detach()
        }
        let last = calls.last ?? .openat
        for index in 0..<2 { seen.detached = try probe.round(index, last, nil, nil, in: arena) }
        return seen
    }

    func judge(_ seen: Observation) -> Judgement {
        var checks: [Check] = []
        let calls = seen.calls.map { $0.compactMap(OpenCall.init) } ?? (seen.hasOpen ? [.open, .openat] : [.openat])
        checks.append(.atLeast("system calls that have programs", bound: 1, observed: calls.count))
        for call in calls {
            let rounds = seen.rounds[call.rawValue] ?? []
            // Each call makes one entry and one exit: counts do not tell which one a program was called at.
            checks.append(
                .equal(
                    "where the programs of \(call) belong",
                    expected: [call.entryPlace, call.exitPlace],
                    observed: seen.places[call.rawValue] ?? []
                )
            )
            let made = rounds.count { $0.succeeded == OpenProbe.calls / 2 && $0.failed == OpenProbe.calls / 2 }
            checks.append(.equal("rounds of own \(call) calls", expected: Self.rounds, observed: made))
            let witnessed = rounds.count { $0.entriesMade >= OpenProbe.calls && $0.exitsMade >= OpenProbe.calls }
            checks.append(.equal("rounds of \(call) that raw_syscalls saw", expected: Self.rounds, observed: witnessed))
            checks += bounds("entries", of: call, rounds, seen.processors, \.entries, \.entriesMade)
            checks += bounds("exits", of: call, rounds, seen.processors, \.exits, \.exitsMade)
            let entering = seen.entering[call.rawValue] ?? []
            checks += bounds("entries alone", of: call, entering, seen.processors, \.entries, \.entriesMade)
            checks.append(
                .equal(
                    "exits counted by the program of \(call)'s entry",
                    expected: Array(repeating: 0, count: Self.singleRounds),
                    observed: entering.map(\.exits)
                )
            )
            let leaving = seen.leaving[call.rawValue] ?? []
            checks += bounds("exits alone", of: call, leaving, seen.processors, \.exits, \.exitsMade)
            checks.append(
                .equal(
                    "entries counted by the program of \(call)'s exit",
                    expected: Array(repeating: 0, count: Self.singleRounds),
                    observed: leaving.map(\.entries)
                )
            )
        }
        checks += [
            .equal(
                "calls after detaching",
                expected: OpenProbe.calls,
                observed: seen.detached.succeeded + seen.detached.failed
            ),
            .equal("entries counted after detaching", expected: 0, observed: seen.detached.entries),
            .equal("exits counted after detaching", expected: 0, observed: seen.detached.exits),
        ]
        let unknown = seen.unknown ?? (seen.hasOpen ? [] : [OpenCall.open.rawValue])
        return Judgement(
            checks,
            notReached: unknown.map { "\($0)(2), which this kernel does not have; its two programs were not attached" }
        )
    }

    private func bounds(
        _ what: String,
        of call: OpenCall,
        _ rounds: [OpenRound],
        _ processors: Int,
        _ counted: KeyPath<OpenRound, Int>,
        _ made: KeyPath<OpenRound, Int>
    ) -> [Check] {
        let full = rounds.count { $0[keyPath: counted] >= OpenProbe.calls }
        // On each other processor an open may have passed the program and not yet the witness when that was read.
        let inFlight = max(0, processors - 1)
        // A counter that goes back by more than others may have counted meanwhile lost a carry.
        let least = rounds.map { $0[keyPath: counted] }.min() ?? 0
        let excess = rounds.map { $0[keyPath: counted] - $0[keyPath: made] }.max() ?? 0
        return [
            // The kern half adds without an atomic operation. Of two processors that add at once one addition is lost, which
            // the other's makes up for; but one that is held up between load and store (an interrupt, a virtual
            // processor taken off) then wipes out all that was counted meanwhile. That is rare enough to hit one round.
            .atLeast(
                "rounds in which all own \(what) of \(call) were counted",
                bound: max(1, rounds.count - 1),
                observed: full
            ),
            .atLeast("\(what) of \(call) counted in the worst round", bound: -OpenProbe.calls, observed: least),
            .atMost("\(what) of \(call) counted in a round beyond those made", bound: inFlight, observed: excess),
        ]
    }
}
