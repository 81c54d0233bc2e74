import CommandInput
import RunModel
import SampleKit
import SampleRun
import Testing

struct RunPlanTests {
    private func action(_ change: (inout HostFacts) -> Void) -> RunPlan.Action? {
        var host = goodHost()
        change(&host)
        return RunPlan(Array(fakes.prefix(1)), on: host).cells.first?.action
    }

    @Test func `what is granted is run`() {
        #expect(action { _ in } == .run)
    }

    @Test func `an option that is off is a skip that names it`() {
        let expected = RunPlan.Action.skip(
            .configMissing,
            need: .option("CONFIG_FAKE"),
            message: "CONFIG_FAKE is off in /proc/config.gz"
        )
        #expect(action { $0.options["CONFIG_FAKE"] = .off } == expected)
    }

    @Test func `an option that is not known is no reason to skip`() {
        #expect(action { $0.options = [:] } == .run)
    }

    @Test func `an older kernel is a skip, an unknown one is not`() {
        let expected = RunPlan.Action.skip(
            .kernelTooOld,
            need: .kernel(KernelVersion(5, 10)),
            message: "this kernel is 5.9.16"
        )
        #expect(action { $0.version = KernelVersion(5, 9, 16) } == expected)
        #expect(action { $0.version = KernelVersion(5, 10) } == .run)
        #expect(action { $0.version = nil } == .run)
    }

    @Test func `a caller without rights and a kernel without bpf are told apart`() {
        guard case .skip(let reason, let need, let message) = action({ $0.access = .denied }) else {
            Issue.record("not skipped")
            return
        }
        #expect(reason == .noPrivilege && need == .privilege("CAP_BPF") && message.contains("sudo"))
        guard case .skip(let absence, let option, _) = action({ $0.access = .absent }) else {
            Issue.record("not skipped")
            return
        }
        #expect(absence == .configMissing && option == .option("CONFIG_BPF_SYSCALL"))
    }

    @Test func `a denied sample runs and is expected to fail, unless its line says skip`() throws {
        let denied = try denyList("sockex1  # https://example.org/1\nxdp1 # skip: panics\n# xdp_rxq_info\n")
        let plan = RunPlan(fakes, on: goodHost(), denied: denied)
        #expect(plan.cells.map(\.expected) == [.fail, .fail, .pass])
        #expect(plan.cells[0].action == .run)
        #expect(plan.cells[1].action == .skip(.denyListed, need: nil, message: "skip: panics"))
        #expect(plan.cells[2].action == .run)
    }

    @Test func `what is known of a kernel joins what is known of all, and counts where both speak`() throws {
        let all = try denyList("sockex1 # one\nxdp1 # skip: two\n")
        let joined = all.joined(with: try denyList("xdp1 # three\nxdp_rxq_info # four\n"))
        #expect(fakes.map { joined.entry(for: $0.id)?.comment } == ["one", "three", "four"])
    }

    private func denyList(_ text: String) throws -> DenyList {
        try DenyList(Array(text.utf8), list: "deny", of: fakes)
    }

    @Test(arguments: [
        ("fake/sockex1", [true, false, false]), ("fake", [true, true, false]), ("fake/*", [true, true, false]),
        ("xdp*", [false, true, true]), ("*", [true, true, true]), ("*\nxdp1 # skip", [true, true, true]),
    ])
    func `a deny list takes the names that are printed, families and patterns`(text: String, denied: [Bool]) throws {
        let list = try denyList(text)
        #expect(fakes.map { list.entry(for: $0.id) != nil } == denied)
    }

    @Test(arguments: [
        ("\nfake/sockx1 # x", "line 2: ", "'fake/sockex1'"), ("sockex1 broken", "line 1: ", "'sockex1 broken'"),
        ("quite*", "line 1: ", "'quite*'"), ("XDP # a program type is no name", "line 1: ", "'XDP'"),
    ])
    func `a line that names no sample is an error with a suggestion`(text: String, place: String, word: String) {
        let error = #expect(throws: ListLines.Fault.self) { try denyList(text) }
        let said = error?.description ?? ""
        #expect(said.contains(place) && said.contains(word) && said.hasPrefix("reading 'deny': "), "\(said)")
    }
}

struct SampleSelectionTests {
    @Test(arguments: [
        ([], ["sockex1", "xdp1", "xdp_rxq_info"]),
        (["xdp1"], ["xdp1"]),
        (["fake/xdp1", "sockex1"], ["sockex1", "xdp1"]),
        (["other"], ["xdp_rxq_info"]),
        (["xdp"], ["sockex1", "xdp1", "xdp_rxq_info"]),
        (["xdp*1"], ["xdp1"]),
        (["fake/*", "!sockex1"], ["xdp1"]),
        (["!xdp1"], ["sockex1", "xdp_rxq_info"]),
        (["!fake", "xdp_*"], ["xdp_rxq_info"]),
        (["sockex1", "!*"], []),
    ])
    func `names, families and program types select, in the catalogue's order`(patterns: [String], names: [String])
        throws
    {
        #expect(try SampleSelection(patterns).select(from: fakes).map(\.name) == names)
    }

    @Test(arguments: [
        ("sockx1", "sockex1"), ("xdp-rxq-info", "xdp_rxq_info"), ("XDP1", "xdp1"), ("quite_another", nil),
        ("!sockx1", "sockex1"), ("fake/xdp2", "fake/xdp1"), ("tcp*", nil),
    ])
    func `an unknown name is refused with the nearest one`(pattern: String, nearest: String?) {
        let error = #expect(throws: SampleSelection.NoSuchSample.self) {
            try SampleSelection([pattern]).select(from: fakes)
        }
        #expect(error?.nearest == nearest)
        #expect(error?.description.contains(pattern.drop { $0 == "!" }) == true)
    }

    @Test func `the last failed are those that did not pass, and were expected to`() {
        let verdicts: [(String, Verdict, SampleResult.Expectation)] = [
            ("a", .pass, .pass), ("b", .fail, .pass), ("c", .fail, .fail), ("d", .error, .fail), ("e", .miss, .pass),
            ("f", .skip, .pass), ("g", .pass, .fail), ("a", .error, .pass),
        ]
        let info = RunInfo(id: "r", started: "2026-11-22T12:00:00Z", tool: "t", command: [])
        var events: [RunEvent] = [.runStarted(info, machines: [], plan: [])]
        for (index, (name, verdict, expected)) in verdicts.enumerated() {
            events.append(
                .sampleEnded(SampleResult(sample: name, machine: "m\(index)", verdict: verdict, expected: expected))
            )
        }
        let record = RunRecord(folding: events)
        #expect(record.map(SampleSelection.unsuccessful) == ["a", "b", "d", "e"])
    }
}

struct SlowSamplesTests {
    @Test func `a sample is named after ten seconds, and again whenever that has doubled`() {
        var slow = SlowSamples()
        slow.start("one", at: 0)
        slow.start("two", at: 5)
        #expect(slow.due(at: 9.9).isEmpty)
        #expect(slow.due(at: 10).map(\.name) == ["one"])
        #expect(slow.due(at: 11).isEmpty)
        #expect(slow.due(at: 20).map(\.name) == ["one", "two"])
        slow.end("two")
        // A timer that was late names a sample once.
        let late = slow.due(at: 100)
        #expect(late.map(\.name) == ["one"] && late.map(\.seconds) == [80])
        slow.end("one")
        #expect(slow.due(at: 1000).isEmpty)
    }
}
