import LibBPF
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

    /// The helpers whose work a program's result hangs on, by their numbers in `linux/bpf.h`.
    package enum Helper: Int32, CaseIterable, Sendable {
        case bpf_map_lookup_elem = 1
        case bpf_map_update_elem = 2
        case bpf_map_delete_elem = 3
        case bpf_probe_read = 4
        case bpf_trace_printk = 6
        case bpf_get_smp_processor_id = 8
        case bpf_skb_set_tunnel_key = 21
        case bpf_redirect = 23
        case bpf_perf_event_output = 25
        case bpf_probe_write_user = 36
        case bpf_probe_read_user = 112
        case bpf_probe_read_kernel = 113
        case bpf_probe_read_kernel_str = 115
    }

    package var description: String {
        switch self {
        case .silenced(let section, let returning): "SEC(\"\(section)\") only returns \(returning)"
        case .misplaced: "names functions that no kernel has"
        case .countsTwice: "counts by two"
        case .countsNothing: "counts by nothing"
        case .forgets(let helper): "never calls \(helper)"
        case .sharesProcessors: "has one value for all processors"
        case .crowdsHashes: "loses entries of its hashes"
        }
    }

    /// Whether a record says that what is broken was not reached: a program that never runs on a machine may be broken there
    /// without being noticed.
    package func isExcused(by notReached: [String]) -> Bool {
        switch self {
        case .silenced(let section, _): notReached.contains { $0.contains(section) }
        case .sharesProcessors, .forgets(.bpf_get_smp_processor_id):
            notReached.contains { $0.contains(SenderProcessors.whatOthersHold) }
        default: false
        }
    }

    /// The mutations of a sample's object, without those of which its manifest says why nobody can see them.
    package static func all(for object: [UInt8], of manifest: Manifest) -> [ObjectMutation] {
        all(for: object).filter { mutation in
            if case .forgets(let helper) = mutation { manifest.unseenHelpers["\(helper)"] == nil } else { true }
        }
    }

    /// Every mutation that changes an object.
    package static func all(for object: [UInt8]) -> [ObjectMutation] {
        let elf = KernELF(object)
        let silences = elf.programs.flatMap { section in
            (0...2).map { ObjectMutation.silenced(section: section.name, returning: $0) }
        }
        let whole: [ObjectMutation] = [.misplaced, .countsTwice, .countsNothing, .sharesProcessors, .crowdsHashes]
        return (silences + whole + Helper.allCases.map { .forgets($0) })
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
            var isSecondSlot = false
            for (index, instruction) in elf.instructions(of: section).enumerated() {
                if !isSecondSlot, let changed = changed(instruction) { elf.replace(changed, at: index, in: section) }
                isSecondSlot = !isSecondSlot && instruction.isWide
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

    private func silence(_ section: KernELF.Section, _ returning: Int32, in elf: inout KernELF) {
        let count = section.size / 8
        for index in 0..<count - 1 {
            elf.replace(Instruction(code: 0xb7, immediate: returning), at: index, in: section)
        }
        elf.replace(Instruction(code: 0x95), at: count - 1, in: section)
        elf.dropRelocations(of: section)
    }
}
