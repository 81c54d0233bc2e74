import RunModel
import Testing

@testable import FeatureRules

/// What options and a kernel's own answer come to together.
struct FeatureReportTests {
    private static let rules = RuleTable(
        """
        kind\tname\tsince\toptions\tdetails
        program\tXDP\t4.8\tCONFIG_NET\t-
        program\tTRACING\t5.5\tCONFIG_BPF_EVENTS\t-
        map\tNEXT\t>6.18\t-\tid=99
        attach\txdp\t4.8\t-\ttype=XDP
        attach\taction\t4.1\tCONFIG_NET_ACT_BPF\ttype=XDP
        """
    )
    private static let on: [String: KernelAccount.OptionState] = [
        "CONFIG_BPF_SYSCALL": .builtIn, "CONFIG_NET": .builtIn,
    ]

    private static func check(
        _ name: String,
        _ answer: ProbeAnswer?,
        _ options: [String: KernelAccount.OptionState]?,
        version: KernelVersion? = KernelVersion(6, 1),
        weight: CheckResult.Weight = .informative,
        exceptions: String = ""
    ) -> CheckResult? {
        let account = KernelAccount(version: version) { name in options.map { $0[name] ?? .off } ?? .unknown }
        let report = FeatureReport(
            of: account,
            answers: answer.map { [ProbedType(name: name, answer: $0)] } ?? [],
            requests: weight == .informative ? [] : [FeatureRequest(name, weight: weight)],
            remedy: { ["\($0)=y"] },
            rules: rules,
            exceptions: ExceptionTable("feature\toptions\tkernel\treason\n\(exceptions)")
        )
        return report.checks.first { $0.feature == name }
    }

    @Test(arguments: [
        // options on, off, a module, not known; what the kernel answers; what it comes to
        ("on", ProbeAnswer?.none, CheckVerdict.met), ("off", nil, .unmet), ("module", nil, .metModule),
        ("?", nil, .unknown),
        ("on", .supported, .met), ("off", .supported, .conflict), ("module", .supported, .met), ("?", .supported, .met),
        ("on", .absent, .conflict), ("off", .absent, .unmet), ("module", .absent, .unmet), ("?", .absent, .unmet),
        ("on", .denied("x"), .denied), ("off", .denied("x"), .unmet), ("module", .denied("x"), .denied),
        ("?", .denied("x"), .denied),
        ("on", .inconclusive("x"), .unknown), ("off", .inconclusive("x"), .unmet),
        ("module", .inconclusive("x"), .unknown),
        ("?", .inconclusive("x"), .unknown),
    ])
    func `options and answer`(option: String, answer: ProbeAnswer?, verdict: CheckVerdict) {
        var options = Self.on
        options["CONFIG_NET_ACT_BPF"] = option == "on" ? .builtIn : option == "module" ? .module : .off
        let check = Self.check("attach:action", answer, option == "?" ? nil : options)
        #expect(check?.verdict == verdict)
        #expect(check?.level == .attach && check?.evidence.isEmpty == false)
    }

    @Test func `a feature is off where its program type is`() {
        let check = Self.check("attach:xdp", .supported, ["CONFIG_BPF_SYSCALL": .builtIn])
        #expect(check?.verdict == .conflict)
        #expect(check?.evidence == ["kernel: supported", "options: CONFIG_NET is off"])
    }

    @Test func `an older version promises nothing, and does not contradict what the kernel does`() {
        let old = KernelVersion(4, 4)
        #expect(Self.check("attach:xdp", nil, Self.on, version: old)?.verdict == .notApplicable)
        #expect(Self.check("attach:xdp", .absent, Self.on, version: old)?.verdict == .notApplicable)
        #expect(Self.check("attach:xdp", .supported, Self.on, version: old)?.verdict == .met)
        let asked = Self.check("attach:xdp", nil, Self.on, version: old, weight: .required)
        #expect(asked?.verdict == .unmet && asked?.remedy == "Linux 4.8 or later")
    }

    @Test func `what is newer than anybody has looked is unknown in later versions`() {
        #expect(
            Self.check("BPF_MAP_TYPE_NEXT", .absent, Self.on, version: KernelVersion(6, 18, 44))?.verdict
                == .notApplicable
        )
        #expect(Self.check("BPF_MAP_TYPE_NEXT", nil, Self.on, version: KernelVersion(6, 19))?.verdict == .unknown)
        #expect(Self.check("BPF_MAP_TYPE_NEXT", .supported, Self.on, version: KernelVersion(7, 2))?.verdict == .met)
    }

    @Test func `a known difference is no conflict`() {
        let row = "attach:xdp\tmet\tabsent\tthe driver decides"
        let check = Self.check("attach:xdp", .absent, Self.on, exceptions: row)
        #expect(check?.verdict == .unmet && check?.evidence.last == "the driver decides")
        #expect(
            Self.check("attach:xdp", .supported, ["CONFIG_BPF_SYSCALL": .builtIn], exceptions: row)?.verdict
                == .conflict
        )
    }

    @Test func `what is missing has its remedy, and what is not known has none`() {
        let check = Self.check("attach:action", nil, Self.on, weight: .recommended)
        #expect(check?.remedy == "CONFIG_NET_ACT_BPF=y" && check?.weight == .recommended)
        #expect(Self.check("attach:nothing", nil, Self.on, weight: .required)?.verdict == .unknown)
        #expect(Self.check("attach:nothing", .denied("x"), Self.on)?.verdict == .denied)
    }

    @Test func `a refusal has the remedy of its cause, and what is not mounted is not refused`() {
        for refusal in [Refusal.lockdown(mode: "integrity"), .capabilities(["CAP_BPF"])] {
            let ruled = Self.check("attach:xdp", .denied(refusal.cause), Self.on)
            #expect(ruled?.verdict == .denied && ruled?.remedy == refusal.remedy)
            let unruled = Self.check("attach:nothing", .denied(refusal.cause), Self.on)
            #expect(unruled?.verdict == .denied && unruled?.remedy == refusal.remedy)
        }
        let mount = Self.check("mount:bpf", .absent, Self.on)
        #expect(mount?.verdict == .unmet && mount?.evidence == ["not mounted"])
        #expect(mount?.remedy == "mount -t bpf bpf /sys/fs/bpf")
        #expect(Self.check("mount:bpf", .supported, Self.on)?.verdict == .met)
    }

    @Test func `a type that is asked for by attach type has no entry without one`() {
        let answers = ["BPF_TRACE_ITER", "BPF_TRACE_FENTRY"].map {
            ProbedType(name: "BPF_PROG_TYPE_TRACING", attachType: $0, answer: .absent)
        }
        let account = KernelAccount(version: KernelVersion(6, 1)) { _ in .builtIn }
        let report = FeatureReport(of: account, answers: answers)
        let names = report.checks.map(\.feature).filter { $0.hasPrefix("BPF_PROG_TYPE_TRACING") }
        #expect(names == ["BPF_PROG_TYPE_TRACING/BPF_TRACE_ITER", "BPF_PROG_TYPE_TRACING/BPF_TRACE_FENTRY"])
        #expect(report.checks.first?.verdict == .conflict)
    }

    @Test func `a type of several forms is there where one of them is`() {
        let account = KernelAccount(version: KernelVersion(6, 1)) { _ in .builtIn }
        func verdict(_ answers: [ProbeAnswer]) -> CheckVerdict? {
            let forms = answers.enumerated().map {
                ProbedType(name: "BPF_PROG_TYPE_TRACING", attachType: "FORM_\($0.offset)", answer: $0.element)
            }
            let report = FeatureReport(
                of: account,
                answers: forms,
                requests: [FeatureRequest("BPF_PROG_TYPE_TRACING")]
            )
            return report.checks.first { $0.feature == "BPF_PROG_TYPE_TRACING" }?.verdict
        }
        #expect(verdict([.denied("x"), .supported, .absent]) == .met)
        #expect(verdict([.absent, .denied("x")]) == .denied)
        #expect(verdict([.absent, .absent]) == .conflict)
    }

    @Test func `every rule of the program has a name of its own and options that are options`() {
        let features = RuleTable.builtIn.features
        #expect(Set(features.map(\.name)).count == features.count && features.count > 120)
        #expect(features.allSatisfy { $0.options.first?.anyOf == ["CONFIG_BPF_SYSCALL"] })
        #expect(ExceptionTable.builtIn.strayLines == [])
        // An attach point's program type must be one, or its options would be lost.
        for row in RuleTable.builtIn.rows where row.kind == .attach || row.kind == .effect {
            #expect(RuleTable.builtIn.row(.program, row["type"] ?? "") != nil, "\(row.name)")
        }
    }

    @Test(arguments: [
        "BPF_PROG_TYPE_EXT", "BPF_PROG_TYPE_LSM", "BPF_PROG_TYPE_TRACING", "BPF_PROG_TYPE_TRACING/BPF_TRACE_ITER",
        "BPF_PROG_TYPE_STRUCT_OPS", "BPF_LINK_TYPE_TRACING", "BPF_LINK_TYPE_ITER", "attach:fentry", "attach:lsm",
        "attach:lsm_cgroup", "attach:tp_btf", "attach:iter_task", "effect:lsm",
    ])
    func `what names something of the kernel's types is promised by no kernel without them`(name: String) {
        let account = KernelAccount(version: KernelVersion(6, 12)) { option in
            option == "CONFIG_DEBUG_INFO_BTF" ? .off : option == "CONFIG_LSM" ? .text("bpf") : .builtIn
        }
        for answer in [nil, ProbeAnswer.absent, .inconclusive("no types")] {
            let answers = answer.map { [ProbedType(name: name, answer: $0)] } ?? []
            let report = FeatureReport(of: account, answers: answers, requests: [FeatureRequest(name)])
            #expect(report.checks.first?.verdict == .unmet, "\(name)")
        }
    }
}
