import LibBPF
import Testing

@Suite struct ContextReadTests {
    static let exit = Instruction.exit

    private func load(_ to: UInt8, _ from: UInt8, _ offset: Int16, code: UInt8 = 0x61) -> Instruction {
        Instruction(code: code, destination: to, source: from, offset: offset)
    }

    private func move(_ to: UInt8, _ from: UInt8) -> Instruction {
        Instruction(code: 0xbf, destination: to, source: from)
    }

    @Test func `loads from the context are reads of their width`() {
        let reads = ContextRead.all(in: [
            load(2, 1, 8), load(3, 1, 16, code: 0x79), load(4, 1, 2, code: 0x69), load(5, 1, 4, code: 0x71), Self.exit,
        ])
        #expect(reads.sorted() == [(2, 2), (4, 1), (8, 4), (16, 8)].map { ContextRead(offset: $0.0, size: $0.1) })
    }

    @Test func `the context is followed through registers, the stack and sums`() {
        let reads = ContextRead.all(in: [
            move(6, 1),
            .store(.r1, at: .r10, -8),
            .call(.nanoseconds),  // a call clobbers R1 to R5
            load(2, 1, 40),
            load(2, 6, 8),
            load(7, 10, -8, code: 0x79),
            .add(.r7, 4),
            load(2, 7, 8),
            Self.exit,
        ])
        #expect(reads == [ContextRead(offset: 8, size: 4), ContextRead(offset: 12, size: 4)])
    }

    @Test func `both branches count, and what stands after the exit does not`() {
        let reads = ContextRead.all(in: [
            .jump(over: 2, if: .r2, .equal, 0),
            load(3, 1, 8),
            Self.exit,
            load(3, 1, 12),
            Self.exit,
            load(3, 1, 24),
        ])
        #expect(reads == [ContextRead(offset: 8, size: 4), ContextRead(offset: 12, size: 4)])
    }

    @Test func `loads from elsewhere are no reads of the context`() {
        #expect(ContextRead.all(in: [load(1, 10, -4), load(2, 1, 8), Self.exit]).isEmpty)
        #expect(ContextRead.all(in: []).isEmpty)
    }

    @Test func `a loop that moves the context ends`() {
        let loop = [
            .add(.r1, 8), load(2, 1, 0), .jump(over: -3),
        ]
        #expect(!ContextRead.all(in: loop).isEmpty)
        #expect(
            ContextRead.all(in: [.jump(over: 32000), .jump(over: -32000)])
                .isEmpty
        )
    }
}
