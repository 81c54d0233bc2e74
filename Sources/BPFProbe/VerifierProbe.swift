import LibBPF
import LinuxHost
import RunModel
import SystemPackage

/// Asks what the verifier accepts beyond the first eBPF, by loading programs that use it.
enum VerifierProbe {
    /// What is asked for, by the names of bpftool's macros, and a program that uses it.
    static let programs: [(name: String, instructions: [Instruction])] = {
        let zero = Instruction.move(.r0, 0)
        let one = Instruction.move(.r0, 1)
        let exit = Instruction.exit
        return [
            // Linux 5.2 lifted the limit of 4096 instructions for the privileged (BPF_COMPLEXITY_LIMIT_INSNS).
            ("LARGE_INSN_LIMIT", Array(repeating: zero, count: 4096) + [exit]),
            // r0 = 10; again: r0 -= 1; if r0 != 0 goto again
            (
                "BOUNDED_LOOPS",
                [
                    .move(.r0, 10), .subtract(.r0, 1),
                    .jump(over: -2, if: .r0, .notEqual, 0), exit,
                ]
            ),
            // BPF_JLT, Linux 4.14.
            ("V2_ISA_EXTENSION", [zero, .jump(over: 1, if: .r0, .less, 0), one, exit]),
            // BPF_JMP32, Linux 5.1.
            ("V3_ISA_EXTENSION", [zero, .jump32(over: 1, if: .r0, .less, 0), one, exit]),
        ]
    }()

    /// Asks for each; a refusal counts only where a program of two instructions is accepted.
    static func run(_ probe: borrowing TypeProbe) -> [ProbedType] {
        let filter = RawProgram(type: .socketFilter)
        let canary = probe.load(filter, TypeProbe.bare).refusal
        // A line an instruction: a log that overflows is a refusal of its own (ENOSPC).
        let log = VerifierLog(capacity: 1 << 20)
        return programs.map { name, instructions in
            let refusal = canary ?? filter.load(instructions, log: log).refusal
            let answer: ProbeAnswer =
                switch refusal {
                case nil: .supported
                case .notPermitted: .denied(probe.privileges.reasonForRefusal(needing: [.bpf]))
                case .some where canary != nil:
                    .inconclusive("the smallest socket filter is refused: \(canary?.named ?? "")")
                case .invalidArgument, .argListTooLong: .absent
                case .some(let other): .inconclusive(other.named)
                }
            return ProbedType(name: name, answer: answer)
        }
    }
}
