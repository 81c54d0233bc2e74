import RunModel
import TestSupport
import Testing

@testable import ConfigCheck

@Suite struct OptionExplanationTests {
    private func check(_ wanted: String, on text: String, kernel: KernelVersion? = nil) throws -> ConfigReport {
        report(try profile(wanted + "\n"), on: text, kernel: kernel)
    }

    @Test func `an option that is absent names the parents that are off down to one that can be set`() throws {
        let config = generated(
            "6.1.192",
            "CONFIG_HAVE_KPROBES=y",
            "CONFIG_HAVE_REGS_AND_STACK_ACCESS_API=y",
            "CONFIG_MODULES=y",
            "CONFIG_FTRACE=y",
            "# CONFIG_KPROBES is not set"
        )
        let report = try check("CONFIG_KPROBE_EVENTS=y", on: config)
        #expect(report.checks[0].verdict == .unmet)
        #expect(
            report.checks[0].evidence == [
                ".config does not mention CONFIG_KPROBE_EVENTS",
                "CONFIG_KPROBE_EVENTS depends on CONFIG_KPROBES, which is not set",
            ]
        )
        #expect(report.checks[0].remedy == "CONFIG_KPROBES=y\nCONFIG_KPROBE_EVENTS=y")
        #expect(report.fixFragment.hasSuffix("not set.\nCONFIG_KPROBES=y\nCONFIG_KPROBE_EVENTS=y\n"))
    }

    @Test func `of another version it is said where a parent was read and what ended is no parent`() throws {
        let config = generated("6.18.44", "CONFIG_HAVE_KPROBES=y", "# CONFIG_MODULES is not set")
        #expect(OptionFact.named("CONFIG_KPROBES")?.reading(for: KernelVersion(6, 11)).version == KernelVersion(6, 1))
        let evidence = try check("CONFIG_NET_ACT_BPF=y", on: config).checks[0].evidence
        #expect(evidence.contains("CONFIG_NET_ACT_BPF depends on CONFIG_NET in Linux 6.12, which is absent"))
        #expect(try check("CONFIG_KPROBES=y", on: config).checks[0].remedy == "CONFIG_KPROBES=y")
        let old = generated("6.9", "CONFIG_HAVE_KPROBES=y", "# CONFIG_MODULES is not set")
        #expect(try check("CONFIG_KPROBES=y", on: old).checks[0].remedy == "CONFIG_MODULES=y\nCONFIG_KPROBES=y")
    }

    @Test(
        arguments: [
            ("CONFIG_NETKIT=y", "6.1.192", "Linux 6.7 introduced CONFIG_NETKIT, and this is 6.1.192"),
            ("CONFIG_BPFILTER=y", "6.8", "Linux 6.8 or an earlier version removed CONFIG_BPFILTER, and this is 6.8"),
            (
                "CONFIG_HAVE_BPF_JIT=y", "4.9",
                "Linux 4.7 replaced CONFIG_HAVE_BPF_JIT by CONFIG_HAVE_CBPF_JIT and CONFIG_HAVE_EBPF_JIT, "
                    + "and this is 4.9; ask for that instead"
            ),
            ("CONFIG_HAVE_CBPF_JIT=y", "6.1", "CONFIG_HAVE_CBPF_JIT is for the architectures sparc, and this is x86"),
        ]
    )
    func `an option that this kernel does not have has no remedy but another kernel`(
        wanted: String,
        version: String,
        why: String
    ) throws {
        let report = try check(wanted, on: generated(version, "CONFIG_NET=y"))
        #expect(report.checks[0].verdict == .unmet)
        #expect(report.checks[0].evidence.last == why)
        #expect(report.checks[0].remedy.map { $0.hasPrefix("Linux ") } ?? true)
        #expect(report.fixFragment.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
    }

    @Test func `an option that the config mentions exists whatever the table says`() throws {
        let config = generated("4.4.178", "# CONFIG_BPF_JIT_ALWAYS_ON is not set", "CONFIG_KPROBE_EVENT=y")
        #expect(try check("CONFIG_BPF_JIT_ALWAYS_ON=y", on: config).checks[0].remedy?.isEmpty == false)
        #expect(try check("CONFIG_KPROBE_EVENT=y", on: generated("5.4", "CONFIG_KPROBE_EVENT=y")).conclusion == .met)
    }

    @Test func `facts are those of the nearest version at or below the kernel that has the option`() throws {
        let older = generated("6.1.192", "# CONFIG_MODULES is not set", "CONFIG_HAVE_KPROBES=y")
        #expect(
            try check("CONFIG_KPROBES=y", on: older).checks[0].evidence.last
                == "CONFIG_KPROBES depends on CONFIG_MODULES, which is not set"
        )
        let newer = generated("6.12.117", "# CONFIG_MODULES is not set", "CONFIG_HAVE_KPROBES=y")
        #expect(try check("CONFIG_KPROBES=y", on: newer).checks[0].evidence.count == 1)
        // Linux 6.8 has NETKIT and was never read; of those that were only 6.12 has it.
        let between = generated("6.8.1", "CONFIG_NET=y", "CONFIG_NETDEVICES=y", "CONFIG_NET_CORE=y")
        #expect(
            try check("CONFIG_NETKIT=y", on: between).checks[0].evidence.last
                == "CONFIG_NETKIT depends on CONFIG_BPF_SYSCALL in Linux 6.12, which is absent"
        )
    }

    @Test func `a tool that the build lacks is named and one that it has is not`() throws {
        func config(_ version: Int) -> String {
            generated("6.12.117", "CONFIG_BPF_SYSCALL=y", "CONFIG_DEBUG_INFO=y", "CONFIG_PAHOLE_VERSION=\(version)")
        }
        let lacking = try check("CONFIG_DEBUG_INFO_BTF=y", on: config(0))
        #expect(
            lacking.checks[0].evidence.last
                == "CONFIG_DEBUG_INFO_BTF needs CONFIG_PAHOLE_VERSION to be 116 or more, and it is 0: "
                + "the build finds it out, so install the tool or a newer one and configure again"
        )
        #expect(lacking.checks[0].remedy == "CONFIG_DEBUG_INFO_BTF=y")
        #expect(try check("CONFIG_DEBUG_INFO_BTF=y", on: config(124)).checks[0].evidence.count == 1)
    }

    @Test func `a renamed option is looked up under its new name`() throws {
        let met = try check("CONFIG_KPROBE_EVENT=y", on: generated("6.1", "CONFIG_KPROBE_EVENTS=y"))
        #expect(met.conclusion == .met)
        #expect(met.checks[0].evidence.last == "CONFIG_KPROBE_EVENT is called CONFIG_KPROBE_EVENTS since Linux 4.11")
        let unmet = try check("CONFIG_UPROBE_EVENT=y", on: generated("6.1", "# CONFIG_UPROBE_EVENTS is not set"))
        #expect(unmet.checks[0].remedy?.hasSuffix("CONFIG_UPROBE_EVENTS=y") == true)
    }

    @Test func `an option of other versions is not looked up under its new name`() throws {
        let asked = "# [for Linux kernel versions 4.1 through 4.10]\nCONFIG_KPROBE_EVENT=y"
        let report = try check(asked, on: generated("6.1", "CONFIG_KPROBE_EVENTS=y"))
        #expect(report.checks[0].verdict == .notApplicable)
        #expect(report.findings[0].found == "absent")
    }

    @Test func `a parent that is a module keeps a tristate option from being built in`() throws {
        let config = generated("6.1", "CONFIG_NET=y", "CONFIG_INET=y", "CONFIG_IPV6=m", "CONFIG_IPV6_TUNNEL=m")
        let evidence = try check("CONFIG_IPV6_TUNNEL=y", on: config).checks[0].evidence
        #expect(evidence.last == "CONFIG_IPV6_TUNNEL depends on CONFIG_IPV6, which is m")
    }

    @Test func `an option that can only be a module is offered as one`() throws {
        let config = generated("6.1", "CONFIG_NET=y", "CONFIG_RUNTIME_TESTING_MENU=y")
        let report = try check("CONFIG_TEST_BPF=y", on: config)
        #expect(report.checks[0].evidence.last == "CONFIG_TEST_BPF can only be a module")
        #expect(report.checks[0].remedy == "CONFIG_TEST_BPF=m")
    }

    @Test func `of an option that the table lacks nothing is claimed`() throws {
        let report = try check("CONFIG_NO_SUCH_OPTION=y", on: generated("6.1", "CONFIG_NET=y"))
        #expect(report.checks[0].evidence.count == 1)
        #expect(report.checks[0].remedy == "CONFIG_NO_SUCH_OPTION=y")
    }

    @Test func `the table is read whole`() throws {
        let rows = String(decoding: PackageResources.options_tsv, as: UTF8.self).split(separator: "\n")
            .filter { !$0.hasPrefix("#") && !$0.hasPrefix("option\t") }
        #expect(OptionFact.table.count == rows.count)
        for fact in OptionFact.table.values {
            for version in OptionFact.readVersions {
                for carrier in fact.broughtBy {
                    let carrier = try #require(OptionFact.named(carrier), "\(fact.name)")
                    #expect(!carrier.reading(for: version).isHidden, "\(fact.name)")
                }
                for case .oneOf(let parents) in fact.reading(for: version).parents {
                    #expect(parents.allSatisfy { OptionFact.named($0) != nil }, "\(fact.name)")
                }
            }
        }
    }
}
