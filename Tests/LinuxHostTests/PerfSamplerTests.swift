import Testing

@testable import LinuxHost

@Suite struct PerfSamplerTests {
    private func record(_ type: UInt32, _ words: UInt64...) -> [UInt8] {
        let header = UInt64(type) | UInt64(8 + 8 * words.count) << 48
        return ([header] + words).flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    @Test func `samples, losses and throttling are told apart`() {
        // PERF_RECORD_SAMPLE is 9, _LOST 2, _THROTTLE 5, _COMM 3.
        let bytes =
            record(9, 0x401000, 77) + record(3, 1) + record(2, 5, 40) + record(5, 1, 2, 3) + record(9, 0x401004, 78)
        let found = PerfSampler.recording(from: bytes)
        #expect(found.samples == [.init(address: 0x401000, time: 77), .init(address: 0x401004, time: 78)])
        #expect(found.lost == 40)
        #expect(found.throttled == 1)
    }

    @Test func `a record that is cut off ends the reading`() {
        #expect(PerfSampler.recording(from: Array(record(9, 1, 2).dropLast())).samples.isEmpty)
        #expect(PerfSampler.recording(from: [0, 0, 0, 0, 0, 0, 0, 0]).samples.isEmpty)
        #expect(PerfSampler.recording(from: []).samples.isEmpty)
    }
}
