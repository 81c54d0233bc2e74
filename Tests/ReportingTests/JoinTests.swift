import Reporting
import RunModel
import Testing

@Suite struct `joined records` {
    static let guest: RunRecord = {
        var machine = Records.machine
        machine.id = "vm:6.12"
        var result = Records.failed
        result.machine = machine.id
        return Records.record([result], machines: [Records.machine, machine])
    }()

    @Test func `hold the machines and results of both`() throws {
        let joined = try Records.good.joined(with: Self.guest)
        #expect(joined.machines.map(\.id) == ["host", "vm:6.12"])
        #expect(joined.results.map(\.machine) == ["host", "host", "vm:6.12"])
        #expect(joined.summary == RunRecord.Summary(of: joined.results))
        #expect(joined.run.ended != nil)
    }

    @Test func `keep for each machine what was checked of it`() throws {
        var (one, two) = (Records.good, Self.guest)
        one.checks = [CheckResult(feature: "A", level: .config, verdict: .met, evidence: [])]
        two.machines.removeFirst()
        two.checks = [CheckResult(feature: "B", level: .config, verdict: .met, evidence: [])]
        let joined = try one.joined(with: two)
        #expect(joined.checks(of: "host").map(\.feature) == ["A"])
        #expect(joined.checks(of: "vm:6.12").map(\.feature) == ["B"])
    }

    @Test func `are of one machine that started in each`() throws {
        var (one, two) = (Records.good, Self.guest)
        one.machines[0].boot = Machine.Boot().taking(GuestStart(machine: "", seconds: 2, splats: ["a"], troubles: []))
        two.machines[0].boot = Machine.Boot().taking(GuestStart(machine: "", seconds: 3, splats: ["b"], troubles: []))
        let boot = try #require(try one.joined(with: two).machines[0].boot)
        #expect(boot.guests == 2 && boot.seconds == 2 && boot.splats == ["a", "b"])
    }

    @Test func `have not ended where one has not`() throws {
        var torn = Self.guest
        torn.run.ended = nil
        #expect(try Records.good.joined(with: torn).run.ended == nil)
    }

    @Test func `lose no result to another`() {
        #expect(throws: JoinError.sameCell(sample: "networking/sockex1", machine: "host")) {
            try Records.good.joined(with: Records.good)
        }
    }

    @Test func `do not take two kernels for one`() {
        var other = Self.guest
        other.machines[0].kernel.release = "6.2"
        #expect(throws: JoinError.differentMachines(id: "host")) { try Records.good.joined(with: other) }
    }
}

@Suite struct `the registry of formats` {
    @Test func `finds every format by its name`() {
        #expect(ReportFormats.names == ["text", "json", "ktap", "junit", "markdown"])
        for name in ReportFormats.names { #expect(ReportFormats.named(name)?.name == name) }
        #expect(ReportFormats.named("yaml") == nil)
    }

    @Test(arguments: ReportFormats.names)
    func `ends every format's last line, also for a run of nothing`(name: String) throws {
        let format = try #require(ReportFormats.named(name))
        #expect(try format.render(Records.record([])).hasSuffix("\n"))
        #expect(try format.render(Records.all).hasSuffix("\n"))
    }
}
