import LibBPF

/// What one function's instructions use, and at which instruction.
struct FunctionUses {
    /// Helpers by their number.
    private(set) var helpers: [(id: UInt32, at: Int)] = []
    /// Names of the kernel's functions and variables, called or asked for their address.
    private(set) var externs: [(name: String, at: Int, isCall: Bool)] = []
    /// Rows of the table of the kind `feature`.
    private(set) var features: [(name: String, at: Int)] = []
    /// Other functions of the object, by their place.
    private(set) var callees: [(section: Int, offset: UInt64)] = []
    /// Whether something that only loading decides can cut code off before the verifier sees it.
    let hasGuards: Bool
    /// Which instructions can be reached.
    let reached: [Bool]

    /// - Parameters:
    ///   - body: The function.
    ///   - file: The file that it is from.
    ///   - reachability: Which of its instructions count.
    init(of body: FunctionBody, in file: ELFFile, _ reachability: Reachability) {
        hasGuards = reachability.hasGuards
        reached = reachability.reached
        let references = file.references[body.section] ?? [:]
        var index = 0
        while index < body.instructions.count {
            let instruction = body.instructions[index]
            let symbol = references[body.offset + UInt64(index) * 8]
            defer { index += instruction.isWide ? 2 : 1 }
            guard reachability.reached[index] else { continue }
            if instruction.isCall {
                addCall(instruction, symbol, body, at: index)
            } else if instruction.isWide, let symbol {
                addAddress(instruction, symbol, file, at: index)
            }
            addOperation(instruction, at: index)
        }
        if body.loops { features.append(("bounded-loop", 0)) }
        if body.instructions.count > 4096 { features.append(("more-than-4096-instructions", 0)) }
    }

    /// The source register of a call says what is called: 0 a helper, 1 another function (BPF_PSEUDO_CALL).
    private mutating func addCall(_ call: Instruction, _ symbol: ELFFile.Symbol?, _ body: FunctionBody, at index: Int) {
        if call.source == 0 {
            helpers.append((UInt32(bitPattern: call.immediate), index))
        } else if let symbol, symbol.isUndefined {
            externs.append((symbol.name, index, true))
        } else {
            features.append(("bpf-to-bpf-calls", index))
            // Counted from the symbol where there is one, else from the call itself.
            let base =
                symbol.map { ($0.section, Int64(clamping: $0.value)) }
                ?? (body.section, Int64(clamping: body.offset) + Int64(index) * 8)
            addCallee(base, Int64(call.immediate) + 1)
        }
    }

    private mutating func addCallee(_ base: (section: Int, offset: Int64), _ instructions: Int64) {
        let (target, overflow) = base.offset.addingReportingOverflow(instructions * 8)
        if !overflow, target >= 0 { callees.append((base.section, UInt64(target))) }
    }

    /// A constant of 64 bits that a symbol stands for: a map, a variable, or a function that is called back.
    private mutating func addAddress(
        _ load: Instruction,
        _ symbol: ELFFile.Symbol,
        _ file: ELFFile,
        at index: Int
    ) {
        if symbol.isUndefined {
            externs.append((symbol.name, index, false))
            return
        }
        guard file.sections.indices.contains(symbol.section) else { return }
        let section = file.sections[symbol.section]
        if section.isCode {
            features.append(("callbacks", index))
            addCallee((symbol.section, Int64(clamping: symbol.value)), Int64(load.immediate) / 8)
        } else if [".data", ".bss", ".rodata"].contains(where: {
            section.name == $0 || section.name.hasPrefix("\($0).")
        }) {
            features.append(("global-data", index))
        }
    }

    private mutating func addOperation(_ instruction: Instruction, at index: Int) {
        let code = instruction.code
        let mode = code & 0xE0
        var name: String?
        switch instruction.kind {
        case .jump32: name = code & 0xF0 == 0 ? "instruction-set-v4" : "32-bit-jumps"
        case .jump: if code == 0xE5 { name = "may-goto" }
        case .storeRegister where mode == 0xC0:
            // A plain addition (BPF_XADD) is as old as the instruction set.
            switch instruction.immediate {
            case 0: break
            case 0x100, 0x110: name = "load-acquire"
            default: name = "atomic-operations"
            }
        case .loadRegister where mode == 0x80: name = "instruction-set-v4"
        case .arithmetic64 where code == 0xBF && instruction.offset == 1: name = "address-space-cast"
        case .arithmetic32, .arithmetic64:
            let operation = code & 0xF0
            let isSigned = instruction.offset != 0 && (operation == 0xB0 || operation == 0x30 || operation == 0x90)
            // An unconditional byte swap is BPF_END in the class of 64 bits.
            if isSigned || operation == 0xD0 && instruction.kind == .arithmetic64 { name = "instruction-set-v4" }
        default: break
        }
        if let name { features.append((name, index)) }
    }
}
