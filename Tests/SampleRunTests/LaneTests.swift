import CommandInput
import LinuxHost
import RunModel
import SampleKit
import Synchronization
import Testing
import WorkerWire

@testable import SampleRun

/// A lane that gives outcomes out of a list, in order.
private final class ScriptedLane: SampleLane {
    private var outcomes: [WorkerOutcome]
    private let last: MachineDoubt?

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

/// What machines do while samples run on them, and which sample is to blame.
struct LaneTests {
    private static func observed(_ number: Int64) -> WorkerOutcome {
        var outcome = WorkerOutcome(allowed: 10)
        outcome.said = [WorkerFrame.observed(.object(["number": .integer(number)])).json.text]
        outcome.end = .init(status: 0, signal: nil, cpuSeconds: 0, peakKiB: 0)
        return outcome
    }

    private static let good = observed(42)
    private static let control = observed(0)

    private static func changed(_ outcome: WorkerOutcome, _ change: (inout WorkerOutcome) -> Void) -> WorkerOutcome {
        var outcome = outcome
        change(&outcome)
        return outcome
    }

    private static func lost(_ kind: MachineLoss.Kind) -> WorkerOutcome {
        changed(WorkerOutcome(allowed: 10)) { $0.loss = MachineLoss(kind, "words", excerpt: ["a line"]) }
    }

    /// The results of two samples on one lane that gives these outcomes.
    private func results(
        _ outcomes: [WorkerOutcome],
        last: MachineDoubt? = nil,
        retries: Int = 0,
        repetitions: Int = 1,
        allowing allowed: SplatAllowList = SplatAllowList(),
        failsForNoBoot: Bool = false,
        stopsAtFailure: Bool = false
    ) -> [SampleResult] {
        let entries = Array(fakes.prefix(2))
        var settings = Supervisor.Settings(
            objects: Dictionary(uniqueKeysWithValues: entries.map { ($0.id, .path("x.o")) })
        )
        settings.jobs = 1
        settings.allowedSplats = allowed
        settings.failsForNoBoot = failsForNoBoot
        settings.retries = retries
        settings.stopsAtFailure = stopsAtFailure
        settings.repetitions = repetitions
        let plan = RunPlan(entries, on: goodHost())
        let events = Mutex<[RunEvent]>([
            .runStarted(
                RunInfo(id: "r", started: "", tool: "", command: []),
                machines: [],
                plan: plan.cells.map { $0.planned(on: "vm:1") }
            )
        ])
        let supervisor = Supervisor(settings) { event in events.withLock { $0.append(event) } }
        let lanes = FakeLanes { _ in ScriptedLane(outcomes, last: last) }
        let assignment = Supervisor.Assignment(machine: "vm:1", facts: goodHost(), plan: plan, lanes: lanes)
        #expect((try? supervisor.run([assignment])) == stopsAtFailure)
        return RunRecord(folding: events.withLock { $0 })?.results ?? []
    }

    @Test func `a sample that lacks something is not tried again, and has no control run`() {
        let unmet = Self.changed(Self.good) {
            $0.said = [WorkerFrame.unmet(need: .helper("bpf_fake"), message: "locked", details: []).json.text]
        }
        let results = results([unmet, Self.good, Self.control], retries: 2)
        #expect(results.map(\.verdict) == [.skip, .pass] && results[0].attempts.count == 1)
        #expect(results[0].need == .helper("bpf_fake") && results[0].control == .notRun && results[1].need == nil)
    }

    @Test func `a run that stops at its first failure starts no other sample`() {
        let wrong = Self.observed(41)
        let results = results([wrong, Self.good, Self.control], stopsAtFailure: true)
        #expect(results.map(\.verdict) == [.fail, .miss])
        #expect(self.results([wrong, Self.good, Self.control]).map(\.verdict) == [.fail, .pass])
    }

    @Test func `samples on a quiet machine pass`() {
        let results = results([Self.good, Self.control, Self.good, Self.control])
        #expect(results.map(\.verdict) == [.pass, .pass] && results.map(\.control) == [.refused, .refused])
    }

    @Test(arguments: [
        (MachineLoss.Kind.panic, Verdict.fail, Reason.crash), (.hang, .fail, .timeout), (.reset, .miss, .guestLost),
        (.powerOff, .miss, .guestLost), (.emulator, .miss, .guestLost), (.stream, .error, .harness),
        (.outOfMemory, .error, .harness), (.boot, .error, .bootFailed), (.emulatorBoot, .error, .bootFailed),
    ])
    func `a lost machine is the fault of the sample that ran, and the next one runs`(
        kind: MachineLoss.Kind,
        verdict: Verdict,
        reason: Reason
    ) {
        let results = results([Self.lost(kind), Self.good, Self.control])
        #expect(results[0].verdict == verdict && results[0].reason == reason && results[0].details == ["a line"])
        #expect(results[1].verdict == .pass)
    }

    @Test func `a kernel that does not start fails where that was asked for, and a QEMU that does not never`() {
        for (kind, verdict) in [(MachineLoss.Kind.boot, Verdict.fail), (.emulatorBoot, .error)] {
            let results = results([Self.lost(kind), Self.good, Self.control], failsForNoBoot: true)
            #expect(results.map(\.verdict) == [verdict, .pass] && results[0].reason == .bootFailed)
        }
    }

    @Test func `a machine that is lost in the control run takes the pass away`() {
        let results = results([Self.good, Self.lost(.panic), Self.good, Self.control])
        #expect(results[0].verdict == .fail && results[0].reason == .crash)
    }

    @Test(arguments: [(2, 0), (1, 1)])
    func `a panic between two tries takes the pass away`(repetitions: Int, retries: Int) {
        let first = retries == 0 ? Self.good : Self.control
        let second = Self.changed(Self.good) { $0.doubt = MachineDoubt(loss: MachineLoss(.panic, "in between")) }
        let rest =
            retries == 0
            ? [Self.control, Self.good, Self.good, Self.control] : [Self.control, Self.good, Self.control]
        let results = results([first, second] + rest, retries: retries, repetitions: repetitions)
        #expect(results.map(\.verdict) == [.fail, .pass] && results[0].reason == .crash)
        #expect(results[0].message == "between two tries the guest's kernel panicked: in between")
    }

    @Test func `a panic after a sample that was skipped is not lost`() {
        let unmet = Self.changed(Self.good) {
            $0.said = [WorkerFrame.unmet(need: .helper("bpf_fake"), message: "locked", details: []).json.text]
        }
        let next = Self.changed(Self.good) { $0.doubt = MachineDoubt(loss: MachineLoss(.panic, "late")) }
        let results = results([unmet, next, Self.control])
        #expect(results.map(\.verdict) == [.fail, .pass] && results[0].reason == .crash && results[0].need == nil)
    }

    @Test func `a panic after a sample takes its pass away, and not the next one's`() {
        let next = Self.changed(Self.good) { $0.doubt = MachineDoubt(loss: MachineLoss(.panic, "late")) }
        let results = results([Self.good, Self.control, next, Self.control])
        #expect(
            results[0].verdict == .fail && results[0].reason == .crash
                && results[0].message.contains("after the sample")
        )
        #expect(results[1].verdict == .pass)
    }

    @Test func `what is logged between two samples is the first one's`() {
        let next = Self.changed(Self.good) { $0.doubt = MachineDoubt(splats: ["WARNING: late"]) }
        let results = results([Self.good, Self.control, next, Self.control])
        #expect(results.map(\.verdict) == [.fail, .pass] && results[0].reason == .splat)
    }

    @Test func `what is logged before a control run is the sample's own`() {
        let control = Self.changed(Self.control) { $0.doubt = MachineDoubt(splats: ["WARNING: late"]) }
        let results = results([Self.good, control, Self.good, Self.control])
        #expect(results.map(\.verdict) == [.fail, .pass] && results[0].reason == .splat)
    }

    @Test func `what a machine shows at its end is the last sample's`() {
        let panic = MachineDoubt(loss: MachineLoss(.panic, "at the end"))
        let results = results([Self.good, Self.control, Self.good, Self.control], last: panic)
        #expect(results.map(\.verdict) == [.pass, .fail] && results[1].reason == .crash)
    }

    @Test func `a splat while a sample runs fails it, unless it is ignored`() throws {
        let noisy = Self.changed(Self.good) { $0.splats = ["WARNING: CPU: 0 PID: 1 at known.c:7 f+0x0"] }
        let outcomes = [noisy, Self.control, Self.good, Self.control]
        #expect(results(Array(outcomes[0...0] + outcomes[2...])).map(\.verdict) == [.fail, .pass])
        let list = try SplatAllowList(Array("at known.c:7  # reported upstream\n".utf8), list: "splats")
        #expect(results(outcomes, allowing: list).map(\.verdict) == [.pass, .pass])
    }

    @Test func `a process killed for lack of memory says nothing about the kernel`() {
        let killed = Self.changed(WorkerOutcome(allowed: 10)) {
            $0.end = .init(status: nil, signal: 9, cpuSeconds: 0, peakKiB: 0)
            $0.memoryKills = ["Out of memory: Killed process 77 (assay-worker)"]
        }
        let results = results([killed, Self.good, Self.control])
        #expect(
            results[0].verdict == .error && results[0].reason == .harness && results[0].message.contains("--memory")
        )
    }

    @Test(arguments: ["WARNING: x", "abc # why", "WARNING: x #", "# only a comment\nWARNING: y", "WARNING: x #  "])
    func `a line without a text of four letters and a reason is refused`(text: String) {
        #expect(throws: ListLines.Fault.self) { try SplatAllowList(Array(text.utf8), list: "splats") }
    }
}
