import LinuxHost
import RunModel
import SampleKit
import SampleRun
import Synchronization
import Testing
import WorkerWire

/// Lanes that a test makes.
struct FakeLanes: LaneFactory {
    var sharesKernel = false
    let make: @Sendable (Int) -> any SampleLane

    func withLanes(_ body: (_ makeLane: @escaping @Sendable (Int) -> any SampleLane) throws -> Void) throws {
        try body(make)
    }
}

/// Lanes that cannot be made.
private struct NoLanes: LaneFactory {
    struct Refused: Error {}
    let sharesKernel: Bool

    func withLanes(_ body: (_ makeLane: @escaping @Sendable (Int) -> any SampleLane) throws -> Void) throws {
        throw Refused()
    }
}

/// What happened on all machines of a test, in order.
private final class Story: Sendable {
    private struct State {
        var lines: [String] = []
        var running: [String] = []
        var mostAtOnce = 0
        var overlaps: Set<String> = []
    }

    private let state = Mutex(State())

    func begin(_ line: String) {
        state.withLock { state in
            state.lines.append(line)
            for other in state.running { state.overlaps.formUnion(["\(other) | \(line)", "\(line) | \(other)"]) }
            state.running.append(line)
            state.mostAtOnce = max(state.mostAtOnce, state.running.count)
        }
    }

    func end(_ line: String) { state.withLock { $0.running.removeAll { $0 == line } } }

    var lines: [String] { state.withLock { $0.lines } }
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }
    /// Pairs of tries that ran at the same time.
    var overlaps: Set<String> { state.withLock { $0.overlaps } }
}

/// A lane whose tries take a moment, and come out as a test says.
private final class TimedLane: SampleLane {
    private let machine: String
    private let story: Story
    private let outcome: @Sendable (String) -> WorkerOutcome

    init(_ machine: String, _ story: Story, _ outcome: @escaping @Sendable (String) -> WorkerOutcome) {
        self.machine = machine
        self.story = story
        self.outcome = outcome
    }

    func attempt(_ sample: String, objects: [String], isControl: Bool, timeout: Duration) throws -> WorkerOutcome {
        story.begin("\(machine) \(sample)")
        defer { story.end("\(machine) \(sample)") }
        _ = Deadline(after: .milliseconds(3)).poll(everyMilliseconds: 1) { false }
        return outcome(sample)
    }

    func load(_ object: String, timeout: Duration) throws -> WorkerOutcome { WorkerOutcome(allowed: 0) }

    func finish() -> MachineDoubt? { nil }
}

/// A fake that must have its machine for itself.
private struct LonelySample: Sample {
    typealias Observation = FakeSample.Observation

    static let manifest = Manifest(
        summary: "a number is counted, alone",
        oracle: "it is 42",
        kernSources: ["samples/bpf/lonely_kern.c"],
        programTypes: ["XDP"],
        needs: [],
        runsAlone: true
    )
    static let examples: [Example<Observation>] = []

    func observe(in arena: borrowing Arena) throws -> Observation { Observation(number: 42) }

    func judge(_ seen: Observation) -> Judgement { FakeSample().judge(seen) }
}

/// Which samples run when, on which machines, and what ends a run.
struct SupervisorTests {
    private static let lonely = ["a", "b"].map { CatalogEntry(family: "lonely", name: $0, type: LonelySample.self) }

    private static func outcome(_ number: Int64) -> WorkerOutcome {
        var outcome = WorkerOutcome(allowed: 10)
        outcome.said = [WorkerFrame.observed(.object(["number": .integer(number)])).json.text]
        outcome.end = .init(status: 0, signal: nil, cpuSeconds: 0, peakKiB: 0)
        return outcome
    }

    private struct Told {
        var story = Story()
        var events: [RunEvent] = []
        var tries: [String] = []
        var stopped = false
        var results: [SampleResult] {
            events.compactMap { if case .sampleEnded(let result) = $0 { result } else { nil } }
        }
    }

    /// Runs samples on this host, if asked for, and on virtual machines.
    private func run(
        _ entries: [CatalogEntry],
        onHost: Bool = false,
        guests: [String] = [],
        jobs: Int = 2,
        stopsAtFailure: Bool = false,
        _ outcome: @escaping @Sendable (String) -> WorkerOutcome = { _ in SupervisorTests.outcome(42) }
    ) throws -> Told {
        var settings = Supervisor.Settings(
            objects: Dictionary(uniqueKeysWithValues: entries.map { ($0.id, .path("x.o")) })
        )
        settings.jobs = jobs
        settings.makesControlRuns = false
        settings.stopsAtFailure = stopsAtFailure
        let tries = Mutex<[String]>([])
        settings.trying = { sample, machine, _ in tries.withLock { $0.append("\(machine) \(sample)") } }
        let story = Story()
        let machines = guests + (onHost ? ["host"] : [])
        let assignments = machines.map { machine in
            Supervisor.Assignment(
                machine: machine,
                facts: goodHost(),
                plan: RunPlan(entries, on: goodHost()),
                lanes: FakeLanes(sharesKernel: machine == "host") { _ in TimedLane(machine, story, outcome) }
            )
        }
        let events = Mutex<[RunEvent]>([])
        let supervisor = Supervisor(settings) { event in events.withLock { $0.append(event) } }
        let stopped = try supervisor.run(assignments)
        return Told(story: story, events: events.withLock { $0 }, tries: tries.withLock { $0 }, stopped: stopped)
    }

    @Test func `on a shared kernel what must run alone comes last, one at a time`() throws {
        let told = try run(Self.lonely + fakes, onHost: true, jobs: 4)
        #expect(told.story.lines.suffix(2).sorted() == ["host lonely/a", "host lonely/b"])
        #expect(told.story.lines.count == 5 && !told.stopped && told.results.allSatisfy { $0.verdict == .pass })
        #expect(!told.story.overlaps.contains { $0.contains("lonely") })
    }

    @Test(arguments: [true, false])
    func `as many samples run at the same time as there are jobs`(onHost: Bool) throws {
        let begun = Atomic(0)
        let told = try run(fakes, onHost: onHost, guests: onHost ? [] : ["vm:1"], jobs: 3) { _ in
            begun.add(1, ordering: .relaxed)
            let met = Deadline(after: .seconds(10)).poll(everyMilliseconds: 1) { begun.load(ordering: .relaxed) == 3 }
            return Self.outcome(met ? 42 : 41)
        }
        #expect(told.results.count == 3 && told.results.allSatisfy { $0.verdict == .pass })
    }

    @Test func `in virtual machines it takes its turn like any other`() throws {
        let told = try run(Self.lonely + fakes, guests: ["vm:1"], jobs: 1)
        #expect(told.story.lines == (Self.lonely + fakes).map { "vm:1 \($0.id)" })
    }

    @Test func `this host comes first and alone, whatever the order`() throws {
        let told = try run(fakes, onHost: true, guests: ["vm:1", "vm:2"], jobs: 3)
        #expect(told.story.lines.prefix(3).allSatisfy { $0.hasPrefix("host ") } && told.story.lines.count == 9)
        #expect(!told.story.overlaps.contains { $0.contains("host") && $0.contains("vm:") })
    }

    @Test(arguments: [(1, 1, 1), (3, 3, 3), (3, 2, 2), (1, 8, 3), (2, 4, 4)])
    func `lanes never outnumber the jobs, or the samples of their machine`(guests: Int, jobs: Int, most: Int) throws {
        let told = try run(fakes, guests: (1...guests).map { "vm:\($0)" }, jobs: jobs)
        #expect(told.story.mostAtOnce <= most)
        #expect(told.results.count == guests * fakes.count && !told.stopped)
        #expect(Set(told.tries) == Set(told.story.lines) && told.tries.count == guests * fakes.count)
    }

    @Test(arguments: [false, true])
    func `a run that stops at a failure starts nothing more on any machine`(onHost: Bool) throws {
        let told = try run(
            fakes + Self.lonely,
            onHost: onHost,
            guests: ["vm:1", "vm:2"],
            jobs: 1,
            stopsAtFailure: true
        ) {
            Self.outcome($0 == "fake/xdp1" ? 41 : 42)
        }
        let first = onHost ? "host" : "vm:1"
        #expect(told.story.lines == ["\(first) fake/sockex1", "\(first) fake/xdp1"] && told.stopped)
    }

    @Test(arguments: [false, true])
    func `an interruption ends the run on all machines, and its sample has no result`(onHost: Bool) throws {
        let told = try run(fakes + Self.lonely, onHost: onHost, guests: ["vm:1", "vm:2"], jobs: 1) { sample in
            var outcome = Self.outcome(42)
            outcome.interrupted = sample == "fake/xdp1"
            return outcome
        }
        #expect(told.story.lines.count == 2 && told.results.map(\.sample) == ["fake/sockex1"] && told.stopped)
    }

    @Test func `saying that nothing can be run asks for no lane`() throws {
        var facts = goodHost()
        facts.access = .denied
        let events = Mutex<[RunEvent]>([])
        let supervisor = Supervisor(Supervisor.Settings(objects: [:])) { event in events.withLock { $0.append(event) } }
        let assignments = [true, false].map { sharesKernel in
            Supervisor.Assignment(
                machine: "m",
                facts: facts,
                plan: RunPlan(fakes, on: facts),
                lanes: NoLanes(sharesKernel: sharesKernel)
            )
        }
        #expect(try !supervisor.run(assignments))
        #expect(events.withLock { $0 }.count == 4 * fakes.count)
    }

    @Test func `where a machine can have no lane the reason is thrown, and no machine of its kind has begun`() {
        let story = Story()
        let working = FakeLanes { _ in TimedLane("vm", story) { _ in Self.outcome(42) } }
        let machines: [any LaneFactory] = [working, NoLanes(sharesKernel: false)]
        let assignments = machines.map { lanes in
            Supervisor.Assignment(
                machine: "vm",
                facts: goodHost(),
                plan: RunPlan(fakes, on: goodHost()),
                lanes: lanes
            )
        }
        let supervisor = Supervisor(Supervisor.Settings(objects: [:])) { _ in }
        #expect(throws: NoLanes.Refused.self) { _ = try supervisor.run(assignments) }
        #expect(story.lines == [])
    }
}
