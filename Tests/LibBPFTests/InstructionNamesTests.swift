import Testing

@testable import LibBPF

/// Instructions by name against what LLVM's assembler writes for the same text (`clang -target bpf -mcpu=v3 -c`).
struct InstructionNamesTests {
    static let assembled: [(text: String, instruction: Instruction, bytes: UInt64)] = [
        ("r1 = 7", .move(.r1, 7), 0xb701_0000_0700_0000),
        ("r2 = r10", .move(.r2, .r10), 0xbfa2_0000_0000_0000),
        ("r2 += -8", .add(.r2, -8), 0x0702_0000_f8ff_ffff),
        ("r0 >>= 32", .shiftRight(.r0, 32), 0x7700_0000_2000_0000),
        ("r3 = *(u64 *)(r6 + 16)", .load(.r3, from: .r6, 16), 0x7963_1000_0000_0000),
        ("r3 = *(u32 *)(r6 + 16)", .load(.r3, from: .r6, 16, width: .word), 0x6163_1000_0000_0000),
        ("r3 = *(u16 *)(r6 + 16)", .load(.r3, from: .r6, 16, width: .half), 0x6963_1000_0000_0000),
        ("r3 = *(u8 *)(r6 + 16)", .load(.r3, from: .r6, 16, width: .byte), 0x7163_1000_0000_0000),
        ("*(u64 *)(r10 - 24) = r1", .store(.r1, at: .r10, -24), 0x7b1a_e8ff_0000_0000),
        ("*(u32 *)(r10 - 24) = r1", .store(.r1, at: .r10, -24, width: .word), 0x631a_e8ff_0000_0000),
        ("*(u64 *)(r10 - 8) = 7", .store(7, at: .r10, -8), 0x7a0a_f8ff_0700_0000),
        ("*(u32 *)(r10 - 8) = 7", .store(7, at: .r10, -8, width: .word), 0x620a_f8ff_0700_0000),
        ("lock *(u64 *)(r0 + 8) += r1", .atomicAdd(.r1, at: .r0, 8), 0xdb10_0800_0000_0000),
        ("call 14", .call(.currentThread), 0x8500_0000_0e00_0000),
        ("goto +2", .jump(over: 2), 0x0500_0200_0000_0000),
        ("if r0 == 5 goto +3", .jump(over: 3, if: .r0, .equal, 5), 0x1500_0300_0500_0000),
        ("if r0 > 5 goto +3", .jump(over: 3, if: .r0, .greater, 5), 0x2500_0300_0500_0000),
        ("if r0 >= 5 goto +3", .jump(over: 3, if: .r0, .atLeast, 5), 0x3500_0300_0500_0000),
        ("if r0 != r1 goto +2", .jump(over: 2, if: .r0, .notEqual, .r1), 0x5d10_0200_0000_0000),
        ("if r0 < 9 goto -4", .jump(over: -4, if: .r0, .less, 9), 0xa500_fcff_0900_0000),
        ("if w0 < 9 goto +1", .jump32(over: 1, if: .r0, .less, 9), 0xa600_0100_0900_0000),
        ("r1 = 0x1122334455667788 ll", .move(.r1, lowerHalfOf: 0x1122_3344_5566_7788), 0x1801_0000_8877_6655),
        ("its second slot", .upperHalf(of: 0x1122_3344_5566_7788), 0x0000_0000_4433_2211),
        ("exit", .exit, 0x9500_0000_0000_0000),
    ]

    @Test(arguments: assembled.indices)
    func `an instruction has the bytes that an assembler gives it`(index: Int) {
        let (text, instruction, bytes) = Self.assembled[index]
        let raw = instruction.raw
        #expect(withUnsafeBytes(of: raw, Array.init) == withUnsafeBytes(of: bytes.bigEndian, Array.init), "\(text)")
    }

    @Test func `helpers have the numbers of linux/bpf_h, and a map's constant is marked as one`() {
        let numbers = [1, 2, 3, 5, 6, 14, 16, 21, 36, 113, 115, 130, 131, 132].map { Int32($0) }
        let helpers: [Helper] = [
            .mapLookup, .mapUpdate, .mapDelete, .nanoseconds, .tracePrint, .currentThread, .currentName, .setTunnelKey,
            .probeWriteUser,
            .probeReadKernel, .probeReadKernelString, .ringOutput, .ringReserve, .ringSubmit,
        ]
        #expect(helpers.map(\.rawValue) == numbers)
        #expect(Instruction.move(.r1, map: 3) == Instruction(code: 0x18, destination: 1, source: 1, immediate: 3))
    }
}
