import FileBytes
import LibBPF

/// A function of an object: its instructions and what they refer to.
struct FunctionBody {
    let name: String
    /// The section's index in the file.
    let section: Int
    let sectionName: String
    /// Bytes from the section's beginning.
    let offset: UInt64
    let instructions: [Instruction]
    /// Whether it is static, which no program may be.
    let isStatic: Bool

    /// Whether libbpf makes a program of it; otherwise programs call it.
    var isProgram: Bool { sectionName != ".text" }

    /// Every function of an object, in the order of the file.
    ///
    /// - Throws: ``ObjectReadError/damaged(_:)`` for functions that overlap or leave their section.
    static func all(in file: ELFFile) throws(ObjectReadError) -> [FunctionBody] {
        var bodies: [FunctionBody] = []
        var ends: [Int: UInt64] = [:]
        let functions = file.symbols.filter { symbol in
            symbol.isFunction && file.sections.indices.contains(symbol.section) && file.sections[symbol.section].isCode
        }
        for symbol in functions.sorted(by: { ($0.section, $0.value) < ($1.section, $1.value) }) {
            let section = file.sections[symbol.section]
            guard let bytes = section.data?.part(at: symbol.value, size: symbol.size), bytes.count % 8 == 0,
                bytes.count > 0, symbol.value >= ends[symbol.section] ?? 0
            else { throw .damaged("function '\(symbol.name)'") }
            ends[symbol.section] = symbol.value + symbol.size
            bodies.append(
                FunctionBody(
                    name: symbol.name,
                    section: symbol.section,
                    sectionName: section.name,
                    offset: symbol.value,
                    instructions: stride(from: 0, to: bytes.count, by: 8).map { instruction(in: bytes, at: $0) },
                    isStatic: symbol.isLocal
                )
            )
        }
        return bodies
    }

    private static func instruction(in bytes: ByteView, at offset: Int) -> Instruction {
        let registers: UInt8 = bytes.number(at: offset + 1) ?? 0
        return Instruction(
            code: bytes.number(at: offset) ?? 0,
            destination: registers & 15,
            source: registers >> 4,
            offset: bytes.number(at: offset + 2) ?? 0,
            immediate: bytes.number(at: offset + 4) ?? 0
        )
    }

    /// Whether its instructions can come back to where they were: a loop, which kernels before 5.3 refuse.
    var loops: Bool {
        enum Colour { case white, grey, black }
        var colours = [Colour](repeating: .white, count: instructions.count)
        var path: [(index: Int, next: [Int])] = []
        func enter(_ index: Int) {
            colours[index] = .grey
            path.append((index, successors(of: index)))
        }
        guard !instructions.isEmpty else { return false }
        enter(0)
        while let last = path.indices.last {
            guard let next = path[last].next.popLast() else {
                colours[path[last].index] = .black
                path.removeLast()
                continue
            }
            guard instructions.indices.contains(next) else { continue }
            if colours[next] == .grey { return true }
            if colours[next] == .white { enter(next) }
        }
        return false
    }

    private func successors(of index: Int) -> [Int] {
        let instruction = instructions[index]
        let following = index + (instruction.isWide ? 2 : 1)
        guard instruction.kind == .jump || instruction.kind == .jump32 else { return [following] }
        if instruction.isExit { return [] }
        if instruction.isCall { return [following] }
        // BPF_JA of the class of 32 bits has its distance in the constant.
        let isLong = instruction.kind == .jump32 && instruction.code & 0xF0 == 0
        let target = index + 1 + (isLong ? Int(instruction.immediate) : Int(instruction.offset))
        // may_goto ends by itself: the verifier does not count it as a loop.
        if instruction.code == 0xE5 { return [following] }
        return instruction.code & 0xF0 == 0 ? [target] : [following, target]
    }
}
