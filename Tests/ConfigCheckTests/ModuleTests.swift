import RunModel
import SystemPackage
import TestSupport
import Testing

@testable import ConfigCheck

@Suite struct ModuleTests {
    private static let loaded = """
        cls_bpf 32768 2 - Live 0xffffffffc0a00000
        nf_conntrack 188416 1 nf_nat, Live 0x0000000000000000

        """
    private static let listed = """
        kernel/net/sched/act_bpf.ko.xz: kernel/net/sched/x.ko.xz
        kernel/drivers/media/rc/rc-core.ko:
        extra/veth.ko.zst:

        """

    @Test(arguments: [
        ("cls_bpf", ModuleInventory.State.loaded), ("act_bpf", .loadable("kernel/net/sched/act_bpf.ko.xz")),
        ("rc_core", .loadable("kernel/drivers/media/rc/rc-core.ko")),
        ("rc-core", .loadable("kernel/drivers/media/rc/rc-core.ko")),
        ("ipv6", .builtIn), ("x", .notInstalled), ("veth", .loadable("extra/veth.ko.zst")),
    ])
    func `a module's state is read from the lists`(module: String, state: ModuleInventory.State) {
        let inventory = ModuleInventory(
            loaded: Self.loaded,
            builtIn: "kernel/net/ipv6/ipv6.ko\n",
            dependencies: Self.listed
        )
        #expect(inventory.state(of: module) == state)
    }

    @Test func `without a list nobody knows and with loading forbidden a file does not help`() {
        let none = ModuleInventory(loaded: Self.loaded, builtIn: nil, dependencies: nil)
        #expect(none.state(of: "cls_bpf") == .loaded)
        #expect(none.state(of: "act_bpf") == .unknown)
        let locked = ModuleInventory(
            loaded: "",
            builtIn: "",
            dependencies: Self.listed,
            isLoadingForbidden: true
        )
        #expect(locked.state(of: "act_bpf") == .forbidden)
        #expect(locked.state(of: "x") == .notInstalled)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `any text is an inventory`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("ab_-./: \n\t.ko\u{e9}")
        let text = String((0..<400).map { _ in alphabet.randomElement(using: &generator)! })
        let inventory = ModuleInventory(loaded: text, builtIn: text, dependencies: text)
        #expect(inventory.state(of: "no_such_module") == .notInstalled)
    }

    /// The running kernel of a folder that stands for `/`, whose config says `=m` of the tc filter.
    private func finding(_ files: [(String, String)], asking: String = "CONFIG_NET_CLS_BPF=m\n") throws -> CheckResult {
        let root = try ScratchFolder()
        try root.write("proc/config.gz", try gzip(Array(generated("6.1.192", "CONFIG_NET_CLS_BPF=m").utf8)))
        for (name, text) in files { try root.write(name, text) }
        let kernel = RunningKernel(release: "6.1.192", version: "#1 SMP")
        let running = RunningConfig(of: kernel, root: root.path)
        return ConfigReport(judging: try profile(asking), against: running.found).checks[0]
    }

    @Test func `a module that is not installed is not there`() throws {
        let listed = "kernel/net/sched/act_bpf.ko:\n"
        let missing = try finding([("lib/modules/6.1.192/modules.dep", listed), ("proc/modules", "")])
        #expect(missing.verdict == .unmet)
        #expect(missing.isFailure)
        #expect(
            missing.evidence.last
                == "its module cls_bpf is neither loaded nor installed in /lib/modules/6.1.192; "
                + "install the package with this kernel's modules, or build it in"
        )
        #expect(missing.remedy == "CONFIG_NET_CLS_BPF=y")
        // A list that names a file which is gone does not bring it back.
        let gone = try finding([("lib/modules/6.1.192/modules.dep", "kernel/net/sched/cls_bpf.ko:\n")])
        #expect(gone.verdict == .unmet)
    }

    @Test func `a module that is loaded or can be is there`() throws {
        let loaded = try finding([("proc/modules", "cls_bpf 1 0 - Live 0x0\n")])
        #expect(loaded.verdict == .metModule)
        #expect(loaded.evidence.last == "its module cls_bpf is loaded")
        let loadable = try finding([
            ("lib/modules/6.1.192/modules.dep", "kernel/net/sched/cls_bpf.ko:\n"),
            ("lib/modules/6.1.192/kernel/net/sched/cls_bpf.ko", "ELF"),
        ])
        #expect(loadable.verdict == .metModule)
        #expect(loadable.evidence.last?.hasSuffix("can be: kernel/net/sched/cls_bpf.ko") == true)
    }

    @Test func `without a list of modules nobody calls one missing or there`() throws {
        let unknown = try finding([("proc/modules", "")])
        #expect(unknown.verdict == .unknown)
        #expect(unknown.remedy == nil)
        #expect(unknown.evidence.last?.contains("/lib/modules/6.1.192/modules.dep cannot be read here") == true)
    }

    @Test func `a file is taken as is whatever modules this machine has`() throws {
        let subject = IdentifiedConfig(judgedForItself: parsed("CONFIG_NET_CLS_BPF=m\n"), source: ".config")
        let report = ConfigReport(judging: try profile("CONFIG_NET_CLS_BPF=m\n"), against: subject)
        #expect(report.checks[0].verdict == .metModule)
    }

    @Test func `an option whose module nobody has looked up stays a module`() throws {
        let root = try ScratchFolder()
        try root.write("proc/config.gz", try gzip(Array(generated("6.1.192", "CONFIG_NO_SUCH=m").utf8)))
        let running = RunningConfig(of: RunningKernel(release: "6.1.192", version: "#1"), root: root.path)
        let report = ConfigReport(judging: try profile("CONFIG_NO_SUCH=m\n"), against: running.found)
        #expect(report.checks[0].verdict == .metModule)
    }
}

/// Options that a module serves as well as code in the kernel.
@Suite struct ModuleWeightTests {
    /// Where =m does not serve, and why.
    private static let builtIn: [String: String] = [
        "guest CONFIG_SERIAL_8250": "the console is there before modules are",
        "ci-minimal CONFIG_IKCONFIG": "nothing loads configs.ko by itself",
        "libbpf-selftests CONFIG_IKCONFIG": "nothing loads configs.ko by itself",
        "libbpf-selftests CONFIG_IPV6": "CONFIG_IPV6_SEG6_BPF depends on IPV6=y",
        "libbpf-selftests CONFIG_RC_CORE": "CONFIG_BPF_LIRC_MODE2 depends on RC_CORE=y",
    ]

    @Test func `a profile takes a module for every option that can be one, or says why not`() throws {
        var exceptions: Set<String> = []
        for name in ConfigProfile.builtInNames {
            for requirement in try ConfigProfile.load(name).requirements where requirement.wanted == .builtIn {
                let fact = try #require(OptionFact.named(requirement.option))
                guard fact.reading(for: KernelVersion(6, 1)).isTristate else { continue }
                exceptions.insert("\(name) \(requirement.option)")
            }
        }
        #expect(exceptions == Set(Self.builtIn.keys))
    }

    @Test func `a profile asks for no module where an option cannot be one`() throws {
        for name in ConfigProfile.builtInNames {
            for requirement in try ConfigProfile.load(name).requirements where requirement.wanted == .module {
                let fact = try #require(OptionFact.named(requirement.option))
                let isModule = [KernelVersion(6, 1), KernelVersion(6, 12)].contains { fact.reading(for: $0).isTristate }
                #expect(isModule, "\(name): \(requirement.option)=m")
            }
        }
    }

    @Test(arguments: ["samples", "samples-all"])
    func `a packet socket by a module serves the samples`(profile: String) throws {
        let config = generated("6.12.55", "CONFIG_64BIT=y", "CONFIG_NET=y", "CONFIG_PACKET=m", "CONFIG_IPV6=m")
        let checks = report(try .load(profile), on: config).checks
        for option in ["CONFIG_PACKET", "CONFIG_IPV6"] {
            #expect(checks.first { $0.feature == option }?.verdict == .metModule, "\(option)")
        }
    }

    @Test func `a module that the running kernel has not installed does not serve`() throws {
        let root = try ScratchFolder()
        let release = "6.12.55-mine"
        try root.write("boot/config-\(release)", generated("6.12.55", "CONFIG_PACKET=m"))
        try root.write("lib/modules/\(release)/modules.dep", "kernel/net/ipv6/ipv6.ko:\n")
        let running = RunningConfig(of: RunningKernel(release: release, version: "#1 SMP"), root: root.path)
        let asked = try profile("CONFIG_PACKET=m\n")
        #expect(ConfigReport(judging: asked, against: running.found).checks.map(\.verdict) == [.unmet])
        try root.write("lib/modules/\(release)/modules.dep", "kernel/net/packet/af_packet.ko:\n")
        try root.write("lib/modules/\(release)/kernel/net/packet/af_packet.ko", "")
        #expect(ConfigReport(judging: asked, against: running.found).checks.map(\.verdict) == [.metModule])
        // A config that is named says nothing of what is installed here.
        let named = IdentifiedConfig(judgedForItself: parsed(generated("6.12.55", "CONFIG_PACKET=m")), source: "x")
        #expect(ConfigReport(judging: asked, against: named).checks.map(\.verdict) == [.metModule])
    }
}
