import RunModel
import SampleKit
import SampleRun
import Testing

struct RunPlanTests {
    private func action(_ change: (inout HostFacts) -> Void, denied: String = "") -> RunPlan.Action? {
        var host = goodHost()
        change(&host)
        return RunPlan(Array(fakes.prefix(1)), on: host, denied: DenyList(parsing: denied)).cells.first?.action
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

    @Test func `a denied sample runs and is expected to fail, unless its line says skip`() {
        let denied = DenyList(parsing: "sockex1  # https://example.org/1\nxdp1 # skip: panics\n# xdp_rxq_info\n")
        let plan = RunPlan(fakes, on: goodHost(), denied: denied)
        #expect(plan.cells.map(\.expected) == [.fail, .fail, .pass])
        #expect(plan.cells[0].action == .run)
        #expect(plan.cells[1].action == .skip(.denyListed, need: nil, message: "skip: panics"))
        #expect(plan.cells[2].action == .run)
    }

    @Test func `what is known of a kernel joins what is known of all, and counts where both speak`() {
        let all = DenyList(parsing: "sockex1 # one\nxdp1 # skip: two\n")
        let joined = all.joined(with: DenyList(parsing: "xdp1 # three\nxdp_rxq_info # four\n"))
        #expect(
            ["sockex1", "xdp1", "xdp_rxq_info"].map { joined.entry(for: $0)?.comment } == ["one", "three", "four"]
        )
    }
}

struct SampleSelectionTests {
    @Test(arguments: [
        ([], ["sockex1", "xdp1", "xdp_rxq_info"]),
        (["xdp1"], ["xdp1"]),
        (["fake/xdp1", "sockex1"], ["sockex1", "xdp1"]),
        (["other"], ["xdp_rxq_info"]),
        (["xdp"], ["sockex1", "xdp1", "xdp_rxq_info"]),
    ])
    func `names, families and program types select, in the catalogue's order`(patterns: [String], names: [String])
        throws
    {
        #expect(try SampleSelection(patterns).select(from: fakes).map(\.name) == names)
    }

    @Test(arguments: [
        ("sockx1", "sockex1"), ("xdp-rxq-info", "xdp_rxq_info"), ("XDP1", "xdp1"), ("quite_another", nil),
    ])
    func `an unknown name is refused with the nearest one`(pattern: String, nearest: String?) {
        let error = #expect(throws: SampleSelection.NoSuchSample.self) {
            try SampleSelection([pattern]).select(from: fakes)
        }
        #expect(error?.nearest == nearest)
        #expect(error?.description.contains(pattern) == true)
    }
}
