import CLinux
import Glibc
import LibBPF
import LinuxHost
import RunModel
import SampleKit

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
        /// A round after everything was detached.
        var detached = OpenRound()
    }

    static let manifest = Manifest(
        summary: "programs on system call tracepoints count the opens of the whole machine",
        oracle:
            "of open, openat and openat2 in turn, as far as the object has programs for them, 8 rounds of 64 own calls, half of "
            + "which fail, are counted at entry and at exit: at least 64 in all rounds but one, in every round no more "
            + "than raw_syscalls saw; detached, nothing is counted",
        kernSources: ["samples/bpf/syscall_tp_kern.c"],
        programTypes: ["TRACEPOINT"],
        needs: .tracing + ["CONFIG_FTRACE_SYSCALLS"],
        unseenHelpers: [
            "bpf_map_update_elem": "it follows a lookup in an array of one entry, which never misses"
        ]
    )

    static let rounds = 8

    func observe(in arena: borrowing Arena) throws -> Observation {
        let object = try arena.loadObject()
        let probe = OpenProbe(entered: try object.map("enter_open_map"), left: try object.map("exit_open_map"))
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
            let entry = try arena.attachTracepoint(call.entryProgram, of: object)
            let exit = try arena.attachTracepoint(call.exitProgram, of: object)
            for _ in 0..<(arena.isControl ? 1 : Self.rounds) {
                seen.rounds[call.rawValue, default: []].append(try probe.round(call, enters, exits, in: arena))
            }
            entry.detach()
            exit.detach()
        }
        // A program may still run on another processor after its link is gone; a round lets it end.
        let last = calls.last ?? .openat
        for _ in 0..<2 { seen.detached = try probe.round(last, nil, nil, in: arena) }
        return seen
    }

    func judge(_ seen: Observation) -> Judgement {
        var checks: [Check] = []
        let calls = seen.calls.map { $0.compactMap(OpenCall.init) } ?? (seen.hasOpen ? [.open, .openat] : [.openat])
        checks.append(.atLeast("system calls that have programs", bound: 1, observed: calls.count))
        for call in calls {
            let rounds = seen.rounds[call.rawValue] ?? []
            let made = rounds.count { $0.succeeded == OpenProbe.calls / 2 && $0.failed == OpenProbe.calls / 2 }
            checks.append(.equal("rounds of own \(call) calls", expected: Self.rounds, observed: made))
            let witnessed = rounds.count { $0.entriesMade >= OpenProbe.calls && $0.exitsMade >= OpenProbe.calls }
            checks.append(.equal("rounds of \(call) that raw_syscalls saw", expected: Self.rounds, observed: witnessed))
            checks += bounds("entries", of: call, rounds, seen.processors, \.entries, \.entriesMade)
            checks += bounds("exits", of: call, rounds, seen.processors, \.exits, \.exitsMade)
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
        let excess = rounds.map { $0[keyPath: counted] - $0[keyPath: made] }.max() ?? 0
        return [
            // The kern half adds without an atomic operation. Of two processors that add at once one addition is lost, which
            // the other's makes up for; but one that is held up between load and store (an interrupt, a virtual
            // processor taken off) then wipes out all that was counted meanwhile. That is rare enough to hit one round.
            .atLeast("rounds in which all own \(what) of \(call) were counted", bound: Self.rounds - 1, observed: full),
            .atMost("\(what) of \(call) counted in a round beyond those made", bound: inFlight, observed: excess),
        ]
    }
}

extension SyscallTp {
    static let examples: [Example<Observation>] = [
        .accepted("a quiet machine", seen(round())),
        .accepted("others open files too", seen(round(entries: 90, exits: 88, made: 93))),
        .accepted("an addition lost in one round", seen(round(), first: round(entries: 63))),
        .accepted("no open(2) here", seen(round(), hasOpen: false)),
        .accepted("an object without programs for openat(2)", seen(round(), kinds: [.open], calls: [.open])),
        .accepted(
            "one with programs for openat2(2)",
            seen(round(), kinds: OpenCall.allCases, calls: OpenCall.allCases)
        ),
        .rejected("openat2(2) left out", seen(round(), calls: OpenCall.allCases)),
        .rejected("an object without programs", seen(round(), calls: [])),
        .rejected("nothing was opened", Observation()),
        .rejected("only others opened files", seen(OpenRound(entries: 70, exits: 70, entriesMade: 70, exitsMade: 70))),
        .rejected("entries not counted", seen(round(entries: 0))),
        .rejected("failed opens not counted at exit", seen(round(exits: 32))),
        .rejected("each open counted twice", seen(round(entries: 128, exits: 128))),
        .rejected("too much in a single round", seen(round(), first: round(exits: 70))),
        .rejected("an addition lost in two rounds", seen(round(), first: round(entries: 63), last: round(entries: 60))),
        .rejected("counted after detaching", seen(round(), detached: round())),
        .rejected("no round after detaching", seen(round(), detached: OpenRound())),
        .rejected("open(2) left out without a reason", seen(round(), kinds: [.openat])),
    ]

    private static func round(entries: Int = 64, exits: Int = 64, made: Int = 64) -> OpenRound {
        OpenRound(succeeded: 32, failed: 32, entries: entries, exits: exits, entriesMade: made, exitsMade: made)
    }

    private static func seen(
        _ round: OpenRound,
        first: OpenRound? = nil,
        last: OpenRound? = nil,
        detached: OpenRound = OpenRound(succeeded: 32, failed: 32),
        hasOpen: Bool = true,
        kinds: [OpenCall] = [.open, .openat],
        calls: [OpenCall]? = nil
    ) -> Observation {
        let rounds = [first ?? round] + Array(repeating: round, count: 6) + [last ?? round]
        let kinds = hasOpen ? kinds : [.openat]
        return Observation(
            hasOpen: hasOpen,
            calls: calls?.map(\.rawValue),
            processors: 2,
            rounds: Dictionary(uniqueKeysWithValues: kinds.map { ($0.rawValue, rounds) }),
            detached: detached
        )
    }
}
