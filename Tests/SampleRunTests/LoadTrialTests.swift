import RunModel
import SampleWorker
import Testing

@testable import SampleRun

/// What becomes of an object, told from what became of the worker that loaded it.
struct LoadTrialTests {
    private func trial(_ frame: WorkerFrame?, _ change: (inout WorkerOutcome) -> Void = { _ in }) -> LoadTrial {
        var outcome = WorkerOutcome(allowed: 30)
        outcome.said = frame.map { [$0.json.text] } ?? []
        change(&outcome)
        return LoadTrial(outcome)
    }

    @Test func `only a worker that says so has loaded it`() {
        let help = JSONValue.object(["help": .array([.string("a number was set")])])
        #expect(trial(.observed(help)).answer == .loaded)
        #expect(trial(.observed(help)).reasons == ["a number was set"])
        // What a sample observes is none.
        #expect(trial(.observed(.object(["count": .integer(1)]))).answer == .unknown)
        #expect(trial(nil).answer == .unknown)
        #expect(trial(nil) { $0.said = ["{\"frame\":\"observed\"", "noise"] }.answer == .unknown)
    }

    @Test func `a refusal is told in the kernel's words`() {
        let refused = WorkerFrame.refused(reason: .loadRejected, message: "no", details: ["R1 is no pointer"])
        #expect(trial(refused).answer == .refused)
        #expect(trial(refused).reasons == ["R1 is no pointer"])
        let plain = WorkerFrame.refused(reason: .loadRejected, message: "no", details: [])
        #expect(trial(plain).reasons == ["no"])
    }

    @Test func `a worker or a machine that did not live to tell says nothing about the object`() {
        #expect(trial(.broke(message: "no memory")).answer == .unknown)
        #expect(trial(nil) { $0.timedOut = true }.reasons == ["no answer after 30 s"])
        let lost = trial(nil) { $0.loss = MachineLoss(.panic, "it panicked", excerpt: ["Kernel panic"]) }
        #expect(lost.answer == .unknown)
        #expect(lost.reasons.last == "Kernel panic")
    }
}
