import LibBPF
import LinuxHost
import RunModel
import SystemPackage

/// Whether the kernel does what a program says, where attaching it proves nothing.
///
/// An LSM program loads and attaches also where `bpf` is not among the active security modules, and is never called there.
enum Effects {
    static let lsm = "effect:lsm"
    static let xdp = "effect:xdp"
    /// Every effect that is asked for.
    static let names = [lsm, xdp]
}

/// What was seen of an LSM program that refuses one thread's mprotect(2).
///
/// The errors are those of mprotect(2) on a page of that thread's own; `nil` stands for success.
struct LSMEffect: Hashable {
    /// Before the program was attached.
    var before: Errno?
    /// While it was.
    var during: Errno?
    /// Afterwards.
    var after: Errno?

    /// Whether the program was obeyed.
    var answer: ProbeAnswer {
        if let before { return .inconclusive("mprotect(2) is refused without a program: \(before.named)") }
        switch (during, after) {
        case (nil, nil): return .absent
        case (.notPermitted, nil): return .supported
        case (.some(let error), nil): return .inconclusive("mprotect(2) is refused in another way: \(error.named)")
        case (_, .some(let error)): return .inconclusive("mprotect(2) stays refused: \(error.named)")
        }
    }

    /// Refuses the calling thread an mprotect(2), and nobody else.
    static func ask(_ probe: borrowing TypeProbe) -> ProbeAnswer {
        let lsm = ProgramKind.allForms.first { $0.1.attachType?.name == "BPF_LSM_MAC" }
        guard let (kind, form) = lsm, case .success(let request) = probe.request(kind, form) else {
            return .inconclusive("the kernel's type information has no 'bpf_lsm_file_mprotect'")
        }
        let plain = probe.ask(kind, form)
        guard plain == .supported else { return plain }
        guard let thread = CurrentThread.kernelIdentity() else {
            return .inconclusive("this process does not know its own number outside of its pid namespace")
        }
        let loaded = probe.load(request, refusal(of: thread))
        let answer = loaded.refusal.map { ProbeAnswer.inconclusive(VerifierText.summary(of: $0, probe.log.bytes)) }
        guard let program = loaded.descriptor() else { return answer ?? .inconclusive("no program") }
        guard let page = OwnPage() else { return .inconclusive("no page of memory") }
        var seen = LSMEffect(before: page.protect())
        do {
            let attached = RawLink.open(program.number, rawTracepoint: nil)
            if let refusal = attached.refusal {
                return AttachOutcome(refusal, absentIf: AttachOutcome.bpf)
                    .answer(probe.privileges, needing: kind.capabilities)
            }
            seen.during = page.protect()
            _ = attached.descriptor()
        }
        seen.after = page.protect()
        return seen.answer
    }

    /// `return bpf_get_current_pid_tgid() == thread ? -EPERM : 0`.
    static func refusal(of thread: UInt64) -> [Instruction] {
        [
            .call(.currentThread),
            .move(.r1, lowerHalfOf: thread), .upperHalf(of: thread),
            .jump(over: 2, if: .r0, .notEqual, .r1),
            .move(.r0, -1),
            .exit,
            .move(.r0, 0),
            .exit,
        ]
    }
}
