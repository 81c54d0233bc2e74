import RunModel
import TestSupport
import Testing

@testable import ConfigCheck

/// Parts of a config: what they leave out Kconfig decides.
@Suite struct FragmentTests {
    /// What `make savedefconfig` writes, of a report that called `CONFIG_BPF` missing.
    private static let minimal = """
        CONFIG_BPF_SYSCALL=y
        CONFIG_BPF_JIT=y
        CONFIG_PERF_EVENTS=y
        CONFIG_KPROBES=y
        CONFIG_MODULES=y
        CONFIG_NET=y
        CONFIG_FTRACE=y

        """

    @Test(arguments: ConfigProfile.builtInNames.filter { $0 != "core" && $0 != "bcc" })
    func `nothing that a fragment leaves out is called missing or met`(name: String) throws {
        let report = report(try .load(name), on: Self.minimal)
        #expect(report.conclusion == .inconclusive)
        #expect(report.unmet.isEmpty && report.missingOptional.isEmpty && report.fixFragment.isEmpty)
        let stated = Set(parsed(Self.minimal).entries.keys)
        for check in report.checks where !stated.contains(check.feature) {
            #expect(check.verdict == .unknown, "\(check.feature)")
            #expect(check.found == "?")
        }
    }

    @Test func `what a fragment sets it sets`() throws {
        let asked = try profile("CONFIG_A=y\nCONFIG_B=m\n")
        #expect(report(asked, on: "CONFIG_A=y\nCONFIG_B=m\n").conclusion == .met)
        #expect(report(asked, on: "CONFIG_A=y\n# CONFIG_B is not set\n").conclusion == .unmet)
        let open = report(asked, on: "CONFIG_A=y\n")
        #expect(open.checks.map(\.verdict) == [.met, .unknown])
        #expect(open.checks[1].evidence.first?.contains("is a fragment and does not mention CONFIG_B") == true)
    }

    @Test func `what a version cannot have no Kconfig brings`() throws {
        let asked = try profile("CONFIG_BPF_LSM=y\n")
        #expect(report(asked, on: Self.minimal, kernel: KernelVersion(4, 19)).conclusion == .unmet)
        #expect(report(asked, on: Self.minimal, kernel: KernelVersion(6, 1)).conclusion == .inconclusive)
        #expect(report(asked, on: Self.minimal).conclusion == .inconclusive)
    }

    @Test func `an option that is off in a fragment is not explained by what the fragment leaves out`() throws {
        let check = report(try profile("CONFIG_KPROBES=y\n"), on: "CONFIG_A=y\n# CONFIG_KPROBES is not set\n").checks[0]
        #expect(check.verdict == .unmet && check.remedy == "CONFIG_KPROBES=y")
        #expect(check.evidence == [".config:2: # CONFIG_KPROBES is not set"])
    }

    @Test func `a fragment is told from a complete config, with and without its head`() {
        #expect(parsed(Self.minimal).isFragment)
        #expect(!parsed(generated("6.1.192", "CONFIG_BPF=y")).isFragment)
        // The head of Linux 2.6, and one that somebody has cut off.
        #expect(!parsed("# Automatically generated make config: don't edit\nCONFIG_BPF=y\n").isFragment)
        let hidden = (0..<60).map { "CONFIG_HAVE_\($0)=y" } + (0..<300).map { "CONFIG_\($0)=y" }
        #expect(!parsed(hidden.joined(separator: "\n")).isFragment)
        // arm64's defconfig has 1,700 lines and nothing that nobody can set.
        #expect(parsed((0..<1700).map { "CONFIG_\($0)=y" }.joined(separator: "\n")).isFragment)
    }

    @Test func `the kernel's own config is complete whatever it looks like`() {
        let kernel = RunningKernel(release: "6.1.192", version: "#1 SMP")
        let own = IdentifiedConfig(parsed(Self.minimal), source: "/proc/config.gz", of: kernel, isKernelsOwn: true)
        #expect(!own.isFragment)
        #expect(own.answer("CONFIG_BPF_LSM") == .absent)
        let named = IdentifiedConfig(judgedForItself: parsed(Self.minimal), source: "defconfig")
        #expect(named.answer("CONFIG_BPF_LSM") == .unknown)
        #expect(named.answer("CONFIG_NET") == .set(.builtIn))
    }

    @Test func `the commands that complete it are for a shell`() {
        func commands(_ source: String, _ tree: String?) -> [String] {
            IdentifiedConfig(judgedForItself: parsed(Self.minimal), source: source).completion(in: tree)
        }
        #expect(
            commands("my.config", "/src/linux") == [
                "mkdir -p full && /src/linux/scripts/kconfig/merge_config.sh -m -O full my.config",
                "make -C /src/linux KCONFIG_CONFIG=\"$PWD/full/.config\" olddefconfig",
            ]
        )
        #expect(
            commands("it's mine", nil)[0].hasSuffix("linux/scripts/kconfig/merge_config.sh -m -O full 'it'\\''s mine'")
        )
    }

    @Test func `a tree's version is read from its Makefile`() throws {
        let tree = try ScratchFolder()
        #expect(KernelConfigSource.version(ofTree: tree.path) == nil)
        try tree.write(
            "Makefile",
            "# SPDX-License-Identifier: GPL-2.0\r\nVERSION = 6\r\nPATCHLEVEL = 1\r\nSUBLEVEL = 192\r\nEXTRAVERSION =\r\nVERSION = 9\r\n"
        )
        #expect(KernelConfigSource.version(ofTree: tree.path) == KernelVersion(6, 1, 192))
    }
}
