import RunModel
import Testing

@Suite struct `folding a journal` {
    static let machine = Machine(
        id: "host",
        kernel: Machine.Kernel(release: "6.1.192", version: "#1 SMP", arch: "x86_64"),
        config: Machine.Config(source: "none", identity: .unknown)
    )
    static let run = RunInfo(id: "r1", started: "2026-11-22T12:00:00Z", tool: "bpf-assay 0.1", command: ["bpf-assay"])
    static let plan = ["xdp/xdp1", "tracing/tracex1", "networking/sockex1"].map {
        PlannedSample(sample: $0, machine: "host")
    }
    static let whole: [RunEvent] =
        [.runStarted(run, machines: [machine], plan: plan)]
        + plan.flatMap { [.sampleStarted($0), .sampleEnded(passed($0))] }
        + [.runEnded(at: "2026-11-22T12:01:00Z", interrupted: false)]

    static func passed(_ cell: PlannedSample) -> SampleResult {
        SampleResult(sample: cell.sample, machine: cell.machine, verdict: .pass)
    }

    @Test func `a whole journal gives a result for every planned cell in plan order`() throws {
        let record = try #require(RunRecord(folding: Self.whole))
        #expect(record.results.map(\.sample) == Self.plan.map(\.sample))
        #expect(record.summary.pass == 3)
        #expect(record.run.ended == "2026-11-22T12:01:00Z")
        #expect(record.schema == RunRecord.currentSchema)
    }

    @Test(arguments: 1...whole.count)
    func `every prefix folds, loses no sample and passes only those that ended`(length: Int) throws {
        let prefix = Self.whole.prefix(length)
        let record = try #require(RunRecord(folding: prefix))
        let ended = prefix.compactMap { event -> String? in
            if case .sampleEnded(let result) = event { result.sample } else { nil }
        }
        #expect(record.results.map(\.sample) == Self.plan.map(\.sample))
        #expect(record.results.filter { $0.verdict == .pass }.map(\.sample) == ended)
        #expect(record.results.filter { $0.verdict == .miss }.count == 3 - ended.count)
        #expect(record.summary == RunRecord.Summary(of: record.results))
    }

    @Test func `a journal without a start is no record`() {
        #expect(RunRecord(folding: Self.whole.dropFirst()) == nil)
        #expect(RunRecord(folding: []) == nil)
    }

    @Test func `a sample that begins again and is not heard of again is missing`() throws {
        let events = Self.whole + [.sampleStarted(Self.plan[0])]
        let record = try #require(RunRecord(folding: events))
        #expect(record.results[0].verdict == .miss)
    }

    @Test(arguments: [("host", Reason.nodeLost), ("vm:6.1.192", .guestLost)])
    func `a sample that never ended blames what it ran on`(machine: String, reason: Reason) throws {
        let cell = PlannedSample(sample: "xdp/xdp1", machine: machine)
        let events: [RunEvent] = [.runStarted(Self.run, machines: [], plan: [cell]), .sampleStarted(cell)]
        let record = try #require(RunRecord(folding: events))
        #expect(record.results.map(\.reason) == [reason])
    }

    @Test func `of two results for a cell the later counts`() throws {
        var failed = Self.passed(Self.plan[0])
        failed.verdict = .fail
        let record = try #require(RunRecord(folding: Self.whole + [.sampleEnded(failed)]))
        #expect(record.results.count == 3)
        #expect(record.results[0].verdict == .fail)
    }

    @Test func `an unplanned result is kept behind the planned ones`() throws {
        let extra = SampleResult(sample: "maps/extra", machine: "host", verdict: .fail)
        let record = try #require(RunRecord(folding: Self.whole + [.sampleEnded(extra)]))
        #expect(record.results.last == extra)
    }

    @Test func `a cell keeps what was expected of it when it is lost`() throws {
        let cell = PlannedSample(sample: "xdp/xdp1", machine: "host", expected: .fail)
        let record = try #require(RunRecord(folding: [.runStarted(Self.run, machines: [], plan: [cell])]))
        #expect(record.results.map(\.expected) == [.fail])
    }

    @Test func `every result gets the needs of its cell from the plan, also where it was lost`() throws {
        let needs: [Need] = [.option("CONFIG_VETH")]
        let plan = ["a", "b"].map { PlannedSample(sample: $0, machine: "host", needs: needs) }
        let events: [RunEvent] = [
            .runStarted(Self.run, machines: [Self.machine], plan: plan), .sampleEnded(Self.passed(plan[0])),
        ]
        #expect(try #require(RunRecord(folding: events)).results.map(\.needs) == [needs, needs])
    }

    @Test func `a finding is of the machine that it names, and else of the first one`() throws {
        var other = Self.machine
        other.id = "vm:6.1"
        func finding(_ feature: String, _ machine: String?) -> RunEvent {
            .checked(CheckResult(feature: feature, level: .config, verdict: .met, evidence: []).of(machine: machine))
        }
        let events = [
            .runStarted(Self.run, machines: [Self.machine, other], plan: []), finding("A", nil), finding("B", "host"),
            finding("C", "vm:6.1"),
        ]
        let record = try #require(RunRecord(folding: events))
        #expect(record.checks(of: "host").map(\.feature) == ["A", "B"])
        #expect(record.checks(of: "vm:6.1").map(\.feature) == ["C"])
    }

    @Test func `what guests said while they started is kept with their machine, each line once`() throws {
        var guest = Self.machine
        guest.id = "vm:6.1"
        func up(_ seconds: Double, _ splats: [String], _ troubles: [String] = []) -> RunEvent {
            .guestStarted(GuestStart(machine: "vm:6.1", seconds: seconds, splats: splats, troubles: troubles))
        }
        let events: [RunEvent] = [
            .runStarted(Self.run, machines: [Self.machine, guest], plan: []),
            .guestStarted(GuestStart(machine: "vm:6.1", failure: "it hung")), up(2.5, ["WARNING: a"], ["no veth"]),
            up(3, ["WARNING: a", "WARNING: b"]), .guestStarted(GuestStart(machine: "vm:6.1", failure: "it hung")),
            .guestStarted(GuestStart(machine: "nobody's", failure: "x")),
        ]
        let record = try #require(RunRecord(folding: events))
        #expect(record.machines[0].boot == nil)
        let boot = try #require(record.machines[1].boot)
        #expect(boot.guests == 2 && boot.seconds == 2.5 && boot.splats == ["WARNING: a", "WARNING: b"])
        #expect(boot.troubles == ["no veth"] && boot.failures == ["it hung", "it hung"])
    }

    @Test func `an interruption explains the unanswered cells and no other`() throws {
        var lost = Self.passed(Self.plan[0])
        lost.verdict = .miss
        lost.message = "the guest was lost"
        let events: [RunEvent] = [
            .runStarted(Self.run, machines: [Self.machine], plan: Self.plan),
            .sampleStarted(Self.plan[0]), .sampleEnded(lost), .sampleStarted(Self.plan[1]),
            .runEnded(at: "2026-11-22T12:01:00Z", interrupted: true),
        ]
        let record = try #require(RunRecord(folding: events))
        let interrupted = "the run was interrupted before its end"
        #expect(record.results.map(\.message) == ["the guest was lost", interrupted, interrupted])
    }

    @Test func `a run that stops by its own choice says so of the cells that it never began`() throws {
        let events: [RunEvent] = [
            .runStarted(Self.run, machines: [Self.machine], plan: Self.plan),
            .sampleStarted(Self.plan[0]), .sampleEnded(Self.passed(Self.plan[0])),
        ]
        let missing = RunEvent.missing(after: events, "stopped")
        #expect(missing.count == Self.plan.count - 1)
        let end = RunEvent.runEnded(at: "2026-11-22T12:01:00Z", interrupted: true)
        let record = try #require(RunRecord(folding: events + missing + [end]))
        #expect(record.results.map(\.verdict) == [.pass] + Self.plan.dropFirst().map { _ in .miss })
        #expect(record.results.dropFirst().allSatisfy { $0.message == "stopped" })
    }
}
