import LibBPF

/// Which instructions of a function a kernel's verifier can come to, as far as constants tell.
///
/// Constants are those that CO-RE relocations put in, those of the instructions, and what is computed from both. The verifier
/// follows every path by itself and knows more, so that what is called unreachable here is so there too.
struct Reachability {
    /// Whether each instruction can be reached.
    private(set) var reached: [Bool]
    /// Whether a branch hangs on something that only loading decides: a constant in `.rodata`, a `__kconfig` variable, or a
    /// test whose answer cannot be followed.
    private(set) var hasGuards = false

    /// What is known of a register.
    private enum Value: Equatable {
        case unknown
        /// A number, and whether a test for existence gave it.
        case constant(UInt64, isTest: Bool)
        /// The address of data that user space sets before loading.
        case settings
        /// It came from a test or from settings, and is not known any more.
        case lost

        var hangsOnTest: Bool {
            switch self {
            case .unknown, .constant(_, isTest: false): false
            case .constant(_, isTest: true), .settings, .lost: true
            }
        }
    }

    private static let limit = 1 << 18

    private typealias Registers = [Value]

    private let body: FunctionBody
    private let context: ReachabilityContext
    private var states: [Registers?]

    /// - Parameters:
    ///   - body: The function.
    ///   - context: What is known of its instructions.
    init(of body: FunctionBody, _ context: ReachabilityContext) {
        self.body = body
        self.context = context
        reached = Array(repeating: false, count: body.instructions.count)
        states = Array(repeating: nil, count: body.instructions.count)
        // The kernel refuses programs of more than a million instructions.
        guard body.instructions.count <= Self.limit else {
            reached = Array(repeating: true, count: body.instructions.count)
            hasGuards = true
            return
        }
        var pending: [Int] = []
        enter(0, Array(repeating: .unknown, count: 16), &pending)
        while let index = pending.popLast() {
            guard let registers = states[index] else { continue }
            reached[index] = true
            step(index, registers, &pending)
        }
    }

    /// Comes to an instruction; what differs from what was known there is not known any more.
    private mutating func enter(_ index: Int, _ registers: Registers, _ pending: inout [Int]) {
        guard states.indices.contains(index) else { return }
        guard let known = states[index] else {
            states[index] = registers
            pending.append(index)
            return
        }
        let joined = zip(known, registers).map { old, new -> Value in
            if old == new { return old }
            return old.hangsOnTest || new.hangsOnTest ? .lost : .unknown
        }
        guard joined != known else { return }
        states[index] = joined
        pending.append(index)
    }

    private mutating func step(_ index: Int, _ before: Registers, _ pending: inout [Int]) {
        let instruction = body.instructions[index]
        var registers = before
        let target = Int(instruction.destination)
        var following = index + (instruction.isWide ? 2 : 1)
        switch instruction.kind {
        case .arithmetic32, .arithmetic64:
            guard !context.isInvalid(index) else { return }
            registers[target] = computed(instruction, index, registers)
        case .load:
            guard !context.isInvalid(index) else { return }
            registers[instruction.isWide ? target : 0] = instruction.isWide ? constant(instruction, index) : .unknown
            following = index + (instruction.isWide ? 2 : 1)
        case .loadRegister:
            guard !context.isInvalid(index) else { return }
            let source = registers[Int(instruction.source)]
            if source == .settings { hasGuards = true }
            registers[target] = source.hangsOnTest ? .lost : .unknown
        case .store, .storeRegister:
            guard !context.isInvalid(index) else { return }
            if instruction.kind == .storeRegister, registers[Int(instruction.source)].hangsOnTest { hasGuards = true }
        case .jump, .jump32:
            jump(instruction, index, registers, &pending)
            return
        }
        enter(following, registers, &pending)
    }

    private mutating func jump(_ instruction: Instruction, _ index: Int, _ before: Registers, _ pending: inout [Int]) {
        var registers = before
        if instruction.isExit {
            // What a function hands back its caller may test.
            if !body.isProgram, registers[0].hangsOnTest { hasGuards = true }
            return
        }
        if instruction.isCall {
            guard !context.isInvalid(index) else { return }
            // A helper does nothing that the verifier would follow; a function can test what it is handed.
            if instruction.source != 0, registers[1...5].contains(where: \.hangsOnTest) { hasGuards = true }
            for register in 0...5 { registers[register] = .unknown }
            enter(index + 1, registers, &pending)
            return
        }
        let operation = instruction.code & 0xF0
        let distance =
            operation == 0 && instruction.kind == .jump32 ? Int(instruction.immediate) : Int(instruction.offset)
        let target = index + 1 + distance
        if operation == 0 {
            enter(target, registers, &pending)
            return
        }
        let left = registers[Int(instruction.destination)]
        let right: Value =
            instruction.code & 8 == 0
            ? .constant(UInt64(bitPattern: Int64(instruction.immediate)), isTest: false)
            : registers[Int(instruction.source)]
        if case .constant(let first, _) = left, case .constant(let second, _) = right,
            let isTaken = Self.compare(operation, first, second, isNarrow: instruction.kind == .jump32)
        {
            enter(isTaken ? target : index + 1, registers, &pending)
            return
        }
        if left.hangsOnTest || right.hangsOnTest { hasGuards = true }
        enter(target, registers, &pending)
        enter(index + 1, registers, &pending)
    }

    private func constant(_ instruction: Instruction, _ index: Int) -> Value {
        if let value = context.value(index) { return .constant(value.number, isTest: value.isTest) }
        if context.isTest(index) { return .lost }
        switch context.symbol(index) {
        case .settings: return .settings
        case .absent: return .constant(0, isTest: true)
        case .other: return .unknown
        case nil: break
        }
        guard instruction.source == 0, body.instructions.indices.contains(index + 1) else { return .unknown }
        let high = UInt64(UInt32(bitPattern: body.instructions[index + 1].immediate))
        return .constant(high << 32 | UInt64(UInt32(bitPattern: instruction.immediate)), isTest: false)
    }

    private func computed(_ instruction: Instruction, _ index: Int, _ registers: Registers) -> Value {
        let operation = instruction.code & 0xF0
        let isNarrow = instruction.kind == .arithmetic32
        var right: Value =
            instruction.code & 8 == 0
            ? .constant(UInt64(bitPattern: Int64(instruction.immediate)), isTest: false)
            : registers[Int(instruction.source)]
        if let value = context.value(index) {
            right = .constant(UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value.number))), isTest: value.isTest)
        } else if context.isTest(index) {
            right = .lost
        }
        let left = registers[Int(instruction.destination)]
        if operation == 0xB0, instruction.offset == 0 {
            guard case .constant(let number, let isTest) = right, isNarrow else { return right }
            return .constant(number & 0xFFFF_FFFF, isTest: isTest)
        }
        if case .constant(let first, let one) = left, case .constant(let second, let other) = right,
            let result = Self.compute(operation, first, second, isNarrow: isNarrow)
        {
            return .constant(isNarrow ? result & 0xFFFF_FFFF : result, isTest: one || other)
        }
        // An address that is moved within the settings stays one.
        if left == .settings, operation == 0 { return .settings }
        return left.hangsOnTest || right.hangsOnTest ? .lost : .unknown
    }

    private static func compute(_ operation: UInt8, _ left: UInt64, _ right: UInt64, isNarrow: Bool) -> UInt64? {
        let bits: UInt64 = isNarrow ? 31 : 63
        let left = isNarrow ? left & 0xFFFF_FFFF : left
        switch operation {
        case 0x00: return left &+ right
        case 0x10: return left &- right
        case 0x20: return left &* right
        case 0x40: return left | right
        case 0x50: return left & right
        case 0x60: return left << (right & bits)
        case 0x70: return left >> (right & bits)
        case 0x80: return 0 &- left
        case 0xA0: return left ^ right
        default: return nil
        }
    }

    private static func compare(_ operation: UInt8, _ left: UInt64, _ right: UInt64, isNarrow: Bool) -> Bool? {
        let left = isNarrow ? left & 0xFFFF_FFFF : left
        let right = isNarrow ? right & 0xFFFF_FFFF : right
        let first = isNarrow ? Int64(Int32(truncatingIfNeeded: left)) : Int64(bitPattern: left)
        let second = isNarrow ? Int64(Int32(truncatingIfNeeded: right)) : Int64(bitPattern: right)
        switch operation {
        case 0x10: return left == right
        case 0x20: return left > right
        case 0x30: return left >= right
        case 0x40: return left & right != 0
        case 0x50: return left != right
        case 0x60: return first > second
        case 0x70: return first >= second
        case 0xA0: return left < right
        case 0xB0: return left <= right
        case 0xC0: return first < second
        case 0xD0: return first <= second
        default: return nil
        }
    }
}
