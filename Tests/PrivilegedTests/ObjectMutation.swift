import LibBPF

/// A way of breaking a kern object so that it still loads and does wrong.
enum ObjectMutation: Hashable, CustomStringConvertible {
    /// One program does nothing and returns a number.
    case silenced(section: String, returning: Int32)
    /// Every addition of one adds two.
    case countsTwice
    /// Every addition of one, and every atomic addition, adds nothing.
    case countsNothing
    /// `bpf_map_update_elem` is never called.
    case forgetsUpdates

    var description: String {
        switch self {
        case .silenced(let section, let returning): "SEC(\"\(section)\") only returns \(returning)"
        case .countsTwice: "counts by two"
        case .countsNothing: "counts by nothing"
        case .forgetsUpdates: "never updates a map"
        }
    }

    /// Every mutation that changes an object.
    static func all(for object: [UInt8]) -> [ObjectMutation] {
        let elf = KernELF(object)
        let silences = elf.programs.flatMap { section in
            (0...2).map { ObjectMutation.silenced(section: section.name, returning: $0) }
        }
        return (silences + [.countsTwice, .countsNothing, .forgetsUpdates]).filter { $0.applied(to: object) != object }
    }

    /// The object with this mutation; unchanged where there is nothing to change.
    func applied(to object: [UInt8]) -> [UInt8] {
        var elf = KernELF(object)
        for section in elf.programs {
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
        case .forgetsUpdates where instruction.isCall && instruction.source == 0 && instruction.immediate == 2:
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
