import LinuxHost
import SampleKit
import Testing

struct CountedFramesTests {
    private let all = CountedFrames.all(from: HardwareAddress(local: 2), to: HardwareAddress(local: 1))

    @Test func `the frames add up to what their oracles demand`() {
        #expect(CountedFrames.expected(all) == ProtocolCounts.wanted)
    }

    @Test func `every frame is told from the others`() {
        #expect(Set(all.map(\.bytes)).count == all.count)
        #expect(Set(all.map(\.title)).count == all.count)
    }

    @Test func `frames that are not counted come before all others`() throws {
        // Waiting for the last counted frame must imply that these were dealt with.
        let firstCounted = try #require(all.firstIndex { $0.proto != nil })
        #expect(all[firstCounted...].allSatisfy { $0.proto != nil })
        #expect(firstCounted > 0)
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
