package import LibBPF
package import SampleKit
import SampleLab

/// A way of breaking a kern object so that it still loads and does wrong.
package enum ObjectMutation: Hashable, CustomStringConvertible {
    /// One program does nothing and returns a number.
    case silenced(section: String, returning: Int32)
    /// Every addition of one adds two.
    case countsTwice
    /// Every addition of one, and every atomic addition, adds nothing.
    case countsNothing
    /// Every program on a function of the kernel names one that no kernel has.
    case misplaced
    /// A helper is never called and says that all went well.
    case forgets(Helper)
    /// Every per-CPU map is a plain one, so that all processors have one value: what a kernel does whose lookup always gives
    /// processor 0's.
    case sharesProcessors
    /// Every hash for some thousands of entries holds half a thousand at most and loses the rest, as a kernel does that loses
    /// what comes into a bucket that is not empty.
    case crowdsHashes
    /// A map holds one entry more than it was asked for; in samples of maps alone.
    case holdsMore(map: String)

    package var description: String {
        switch self {
        case .silenced(let section, let returning): "SEC(\"\(section)\") only returns \(returning)"
        case .misplaced: "names functions that no kernel has"
        case .countsTwice: "counts by two"
        case .countsNothing: "counts by nothing"
        case .forgets(let helper): "never calls \(helper.name)"
        case .sharesProcessors: "has one value for all processors"
        case .crowdsHashes: "loses entries of its hashes"
        case .holdsMore(let map): "'\(map)' holds one entry more"
        }
    }

    /// Whether a record says that what is broken was not reached: a program that never runs on a machine may be broken there
    /// without being noticed.
    package func isExcused(by notReached: [String]) -> Bool {
        switch self {
        case .silenced(let section, _): notReached.contains { $0.contains(section) }
        case .sharesProcessors, .forgets(.processorNumber):
            notReached.contains { $0.contains(SenderProcessors.whatOthersHold) }
        default: false
        }
    }

    /// Whether a manifest says why nobody can see it.
    package func isUnseen(by manifest: Manifest) -> Bool {
        if case .forgets(let helper) = self { manifest.unseenHelpers[helper.name] != nil } else { false }
    }

    /// Every mutation that changes an object.
    package static func all(for object: [UInt8]) -> [ObjectMutation] {
        let elf = KernELF(object)
        let silences = elf.programs.flatMap { section in
            (0...2).map { ObjectMutation.silenced(section: section.name, returning: $0) }
        }
        let whole: [ObjectMutation] = [.misplaced, .countsTwice, .countsNothing, .sharesProcessors, .crowdsHashes]
        let helpers = Set(elf.programs.flatMap { Helper.called(in: elf.instructions(of: $0)) })
        return (silences + whole + helpers.sorted { $0.rawValue < $1.rawValue }.map { .forgets($0) })
            .filter { $0.applied(to: object) != object }
    }

    /// The object with this mutation; unchanged where there is nothing to change.
    package func applied(to object: [UInt8]) -> [UInt8] {
        var elf = KernELF(object)
        switch self {
        case .sharesProcessors: elf.shareProcessors()
        case .crowdsHashes: elf.crowdHashes()
        default: break
        }
        for section in elf.programs {
            if self == .misplaced {
                if let place = FunctionPlace(section: section.name) { elf.rename(section, to: Self.elsewhere(place)) }
                continue
            }
            if case .silenced(let name, let returning) = self {
                if section.name == name { silence(section, returning, in: &elf) }
                continue
            }
            let body = elf.instructions(of: section)
            for (index, instruction) in changed(body).enumerated() where instruction != body[index] {
                elf.replace(instruction, at: index, in: section)
            }
        }
        return elf.bytes
    }

    /// A section's name of the same length that names no function.
    private static func elsewhere(_ place: FunctionPlace) -> String {
        let (kind, name) =
            switch place {
            case .function(let name, let atReturn): (atReturn ? "kretprobe" : "kprobe", name)
            case .functions(let name, let atReturn): (atReturn ? "kretprobe.multi" : "kprobe.multi", name)
            case .systemCall(let name, let atReturn): (atReturn ? "kretsyscall" : "ksyscall", name)
            }
        return "\(kind)/" + String(name.map { $0 == "_" ? "X" : $0 == "*" ? "*" : "x" })
    }

    /// A program's instructions with this mutation, where it is one of instructions.
    func changed(_ body: [Instruction]) -> [Instruction] {
        var isSecondSlot = false
        return body.map { instruction in
            defer { isSecondSlot = !isSecondSlot && instruction.isWide }
            return isSecondSlot ? instruction : changed(instruction) ?? instruction
        }
    }

    private func changed(_ instruction: Instruction) -> Instruction? {
        // BPF_ADD | BPF_K of 64 and of 32 bits; BPF_ATOMIC | BPF_DW and BPF_W with an addition; BPF_CALL.
        let addsOne = (instruction.code == 0x07 || instruction.code == 0x04) && instruction.immediate == 1
        let addsAtomically = (instruction.code == 0xdb || instruction.code == 0xc3) && instruction.immediate & 0xf0 == 0
        var result = instruction
        switch self {
        case .countsTwice where addsOne: result.immediate = 2
        case .countsNothing where addsOne: result.immediate = 0
        // A jump to the next instruction.
        case .countsNothing where addsAtomically: result = Instruction(code: 0x05)
        // R0 = 0, as the helper returns.
        case .forgets(let helper)
        where instruction.isCall && instruction.source == 0 && instruction.immediate == helper.rawValue:
            result = Instruction(code: 0xb7)
        default: return nil
        }
        return result
    }

    /// So many instructions that do nothing.
    static func silence(of count: Int, _ returning: Int32) -> [Instruction] {
        Array(repeating: .move(.r0, returning), count: count - 1) + [.exit]
    }

    private func silence(_ section: KernELF.Section, _ returning: Int32, in elf: inout KernELF) {
        for (index, instruction) in Self.silence(of: section.size / 8, returning).enumerated() {
            elf.replace(instruction, at: index, in: section)
        }
        elf.dropRelocations(of: section)
    }
}
