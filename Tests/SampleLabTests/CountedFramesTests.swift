import LibBPF
import LinuxHost
import Testing

@testable import SampleLab

struct CountedFramesTests {
    @Test(arguments: FrameReading.allCases)
    func `the frames add up to what their oracles demand`(reading: FrameReading) {
        #expect(CountedFrames.expected(reading) == ProtocolCounts.wanted(reading))
    }

    @Test(arguments: FrameReading.allCases)
    func `every frame is told from the others`(reading: FrameReading) {
        let all = CountedFrames.all(reading)
        #expect(Set(all.map(\.bytes)).count == all.count)
        #expect(Set(all.map(\.title)).count == all.count)
    }

    @Test(arguments: [(FrameReading.inPlace, 0), (.first60, 1), (.first64, 3)])
    func `frames that are not counted come before all others`(reading: FrameReading, uncounted: Int) {
        let all = CountedFrames.all(reading)
        // Waiting for the last counted frame must imply that these were dealt with.
        #expect(all.prefix(uncounted).allSatisfy { $0.proto(reading) == nil })
        #expect(all.dropFirst(uncounted).allSatisfy { $0.proto(reading) != nil })
    }
}

struct FrameReadingTests {
    private func reading(_ sizes: Int32...) -> FrameReading? {
        FrameReading(
            sizes.flatMap { size in
                [
                    .move(.r4, size), .call(Helper(rawValue: 189)),
                ]
            }
        )
    }

    @Test func `a program is told by what it copies, and no other size is taken for one of these`() {
        #expect(reading() == .inPlace && reading(60) == .first60 && reading(64) == .first64)
        #expect(reading(59) == nil && reading(60, 60) == nil)
    }
}

struct InternetChecksumTests {
    @Test(
        arguments: [
            ([0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7], 0xb861),
            ([], 0xffff), ([0xff], 0x00ff), ([0xff, 0xff], 0x0000),
        ] as [([UInt8], UInt16)]
    )
    func `the checksum of RFC 1071`(bytes: [UInt8], sum: UInt16) {
        #expect(InternetChecksum.of(bytes) == sum)
    }
}
