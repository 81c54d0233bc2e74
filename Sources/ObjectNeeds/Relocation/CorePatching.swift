import LibBPF

/// Puts an answer into an instruction.
struct CorePatching {
    let original: CoreValues.Answer
    let found: CoreValues.Answer
    let isResizable: Bool

    /// The change of an instruction.
    ///
    /// - Returns: `nil` where the access would read something else than the field.
    /// - Throws: ``CoreFailure`` where libbpf refuses the object.
    func patch(_ instructions: [Instruction], at index: Int) throws(CoreFailure) -> CoreResolution.Patch? {
        let instruction = instructions[index]
        switch instruction.kind {
        case .arithmetic32, .arithmetic64:
            guard instruction.code & 8 == 0 else { throw .instruction("the instruction has no constant to replace") }
            let held = UInt64(bitPattern: Int64(instruction.immediate))
            try validate(held)
            return CoreResolution.Patch(part: .immediate, original: held, value: found.value, width: nil)
        case .loadRegister, .store, .storeRegister:
            let held = UInt64(bitPattern: Int64(instruction.offset))
            try validate(held)
            guard found.value <= UInt64(Int16.max) else {
                throw .instruction("the offset \(found.value) is too large for a load or store")
            }
            guard isResizable else { return nil }
            return CoreResolution.Patch(
                part: .offset,
                original: held,
                value: found.value,
                width: try width(of: instruction)
            )
        case .load:
            guard instruction.isWide, instruction.source == 0, instruction.offset == 0,
                instructions.indices.contains(index + 1), instructions[index + 1].code == 0,
                instructions[index + 1].destination == 0, instructions[index + 1].source == 0,
                instructions[index + 1].offset == 0
            else { throw .instruction("the constant of 64 bits has an unexpected form") }
            let high = UInt64(UInt32(bitPattern: instructions[index + 1].immediate))
            let held = high << 32 | UInt64(UInt32(bitPattern: instruction.immediate))
            try validate(held)
            return CoreResolution.Patch(part: .wide, original: held, value: found.value, width: nil)
        case .jump, .jump32: throw .instruction("a jump cannot be relocated")
        }
    }

    private func validate(_ held: UInt64) throws(CoreFailure) {
        guard !original.isCertain || held == original.value else {
            throw .instruction("the instruction holds \(held), where the object's own types say \(original.value)")
        }
    }

    private func width(of instruction: Instruction) throws(CoreFailure) -> CoreResolution.Patch.Width? {
        guard found.size != original.size else { return nil }
        guard UInt32(instruction.width) == original.size else {
            throw .instruction("the access moves \(instruction.width) bytes, where the field has \(original.size)")
        }
        guard [1, 2, 4, 8].contains(found.size) else {
            throw .instruction("no access moves the \(found.size) bytes of the field")
        }
        return CoreResolution.Patch.Width(original: original.size, value: found.size)
    }
}
