package import LibBPF

/// A small change of one instruction of a kern object: what a broken compiler, a broken JIT or a slip in a source makes.
///
/// It holds no text of any kernel and applies to whatever the object was built from.
package struct InstructionMutation: Hashable, Sendable, CustomStringConvertible {
    /// How the instruction is changed.
    package enum Kind: String, CaseIterable, Sendable {
        /// A constant that is added, moved, stored or compared with is one more.
        case constantUp = "constant one more"
        /// The same, one less.
        case constantDown = "constant one less"
        /// A comparison holds where it must not.
        case inverted = "branch inverted"
        /// A comparison takes its numbers as signed instead of unsigned, or the other way.
        case otherSign = "comparison of the other sign"
        /// A comparison holds for equal numbers too, or no longer.
        case otherBound = "comparison of the other bound"
        /// A store or an atomic operation writes half of its bytes.
        case narrowStore = "store of half the width"
        /// A load reads half of its bytes.
        case narrowLoad = "load of half the width"
        /// An access is a byte further on.
        case moved = "access one byte on"
        /// A store is left out.
        case dropped = "store left out"
        /// A sum is a difference, a bitwise and an or, and the other way.
        case otherOperation = "other operation"
        /// A number is left in the byte order that it had.
        case unswapped = "bytes not exchanged"
    }

    /// The section of the program.
    package let section: String
    /// The instruction's number in it.
    package let index: Int
    /// How it is changed.
    package let kind: Kind

    package var description: String { "SEC(\"\(section)\"), instruction \(index): \(kind.rawValue)" }

    /// Every mutation that changes an object, in the order of its instructions.
    package static func all(for object: [UInt8]) -> [InstructionMutation] {
        let elf = KernELF(object)
        return elf.programs.flatMap { all(of: elf.instructions(of: $0), in: $0.name) }
    }

    /// Every mutation that changes a kern half of instructions, whose programs' names stand in place of sections.
    package static func all(for half: KernInstructions) -> [InstructionMutation] {
        half.programs.flatMap { all(of: $0.body, in: $0.name) }
    }

    private static func all(of instructions: [Instruction], in section: String) -> [InstructionMutation] {
        var found: [InstructionMutation] = []
        var isSecondSlot = false
        for (index, instruction) in instructions.enumerated() {
            if !isSecondSlot {
                found += Kind.allCases.filter { $0.applied(to: instruction) != nil }
                    .map { InstructionMutation(section: section, index: index, kind: $0) }
            }
            isSecondSlot = !isSecondSlot && instruction.isWide
        }
        return found
    }

    /// The kern half with this mutation; unchanged where there is no such instruction.
    package func applied(to half: KernInstructions) -> KernInstructions {
        var half = half
        for place in half.programs.indices where half.programs[place].name == section {
            let body = half.programs[place].body
            if body.indices.contains(index), let changed = kind.applied(to: body[index]) {
                half.programs[place].body[index] = changed
            }
        }
        return half
    }

    /// The object with this mutation; unchanged where there is no such instruction.
    package func applied(to object: [UInt8]) -> [UInt8] {
        var elf = KernELF(object)
        for section in elf.programs where section.name == self.section {
            let instructions = elf.instructions(of: section)
            guard instructions.indices.contains(index), let changed = kind.applied(to: instructions[index]) else {
                continue
            }
            elf.replace(changed, at: index, in: section)
        }
        return elf.bytes
    }
}

extension InstructionMutation.Kind {
    // Operations of the upper four bits, and the bit that says a register is the second operand (linux/bpf_common.h).
    private static let inversions: [UInt8: UInt8] = [
        0x10: 0x50, 0x50: 0x10, 0x20: 0xb0, 0xb0: 0x20, 0x30: 0xa0, 0xa0: 0x30, 0x60: 0xd0, 0xd0: 0x60, 0x70: 0xc0,
        0xc0: 0x70,
    ]
    private static let signs: [UInt8: UInt8] = [
        0x20: 0x60, 0x60: 0x20, 0x30: 0x70, 0x70: 0x30, 0xa0: 0xc0, 0xc0: 0xa0, 0xb0: 0xd0, 0xd0: 0xb0,
    ]
    private static let bounds: [UInt8: UInt8] = [
        0x20: 0x30, 0x30: 0x20, 0xa0: 0xb0, 0xb0: 0xa0, 0x60: 0x70, 0x70: 0x60, 0xc0: 0xd0, 0xd0: 0xc0,
    ]
    private static let operations: [UInt8: UInt8] = [0x00: 0x10, 0x10: 0x00, 0x40: 0x50, 0x50: 0x40]

    /// The changed instruction; `nil` where the change does not apply.
    func applied(to instruction: Instruction) -> Instruction? {
        let isArithmetic = instruction.kind == .arithmetic64 || instruction.kind == .arithmetic32
        let isJump = instruction.kind == .jump || instruction.kind == .jump32
        let operation = instruction.code & 0xf0
        let isComparison = isJump && Self.inversions[operation] != nil
        let takesConstant = instruction.code & 0x08 == 0
        let isStore = instruction.kind == .store || instruction.kind == .storeRegister
        var result = instruction
        switch self {
        case .constantUp, .constantDown:
            let hasConstant =
                isArithmetic && takesConstant && operation != 0x80 && operation != 0xd0
                || (isComparison || isJump && operation == 0x40) && takesConstant
                || instruction.kind == .store && instruction.isMemoryAccess
            guard hasConstant else { return nil }
            result.immediate &+= self == .constantUp ? 1 : -1
        case .inverted: return replaced(instruction, isJump, Self.inversions)
        case .otherSign: return replaced(instruction, isJump, Self.signs)
        case .otherBound: return replaced(instruction, isJump, Self.bounds)
        case .otherOperation: return replaced(instruction, isArithmetic, Self.operations)
        case .narrowStore, .narrowLoad:
            guard self == .narrowStore ? isStore : instruction.kind == .loadRegister,
                instruction.isMemoryAccess || isStore && instruction.width == 8, instruction.width > 1
            else { return nil }
            // BPF_DW, _W, _H and _B are 0x18, 0, 0x08 and 0x10; the low half comes first.
            let next: [UInt8: UInt8] = [0x18: 0x00, 0x00: 0x08, 0x08: 0x10]
            result.code = instruction.code & ~0x18 | (next[instruction.code & 0x18] ?? 0)
        case .moved:
            guard isStore || instruction.kind == .loadRegister, instruction.isMemoryAccess else { return nil }
            result.offset &+= 1
        case .dropped:
            guard isStore else { return nil }
            result = Instruction(code: 0x05)
        case .unswapped:
            guard isArithmetic, operation == 0xd0 else { return nil }
            result = Instruction(code: 0x05)
        }
        return result
    }

    private func replaced(
        _ instruction: Instruction,
        _ isOfClass: Bool,
        _ table: [UInt8: UInt8]
    ) -> Instruction? {
        guard isOfClass, let other = table[instruction.code & 0xf0] else { return nil }
        // BPF_JSET by itself is no comparison of order, and arithmetic has its own numbers.
        var result = instruction
        result.code = instruction.code & 0x0f | other
        return result
    }
}
