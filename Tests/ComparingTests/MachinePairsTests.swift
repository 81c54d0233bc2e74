import Comparing
import RunModel
import Testing

extension `two runs` {
    @Test func `of two kernels in machines of one kind belong together`() {
        let comparison = Self.compare(
            Self.result(.pass, machine: "vm:6.1.0"),
            Self.result(.fail, .oracle, machine: "vm:6.12.0")
        )
        #expect(comparison.changes.map(\.kind) == [.regression] && comparison.common == 1)
        #expect(comparison.changes[0].before?.machine == "vm:6.1.0" && comparison.changes[0].machine == "vm:6.12.0")
        #expect(comparison.machines == [MachinePair(before: "vm:6.1.0", after: "vm:6.12.0")])
    }

    @Test func `of one machine each belong together, be it a host and a virtual machine`() {
        let comparison = Self.compare(Self.result(.pass), Self.result(.fail, .oracle, machine: "vm:6.12.0"))
        #expect(comparison.changes.map(\.kind) == [.regression])
        #expect(comparison.machines == [MachinePair(before: "host", after: "vm:6.12.0")])
    }

    @Test func `keep apart what nobody can tell apart, and a host from a virtual machine`() {
        let old = [Self.result(.pass, machine: "vm:6.1"), Self.result(.pass, machine: "vm:6.6")]
        let new = [Self.result(.fail, machine: "vm:6.12"), Self.result(.fail, machine: "vm:6.6")]
        let comparison = RunComparison(of: Self.record(old), to: Self.record(new + [Self.result(.fail)]))
        // 6.6 is in both; 6.1 and 6.12 are then the only ones left of their kind; the host is new.
        #expect(comparison.changes.map(\.kind) == [.regression, .regression, .new])
        let three = RunComparison(
            of: Self.record(old),
            to: Self.record(["a", "b"].map { Self.result(.fail, machine: "vm:\($0)") })
        )
        #expect(three.common == 0 && three.changes.map(\.kind) == [.new, .new, .gone, .gone])
        #expect(three.machines.isEmpty)
    }

    @Test func `pair machines and not cells, so that a sample is never compared with one of a third machine`() {
        let old = [
            Self.result(.pass, sample: "a", machine: "vm:1"), Self.result(.pass, sample: "b", machine: "vm:2"),
        ]
        let new = [Self.result(.fail, sample: "a", machine: "vm:3"), Self.result(.fail, sample: "b", machine: "vm:4")]
        #expect(RunComparison(of: Self.record(old), to: Self.record(new)).common == 0)
    }

    static func machine(_ id: String, _ options: [String: String]?) -> Machine {
        Machine(
            id: id,
            kernel: Machine.Kernel(release: id, version: "", arch: "x86_64"),
            config: Machine.Config(source: "none", identity: .unknown),
            options: options
        )
    }

    static func record(_ results: [SampleResult], on machines: [Machine]) -> RunRecord {
        let run = RunInfo(id: "r", started: "2026-11-22T12:00:00Z", ended: nil, tool: "t", command: [])
        let events = [RunEvent.runStarted(run, machines: machines, plan: [])] + results.map(RunEvent.sampleEnded)
        guard let record = RunRecord(folding: events) else { fatalError("a journal with a start folds") }
        return record
    }

    @Test func `show the option that explains a verdict, of the machine that the cell is on`() {
        let kprobes = "CONFIG_KPROBES"
        let skip = (Reason.configMissing, Need.option(kprobes))
        let before = Self.record(
            ["vm:a", "vm:b"].map { Self.result(.pass, machine: $0) },
            on: [Self.machine("vm:a", [kprobes: "y"]), Self.machine("vm:b", [kprobes: "m"])]
        )
        let after = Self.record(
            ["vm:a", "vm:b"].map { Self.result(.skip, skip.0, machine: $0, need: skip.1) },
            on: [Self.machine("vm:a", [kprobes: "not set"]), Self.machine("vm:b", [kprobes: "absent"])]
        )
        let comparison = RunComparison(of: before, to: after)
        let sentences = ["CONFIG_KPROBES went from y to not set", "CONFIG_KPROBES went from m to absent"]
        #expect(comparison.changes.map { $0.options.map(\.sentence) } == sentences.map { [$0] })
        #expect(comparison.machines.map { $0.options.map(\.sentence) } == sentences.map { [$0] })
    }

    @Test func `show the options that a sample needs beside a failure that names none`() {
        let options = [["CONFIG_VETH": "y", "CONFIG_X": "y"], ["CONFIG_VETH": "m", "CONFIG_X": "m"]]
        var results = [Self.result(.pass, machine: "vm:1"), Self.result(.fail, .oracle, machine: "vm:2")]
        for index in results.indices { results[index].needs = [.option("CONFIG_VETH")] }
        let comparison = RunComparison(
            of: Self.record([results[0]], on: [Self.machine("vm:1", options[0])]),
            to: Self.record([results[1]], on: [Self.machine("vm:2", options[1])])
        )
        #expect(comparison.changes.map { $0.options.map(\.option) } == [["CONFIG_VETH"]])
        #expect(comparison.machines.map { $0.options.map(\.option) } == [["CONFIG_VETH", "CONFIG_X"]])
    }

    @Test func `explain nothing by an option that is off in both, in other words`() {
        let comparison = RunComparison(
            of: Self.record([Self.result(.pass)], on: [Self.machine("host", ["CONFIG_PREEMPT_RT": "absent"])]),
            to: Self.record([Self.result(.pass)], on: [Self.machine("host", ["CONFIG_PREEMPT_RT": "not set"])])
        )
        #expect(comparison.machines.map(\.options) == [[]])
    }

    @Test func `explain nothing where either config is not known`() {
        let comparison = RunComparison(
            of: Self.record([Self.result(.pass)], on: [Self.machine("host", ["CONFIG_VETH": "y"])]),
            to: Self.record(
                [Self.result(.skip, .configMissing, need: .option("CONFIG_VETH"))],
                on: [Self.machine("host", nil)]
            )
        )
        #expect(comparison.changes.map(\.options) == [[]] && comparison.machines.map(\.options) == [[]])
    }
}
