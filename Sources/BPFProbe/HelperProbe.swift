import CLinux
import Glibc
import LibBPF
import LinuxHost
import RunModel
import Synchronization
import SystemPackage

/// Asks which helpers each program type may call: a load for each pair, `call N; r0 = 0; exit`.
///
/// A call whose arguments are missing is refused with `EACCES` where the helper is the type's, and with `EINVAL` in varying words
/// where it is not. The words are compared with those of ``HelperCanaries``.
enum HelperProbe {
    /// A number that is no helper on any kernel.
    static let unknownHelper: UInt32 = 0x7fff_ffff
    static let lookup: UInt32 = 1  // bpf_map_lookup_elem: every type's
    static let adjustHead: UInt32 = 44  // bpf_xdp_adjust_head: XDP's alone
    static let copyFromUser: UInt32 = 148  // bpf_copy_from_user: sleeps
    static let path: UInt32 = 147  // bpf_d_path: an iterator's, and of a few functions
    /// Loading one makes the kernel log a warning, or switch a trace event on.
    static let loud: Set<String> = ["bpf_probe_write_user", "bpf_trace_printk", "bpf_trace_vprintk"]

    /// Asks for every helper of every type, by as many threads as there are processors, four at most.
    ///
    /// - Parameters:
    ///   - knowledge: What the threads' probes begin with.
    ///   - types: The answers to `ProgramKind.allForms`, in their order.
    /// - Returns: A column for each of them.
    static func run(_ knowledge: TypeProbe.Knowledge, _ types: [ProbedType]) -> [HelperColumn] {
        let probe = TypeProbe(knowing: knowledge)
        let canaries = tamedCanaries(probe)
        let helpers = canaries.map { namedHelpers(probe, $0) } ?? []
        let next = Atomic(0)
        let columns = Mutex([HelperColumn?](repeating: nil, count: types.count))
        let work: @Sendable () -> Void = {
            let probe = TypeProbe(knowing: knowledge)
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < types.count else { return }
                let (kind, form) = ProgramKind.allForms[index]
                let column = column(probe, canaries, helpers, types[index], kind, form)
                columns.withLock { $0[index] = column }
            }
        }
        let others = (1..<max(1, min(4, sysconf(CInt(_SC_NPROCESSORS_ONLN))))).map { _ in WorkThread(work) }
        work()
        for thread in others { thread.join() }
        return columns.withLock { $0.compactMap { $0 } }
    }

    private static func column(
        _ probe: borrowing TypeProbe,
        _ canaries: HelperCanaries?,
        _ helpers: [(UInt32, String)],
        _ type: ProbedType,
        _ kind: ProgramKind,
        _ form: ProgramKind.Form
    ) -> HelperColumn {
        var column = HelperColumn(programType: type.name, attachType: type.attachType)
        guard type.answer == .supported else {
            column.notAskedBecause = type.answer
            return column
        }
        if form.target == .program {
            column.notAskedBecause = .inconclusive("it may call the helpers of the program that it replaces")
            return column
        }
        guard let canaries, case .success(let program) = probe.request(kind, form) else {
            column.notAskedBecause = .inconclusive("the canaries of helpers do not behave")
            return column
        }
        if let doubt = doubt(probe, canaries, program) {
            column.notAskedBecause = .inconclusive(doubt)
            return column
        }
        let dozing = sleepable(probe, program)
        for (id, name) in helpers {
            if loud.contains(name) {
                column.notAsked.append(name)
            } else {
                column.add(verdict(probe, canaries, program, dozing, form.target != nil, id), name)
            }
        }
        return column
    }

    /// One call, and what the kernel says to it.
    static func say(
        _ probe: borrowing TypeProbe,
        _ program: RawProgram,
        _ helper: UInt32,
        zeroed: Bool = false
    ) -> HelperCanaries.Said {
        let call = [.call(Helper(rawValue: Int32(bitPattern: helper)))] + TypeProbe.bare
        let zeros = zeroed ? [Register.r1, .r2, .r3, .r4, .r5].map { Instruction.move($0, 0) } : []
        let refusal = probe.load(program, zeroed ? zeros + call : call).refusal
        let isClear = refusal == nil || refusal == .permissionDenied
        return HelperCanaries.Said(errno: refusal, log: isClear ? [] : probe.log.bytes)
    }

    /// The helpers to ask for: those that the kernel names, those that linux/bpf.h names, and any behind them that it knows.
    private static func namedHelpers(_ probe: borrowing TypeProbe, _ canaries: HelperCanaries) -> [(UInt32, String)] {
        var names = probe.targets.helperNames.filter { $0.value != "bpf___BPF_FUNC_MAX_ID" }
        var id: UInt32 = 1
        while let known = lx_bpf_helper_name(id) {
            if names[id] == nil { names[id] = String(cString: known) }
            id += 1
        }
        var next = (names.keys.max() ?? 0) + 1
        let filter = RawProgram(type: .socketFilter)
        while next < 1024, canaries.likeness(of: say(probe, filter, next)) != .unknown {
            names[next] = "helper \(next)"
            next += 1
        }
        return names.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The same load with the flag that it may sleep, where the kernel accepts that.
    static func sleepable(_ probe: borrowing TypeProbe, _ program: RawProgram) -> RawProgram? {
        guard program.flags & RawProgram.sleepable == 0 else { return nil }
        var dozing = program
        dozing.flags |= RawProgram.sleepable
        return probe.load(dozing, TypeProbe.bare).refusal == nil ? dozing : nil
    }

    /// Why the answers of a type cannot be believed: a call that it must accept is refused, or the reverse.
    private static func doubt(
        _ probe: borrowing TypeProbe,
        _ canaries: HelperCanaries,
        _ program: RawProgram
    ) -> String? {
        let good = say(probe, program, lookup)
        guard canaries.likeness(of: good) == .accepted else {
            return "a helper that every type has is refused: " + canaries.summary(good)
        }
        let bad = say(probe, program, unknownHelper)
        return canaries.likeness(of: bad) == .unknown ? nil : "a helper that no kernel has: " + canaries.summary(bad)
    }

    private static func verdict(
        _ probe: borrowing TypeProbe,
        _ canaries: HelperCanaries,
        _ program: RawProgram,
        _ dozing: RawProgram?,
        _ hasTarget: Bool,
        _ helper: UInt32
    ) -> HelperVerdict {
        let said = say(probe, program, helper)
        switch canaries.likeness(of: said) {
        case .accepted: return .yes
        case .refused, .unknown, .unsupported: return .no
        // A type that belongs to no function has no other attachment either.
        case .misplaced: return hasTarget ? .undecided("not at this attachment: " + canaries.summary(said)) : .no
        case .sleeping:
            guard let dozing else { return .no }
            let again = say(probe, dozing, helper)
            return canaries.likeness(of: again) == .accepted ? .sleepableOnly : .undecided(canaries.summary(again))
        case .other:
            // Some helpers' arguments are refused with EINVAL; constants may suit them better.
            if canaries.likeness(of: say(probe, program, helper, zeroed: true)) == .accepted { return .yes }
            if let dozing, canaries.likeness(of: say(probe, dozing, helper)) == .accepted { return .sleepableOnly }
            return .undecided(canaries.summary(said))
        }
    }
}
