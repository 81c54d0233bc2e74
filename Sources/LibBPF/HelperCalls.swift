extension Instruction {
    /// The constants that a program passes to a helper in one of its arguments.
    ///
    /// Only what stands in the same straight line before the call is found, which is where a compiler puts it.
    ///
    /// - Parameters:
    ///   - argument: The argument's number, 1 to 5.
    ///   - helper: The helper's number in `enum bpf_func_id` (include/uapi/linux/bpf.h).
    ///   - instructions: The program as it stands in its object; any bytes may be given.
    /// - Returns: A constant for each call in the order of the calls, `nil` for one whose argument is no constant.
    public static func constants(
        ofArgument argument: UInt8,
        ofHelper helper: Int32,
        in instructions: [Instruction]
    ) -> [Int32?] {
        instructions.indices.filter { index in
            let call = instructions[index]
            return call.isCall && call.source == 0 && call.immediate == helper
        }
        .map { call in
            for instruction in instructions[..<call].reversed() {
                if instruction.kind == .jump || instruction.kind == .jump32 { return nil }
                guard instruction.destination == argument, instruction.writesRegister else { continue }
                // BPF_MOV of a constant, in either width.
                return instruction.code == 0xb7 || instruction.code == 0xb4 ? instruction.immediate : nil
            }
            return nil
        }
    }

    /// Whether the register named as the destination gets a value, and is not an address to store at.
    private var writesRegister: Bool {
        kind == .load || kind == .loadRegister || kind == .arithmetic32 || kind == .arithmetic64
    }
}
