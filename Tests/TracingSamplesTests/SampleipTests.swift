import RunModel
import SampleKit
import Testing

@testable import TracingSamples

/// What counts when processors are taken off, and clocks miss ticks.
@Suite struct SampleipTests {
    /// A run on a quiet machine: 300 ticks in the loop, 800 on two processors.
    private func seen(_ change: (inout Sampleip.Observation) -> Void = { _ in }) -> Sampleip.Observation {
        var seen = Sampleip.Observation(
            hertz: 1999,
            processors: 2,
            spun: 150_000_000,
            wall: 200_000_000,
            window: 200_000_000,
            addresses: 100,
            counted: 780,
            inLoop: 295,
            witnessed: 780,
            witnessedInLoop: 295,
            inKernel: 50,
            witnessedInKernel: 50
        )
        change(&seen)
        return seen
    }

    /// A third of the second clock's ticks are missing.
    private func thin(inLoop: UInt64, counted: UInt64 = 560) -> Sampleip.Observation {
        seen {
            $0.witnessedInLoop = 200
            $0.witnessed = 600
            $0.inLoop = inLoop
            $0.counted = counted
        }
    }

    @Test func `clocks that agree are judged, whatever both missed`() {
        let sample = Sampleip()
        for good in [seen(), thin(inLoop: 190, counted: 590)] {
            #expect(sample.judge(good).isPass && !sample.isBeyondJudging(good))
        }
    }

    @Test func `clocks that differ by no more than one of them missed say nothing`() {
        let sample = Sampleip()
        let doubtful = thin(inLoop: 160)
        #expect(!sample.judge(doubtful).isPass && sample.isBeyondJudging(doubtful))
    }

    @Test func `what missed ticks do not explain is judged all the same`() {
        let sample = Sampleip()
        let wrong = [
            // Never counted, and counted by two, on a machine that missed ticks; a fifth lost on one that missed none.
            thin(inLoop: 0, counted: 400), thin(inLoop: 400, counted: 1200), seen { $0.inLoop = 236 },
        ]
        for one in wrong { #expect(!sample.judge(one).isPass && !sample.isBeyondJudging(one), "\(one)") }
    }
}
