import ConfigCheck
import RunModel
import SampleCatalog
import SampleKit
import SampleRun
import Surveys
import SystemPackage
import TestSupport
import Testing

/// What a plan is made from, of hosts that are made up.
struct HostSurveyTests {
    private static let kernel = RunningKernel(release: "6.1.0-test", version: "#1 SMP")

    /// A host whose config stands in `/boot`; without a config where there is no text.
    private func survey(
        _ text: String?,
        named: String? = nil,
        access: HostFacts.BPFAccess = .granted
    ) throws -> HostSurvey {
        let root = try ScratchFolder()
        if let text { try root.write("boot/config-6.1.0-test", text) }
        return try HostSurvey(
            of: RunningConfig(of: Self.kernel, root: root.path),
            named: named.map {
                IdentifiedConfig(judgedForItself: KernelConfig(parsing: Array($0.utf8)), source: "mine")
            },
            access: access,
            for: allSamples
        )
    }

    private func config(_ lines: String...) -> String {
        generated("6.1.0-test", (["CONFIG_LOCALVERSION=\"-test\""] + lines).joined(separator: "\n"))
    }

    @Test func `without a config nothing is known of options, and no sample is skipped for one`() throws {
        let survey = try survey(nil)
        #expect(survey.facts.options.isEmpty && survey.facts.optionSource == "none")
        #expect(survey.machine.config.source == "none" && survey.machine.options == nil)
        for cell in RunPlan(allSamples, on: survey.facts).cells {
            if case .skip(_, .option(let name), _) = cell.action { Issue.record("\(cell.entry.id): \(name)") }
        }
    }

    @Test func `an option that a believed config does not mention is off, and one with a value is on`() throws {
        let survey = try survey(nil, named: generated("6.1.0", "CONFIG_BPF_SYSCALL=y", "CONFIG_VETH=m"))
        #expect(survey.facts.options["CONFIG_VETH"] == .on)
        #expect(survey.facts.options["CONFIG_CGROUPS"] == .off || !allSamples.options.contains("CONFIG_CGROUPS"))
        #expect(Set(survey.facts.options.keys) == allSamples.options)
        #expect(survey.facts.optionSource == "mine" && survey.machine.config.source == "mine")
        #expect(survey.machine.options?["CONFIG_VETH"] == "m" && survey.machine.options?["CONFIG_HZ"] == "absent")
    }

    @Test func `a fragment leaves open what it does not mention, and its values are not recorded`() throws {
        let survey = try survey(nil, named: "CONFIG_VETH=y\n# CONFIG_KPROBES is not set\n")
        #expect(survey.facts.options["CONFIG_VETH"] == .on)
        #expect(survey.facts.options.count < allSamples.options.count && survey.machine.options == nil)
    }

    @Test func `a config of another kernel says nothing`() throws {
        let survey = try survey(generated("5.10.0-other", "CONFIG_VETH=y"))
        #expect(survey.facts.options.isEmpty && survey.machine.config.identity == .suspect)
    }

    @Test func `whether bpf(2) may be called is passed on`() throws {
        let survey = try survey(nil, access: .denied)
        #expect(survey.facts.access == .denied)
        let cells = RunPlan(allSamples, on: survey.facts).cells
        #expect(!cells.contains { $0.action == .run })
    }

    @Test func `the kernel's names and the profile of the samples are recorded`() throws {
        let survey = try survey(config("CONFIG_BPF=y"))
        #expect(survey.machine.id == "host" && survey.machine.kernel.release == "6.1.0-test")
        #expect(survey.facts.version == KernelVersion("6.1.0"))
        #expect(survey.checks.contains { $0.feature == "CONFIG_BPF_SYSCALL" })
    }
}
