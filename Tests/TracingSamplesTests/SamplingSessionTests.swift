import Testing

@testable import TracingSamples

@Suite struct SamplingSessionTests {
    @Test func `addresses of programs and kernels are possible, those between are not`() {
        let possible: [UInt64] = [
            0x401000, 0x7fff_ffff_e000, 0x00ff_ffff_ffff_f000, 0xff11_0000_0000_0000, 0xffff_ffff_8100_0000,
        ]
        #expect(possible.allSatisfy { SamplingSession.isPossible($0) })
        #expect(
            [0, 1 << 56, 0x8000_0000_0000_0000, 0xfe00_0000_0000_0000].allSatisfy { !SamplingSession.isPossible($0) }
        )
    }
}
