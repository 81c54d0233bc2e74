/// A read of a program's context: where, and how many bytes.
public struct ContextRead: Sendable, Hashable, Comparable {
    /// Bytes from the context's beginning.
    public let offset: Int
    /// 1, 2, 4 or 8 bytes.
    public let size: Int

    /// Creates a read's description.
    public init(offset: Int, size: Int) {
        self.offset = offset
        self.size = size
    }

    /// Orders reads by where they are.
    public static func < (left: ContextRead, right: ContextRead) -> Bool {
        (left.offset, left.size) < (right.offset, right.size)
    }

    /// Every read that a program can make of its context through plain loads.
    ///
    /// The program is followed along all its paths, with the registers and stack slots that can hold the context (R1 at
    /// the entry) and their distance from its beginning. Reads by helpers, and by functions that the context is
    /// passed to, are not seen.
    ///
    /// - Parameter instructions: A program's instructions. Jumps out of it are ignored, so that any bytes may be given.
    /// - Returns: Where the reads are and how wide; empty for a program that ignores its context.
    public static func all(in instructions: [Instruction]) -> Set<ContextRead> {
        var walk = Walk(instructions)
        return walk.run()
    }

    /// Which registers and stack slots can hold the context, each with the distances it can have.
    private struct Holders: Equatable {
        var registers: [Set<Int>] = Array(repeating: [], count: 16)
        var stack: [Int16: Set<Int>] = [:]

        /// Takes in what another path knows; returns whether that was anything new.
        mutating func join(_ other: Holders) -> Bool {
            let before = self
            for index in registers.indices { registers[index].formUnion(other.registers[index]) }
            stack.merge(other.stack) { $0.union($1) }
            return self != before
        }
    }

    private struct Walk {
        /// A context is no larger than a few hundred bytes; a set of more distances comes from a loop.
        static let mostDistances = 64

        let instructions: [Instruction]
        var known: [Holders?]
        var reads: Set<ContextRead> = []
        var pending: [Int] = []

        init(_ instructions: [Instruction]) {
            self.instructions = instructions
            known = Array(repeating: nil, count: instructions.count)
        }

        mutating func run() -> Set<ContextRead> {
            var entry = Holders()
            entry.registers[1] = [0]
            visit(0, entry)
            while let index = pending.popLast() {
                guard let holders = known[index] else { continue }
                step(index, holders)
            }
            return reads
        }

        private mutating func visit(_ index: Int, _ holders: Holders) {
            guard instructions.indices.contains(index) else { return }
            if known[index] == nil {
                known[index] = holders
                pending.append(index)
            } else if known[index]?.join(holders) == true {
                pending.append(index)
            }
        }

        private mutating func step(_ index: Int, _ before: Holders) {
            let instruction = instructions[index]
            var after = before
            let destination = Int(instruction.destination & 15)
            let source = Int(instruction.source & 15)
            switch instruction.kind {
            case .loadRegister:
                for base in before.registers[source] where instruction.isMemoryAccess {
                    reads.insert(ContextRead(offset: base + Int(instruction.offset), size: instruction.width))
                }
                after.registers[destination] = source == 10 ? before.stack[instruction.offset] ?? [] : []
            case .storeRegister:
                if destination == 10, instruction.isMemoryAccess {
                    after.stack[instruction.offset] = before.registers[source]
                }
            case .arithmetic64:
                after.registers[destination] = distances(instruction, before, destination, source)
            case .arithmetic32:
                after.registers[destination] = []
            case .load:
                // A constant, or a packet access, which leaves its result in R0 and clobbers R1 to R5.
                if instruction.isWide { after.registers[destination] = [] } else { clobber(&after) }
            case .store:
                break
            case .jump, .jump32:
                if instruction.isExit { return }
                if instruction.isCall {
                    clobber(&after)
                } else {
                    visit(index + 1 + Int(instruction.offset), after)
                    // BPF_JA is the only jump without a condition.
                    if instruction.code & 0xf0 == 0 { return }
                }
            }
            visit(index + (instruction.isWide ? 2 : 1), after)
        }

        private func clobber(_ holders: inout Holders) {
            for register in 0...5 { holders.registers[register] = [] }
        }

        private func distances(
            _ instruction: Instruction,
            _ before: Holders,
            _ destination: Int,
            _ source: Int
        ) -> Set<Int> {
            let moved: Set<Int>
            switch instruction.code {
            // BPF_MOV | BPF_X, then BPF_ADD | BPF_K.
            case 0xbf: moved = before.registers[source]
            case 0x07: moved = Set(before.registers[destination].map { $0 + Int(instruction.immediate) })
            default: moved = []
            }
            return moved.count > Self.mostDistances ? [] : moved
        }
    }
}
