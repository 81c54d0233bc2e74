import LibBPF
import Testing

struct HelperCallTests {
    private func move(_ to: UInt8, _ constant: Int32, code: UInt8 = 0xb7) -> Instruction {
        Instruction(code: code, destination: to, immediate: constant)
    }

    private func call(_ helper: Int32, source: UInt8 = 0) -> Instruction {
        Instruction(code: 0x85, source: source, immediate: helper)
    }

    private func constants(_ instructions: [Instruction]) -> [Int32?] {
        Instruction.constants(ofArgument: 4, ofHelper: 189, in: instructions)
    }

    @Test func `the constant before a call is found, past what leaves the register alone`() {
        // r4 = 60, r3 = 1, *(u64 *)(r4 + 0) = r1 and *(u64 *)(r10 - 8) = 7 in between.
        let between = [
            move(3, 1), .store(.r1, at: .r4, 0),
            .store(7, at: .r10, -8),
        ]
        #expect(constants([move(4, 60)] + between + [call(189)]) == [60])
        #expect(constants([move(4, 60), move(4, 64, code: 0xb4), call(189)]) == [64])
        #expect(constants([move(4, 60), call(1), move(4, 64), call(189), move(4, 8), call(189)]) == [64, 8])
    }

    @Test func `what is no constant, or comes over a jump, is not guessed`() {
        let copied = Instruction.move(.r4, .r7)
        let added = move(4, 1, code: 0x07)
        for last in [[copied], [added], [.jump(over: 0)], [call(1)]] {
            #expect(constants([move(4, 60)] + last + [call(189)]) == [nil])
        }
        #expect(constants([call(189)]) == [nil])
    }

    @Test func `other helpers, and calls of functions, are none`() {
        #expect(constants([move(4, 60), call(188), move(4, 60), call(189, source: 1)]).isEmpty)
        #expect(constants([]).isEmpty)
    }
}
