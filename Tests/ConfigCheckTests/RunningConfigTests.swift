import ConfigCheck
import RunModel
import SystemPackage
import TestSupport
import Testing

@Suite struct RunningConfigTests {
    private static let debian = RunningKernel(
        release: "6.1.0-56-amd64",
        version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)"
    )
    private static let ubuntu = RunningKernel(
        release: "5.15.0-91-generic",
        version: "#101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023",
        signature: "Ubuntu 5.15.0-91.101-generic 5.15.131"
    )
    private static let vanilla = RunningKernel(
        release: "6.18.44-fc",
        version: "#1 SMP PREEMPT_DYNAMIC",
        banner: "Linux version 6.18.44-fc (me@here) (gcc (GCC) 15.3.0, GNU ld 2.46) #1 SMP"
    )
    private static let candidate = RunningKernel(release: "6.19.0-rc3", version: "#1 SMP")

    @Test(
        "a config is recognised by its header, its suffix and its compiler",
        arguments: [
            (debian, generated("6.1.192", "CONFIG_LOCALVERSION=\"\""), ConfigIdentity.verified),
            (debian, generated("6.1.190", "CONFIG_BPF=y"), .suspect),
            (debian, generated("6.1.0", "CONFIG_BPF=y"), .suspect),
            (ubuntu, generated("5.15.131", "CONFIG_BPF=y"), .verified),
            (ubuntu, generated("5.15.0", "CONFIG_BPF=y"), .suspect),
            (vanilla, generated("6.18.44", "CONFIG_BPF=y"), .verified),
            (vanilla, generated("6.18.44", "CONFIG_LOCALVERSION=\"-fc\""), .verified),
            (vanilla, generated("6.18.44", "CONFIG_LOCALVERSION=\"-other\""), .suspect),
            (vanilla, generated("6.18.44", "CONFIG_CC_VERSION_TEXT=\"gcc (GCC) 15.3.0\""), .verified),
            (vanilla, generated("6.18.44", "CONFIG_CC_VERSION_TEXT=\"gcc (GCC) 14.1.0\""), .suspect),
            (vanilla, generated("6.18.4", "CONFIG_BPF=y"), .suspect),
            (vanilla, "CONFIG_BPF=y\n", .unknown),
            (debian, generated("6.1.192", "CONFIG_BUILD_SALT=\"5.10.0-1-other\"", "CONFIG_SMP=y"), .verified),
            (debian, generated("6.1.192", "# CONFIG_SMP is not set"), .suspect),
            (debian, generated("6.1.192", "# CONFIG_PREEMPT_DYNAMIC is not set"), .suspect),
            (debian, generated("6.1.192", "CONFIG_PREEMPT_NONE=y", "CONFIG_PREEMPT_DYNAMIC=y"), .verified),
            (debian, generated("6.1.192", "# CONFIG_PREEMPT_RT is not set"), .verified),
            (candidate, generated("6.19.0-rc3", "CONFIG_BPF=y"), .verified),
            (candidate, generated("6.19.0-rc2", "CONFIG_BPF=y"), .suspect),
        ]
    )
    func identity(kernel: RunningKernel, text: String, identity: ConfigIdentity) throws {
        let witness = IdentifiedConfig(parsed(text), source: "/boot/config", of: kernel, isKernelsOwn: false)
        #expect(witness.identity == identity, "\(witness.evidence)")
        #expect(witness.isTrusted == (identity == .verified))
    }

    @Test func `the kernel's own config beats a stale file in boot`() throws {
        let root = try ScratchFolder()
        try root.write("boot/config-6.18.44-fc", generated("6.18.44", "# CONFIG_BPF is not set"))
        try root.write("proc/config.gz", try gzip(Array(generated("6.18.44", "CONFIG_BPF=y").utf8)))
        let running = RunningConfig(of: Self.vanilla, root: root.path)
        #expect(running.found?.source == root.path.appending("proc/config.gz").string)
        #expect(running.machineConfig.identity == .verified)
        #expect(running.answer("CONFIG_BPF") == .set(.builtIn))
        #expect(running.answer("CONFIG_NET") == .absent)
    }

    @Test func `a stale file in boot yields to a verified one and is named`() throws {
        let root = try ScratchFolder()
        try root.write("boot/config-6.1.0-56-amd64", generated("6.1.190", "# CONFIG_BPF is not set"))
        try root.write("usr/lib/modules/6.1.0-56-amd64/config", generated("6.1.192", "CONFIG_BPF=y"))
        let running = RunningConfig(of: Self.debian, root: root.path)
        #expect(running.found?.config["CONFIG_BPF"] == .builtIn)
        #expect(running.found?.isTrusted == true)
        let stale = root.path.appending("boot/config-6.1.0-56-amd64").string
        #expect(
            running.passedOver.contains(
                "\(stale): suspect, its header says 6.1.190, the running kernel is 6.1.192-2"
            )
        )
    }

    @Test func `with nothing but a stale config no option may be called off`() throws {
        let root = try ScratchFolder()
        try root.write("boot/config-6.1.0-56-amd64", generated("6.1.190", "# CONFIG_BPF is not set"))
        let running = RunningConfig(of: Self.debian, root: root.path)
        #expect(running.machineConfig.identity == .suspect)
        #expect(running.answer("CONFIG_BPF") == .unknown)
        let report = ConfigReport(judging: try ConfigProfile.load("core"), against: running.found)
        #expect(report.checks.allSatisfy { $0.verdict == .unknown && $0.remedy == nil })
        #expect(report.conclusion == .inconclusive)
        #expect(report.fixFragment.isEmpty)
    }

    @Test func `with no config at all no option may be called off`() throws {
        let root = try ScratchFolder()
        let running = RunningConfig(of: Self.vanilla, root: root.path)
        #expect(running.found == nil)
        #expect(running.machineConfig == Machine.Config(source: "none", identity: .unknown))
        #expect(running.passedOver.count == 5)
        #expect(running.answer("CONFIG_BPF") == .unknown)
        let report = ConfigReport(
            judging: try profile("# [optional]\nCONFIG_BPF=y\n"),
            against: nil,
            absence: running.passedOver
        )
        #expect(report.conclusion == .inconclusive)
        #expect(report.checks[0].found == "?" && !report.checks[0].evidence.joined().contains("not set"))
        #expect(report.checks[0].evidence.first == "no kernel config was found")
    }

    @Test func `a damaged config is passed over with its reason`() throws {
        let root = try ScratchFolder()
        try root.write("proc/config.gz", [0x1f, 0x8b, 8])
        try root.write("boot/config-6.18.44-fc", generated("6.18.44", "CONFIG_BPF=y"))
        let running = RunningConfig(of: Self.vanilla, root: root.path)
        #expect(running.found?.config["CONFIG_BPF"] == .builtIn)
        #expect(running.passedOver.first?.hasSuffix("its gzip data ends too early; copy it again") == true)
    }

    @Test func `the running kernel has a release`() {
        #expect(RunningKernel.current().kernelVersion != nil)
    }
}
