import LinuxHost
import RunModel
import Testing
import WorkerWire

@testable import SampleRun

/// What becomes of an object, told from what became of the worker that loaded it.
struct LoadTrialTests {
    private func trial(_ frame: WorkerFrame?, _ change: (inout WorkerOutcome) -> Void = { _ in }) -> LoadTrial {
        var outcome = WorkerOutcome(allowed: 30)
        outcome.said = frame.map { [$0.json.text] } ?? []
        outcome.end = .init(status: 0, signal: nil, cpuSeconds: 0, peakKiB: 0)
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
        let starved = trial(.starved(message: "ENOMEM", details: ["MemAvailable: 9 kB"]))
        #expect(starved.answer == .unknown && starved.reasons.first?.contains("--memory") == true)
        #expect(trial(nil) { $0.timedOut = true }.reasons == ["no answer after 30 s"])
        let lost = trial(nil) { $0.loss = MachineLoss(.panic, "it panicked", excerpt: ["Kernel panic"]) }
        #expect(lost.answer == .unknown)
        #expect(lost.reasons.last == "Kernel panic")
    }

    @Test func `an answer that the kernel complained beside, or that a crash followed, is none`() {
        let loaded = WorkerFrame.observed(.object(["help": .array([])]))
        #expect(trial(loaded).answer == .loaded)
        let splat = trial(loaded) { $0.splats = ["WARNING: CPU: 0 at kernel/bpf/verifier.c:1"] }
        #expect(splat.answer == .unknown && splat.reasons.last?.hasPrefix("WARNING") == true)
        #expect(trial(loaded) { $0.end = .init(status: nil, signal: 11, cpuSeconds: 0, peakKiB: 0) }.answer == .unknown)
        #expect(trial(loaded) { $0.leaks = [.init(kind: "program", subject: "7")] }.answer == .unknown)
        #expect(trial(loaded) { $0.timedOut = true }.answer == .unknown)
        #expect(trial(loaded) { $0.loss = MachineLoss(.hang, "it hung") }.answer == .unknown)
    }

    private final class ScriptedLane: SampleLane {
        var outcomes: [WorkerOutcome]
        let last: MachineDoubt?

        init(_ outcomes: [WorkerOutcome], last: MachineDoubt? = nil) {
            self.outcomes = outcomes
            self.last = last
        }

        func attempt(_ sample: String, objects: [String], isControl: Bool, timeout: Duration) throws -> WorkerOutcome {
            outcomes.removeFirst()
        }

        func load(_ object: String, timeout: Duration) throws -> WorkerOutcome { outcomes.removeFirst() }

        func finish() -> MachineDoubt? { last }
    }

    private static var loaded: WorkerOutcome {
        var outcome = WorkerOutcome(allowed: 30)
        outcome.said = [WorkerFrame.observed(.object(["help": .array([])])).json.text]
        outcome.end = .init(status: 0, signal: nil, cpuSeconds: 0, peakKiB: 0)
        return outcome
    }

    @Test func `what is logged when an object is gone again puts that object in doubt`() throws {
        var second = Self.loaded
        second.doubt = MachineDoubt(splats: ["WARNING: freed twice"])
        let answers = try LoadTrial.run(["a", "b", "c"], on: ScriptedLane([Self.loaded, second, Self.loaded])).map(
            \.answer
        )
        #expect(answers == [.unknown, .loaded, .loaded])
        let late = ScriptedLane(
            [Self.loaded, Self.loaded],
            last: MachineDoubt(loss: MachineLoss(.panic, "it panicked"))
        )
        #expect(try LoadTrial.run(["a", "b"], on: late).map(\.answer) == [.loaded, .unknown])
    }

    @Test func `interrupted work has no answers`() {
        var second = Self.loaded
        second.interrupted = true
        #expect(throws: LoadTrial.Interrupted.self) {
            _ = try LoadTrial.run(["a", "b"], on: ScriptedLane([Self.loaded, second]))
        }
    }
}
