import LinuxHost
import RunModel
import Testing

@testable import TracingSamples

/// When cpustat says that the processors were busy, and when that the kernel is at fault.
@Suite struct BusyProcessorTests {
    @Test func `the kernel's account is read by processor`() {
        let text = "cpu  9 9 9 999 99 9\ncpu0 1 2 3 100 20 5\ncpu1 1 2 3 50 0 5\ncpu10 0 0 0 7000 0 0\nintr 5\n"
        #expect(ProcessorAccount.idle(of: [0, 1], in: text, ticksASecond: 100) == 1_700_000_000)
        #expect(ProcessorAccount.idle(of: [], in: text, ticksASecond: 100) == 0)
        #expect(ProcessorAccount.idle(of: [0], in: "", ticksASecond: 100) == 0)
    }

    @Test func `a machine is busy only where the record and the kernel's account agree`() {
        #expect(Cpustat.wereBusy(recorded: 0, accounted: 0))
        #expect(Cpustat.wereBusy(recorded: 100_000_000, accounted: 300_000_000))
        // Sixteen seconds of two processors, of which the tracepoint told nothing.
        #expect(!Cpustat.wereBusy(recorded: 0, accounted: 15_000_000_000))
        #expect(!Cpustat.wereBusy(recorded: 1_000_000_000, accounted: 6_000_000_000))
    }

    @Test func `programs whose clock stands still are at fault, and so is their kernel`() {
        let judgement = Cpustat().judge(Cpustat.Observation(strays: 12))
        #expect(!judgement.isPass)
        #expect(judgement.checks.contains { !$0.held && $0.claim.contains("CLOCK_MONOTONIC") })
    }

    @Test func `the clock has moved at the next moment`() {
        let before = Deadline.now
        #expect(Deadline.nextMoment > before)
    }
}
