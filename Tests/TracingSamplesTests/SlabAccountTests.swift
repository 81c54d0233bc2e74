import LibBPF
import SampleKit
import SampleLab
import Testing

@testable import TracingSamples

/// What can be told of slab objects by a clock that moves with the timer tick only.
@Suite struct SlabAccountTests {
    private func firing(_ time: UInt64, _ address: UInt64, _ word: UInt64 = 0) -> TracepointRecorder.Firing {
        .init(time: time, first: address, second: word)
    }

    @Test func `of two objects made at one address within a call the last one counts`() {
        let account = SlabAccount(
            allocated: [firing(4_000_000, 0x1000, 7), firing(4_000_000, 0x1000, 9)],
            released: [firing(12_000_000, 0x1000)]
        )
        let entry = SlabTable.Entry(time: 4_000_000, place: 9)
        let readings = SlabTable.Readings(made: [0x1000: entry], half: [:], end: [:], endTime: 16_000_000)
        let object = account.object(at: [0x1000], madeIn: 4_000_000...4_000_000, freedFrom: 8_000_000, readings)
        #expect(object.isKnown && object.isTabled && object.isTimely && object.isFreed)
        #expect(object.place == object.placeWitnessed)
        #expect(object.atHalf == .gone && object.atEnd == .gone)
    }

    @Test func `messages follow one another by their times, whatever the clock`() throws {
        var queue = try MessageQueue()
        for _ in 0..<50 { try queue.send() }
        for _ in 0..<50 { try queue.receive() }
        for times in [queue.sent, queue.received] {
            #expect(zip(times, times.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
        }
        #expect(queue.arrived == 50)
    }
}
