import ConfigCheck
import GuestRun
import RunModel
import SampleCatalog
import SampleKit
import Surveys
import SystemPackage
import TestSupport
import Testing

/// Which modules a guest is given.
struct ModuleSelectionTests {
    private func config(_ text: String) -> KernelConfig { KernelConfig(parsing: Array(generated("6.1.0", text).utf8)) }

    private func withFolder(_ names: [String], _ body: (ModuleFolder) throws -> Void) throws {
        let scratch = try ScratchFolder()
        for name in names { try scratch.write("kernel/\(name).ko", "") }
        try body(try #require(ModuleFolder(scratch.path.string)))
    }

    @Test func `of a known config only options that are modules count`() throws {
        try withFolder(["veth", "ifb", "dummy"]) { folder in
            let options = ["CONFIG_DUMMY", "CONFIG_IFB", "CONFIG_VETH"]
            let config = config("CONFIG_DUMMY=y\nCONFIG_VETH=m")
            #expect(folder.names(for: options, in: config) == ["veth"])
            #expect(folder.names(for: options, in: nil) == ["dummy", "ifb", "veth"])
        }
    }

    @Test func `what the folder lacks, and what is no module anywhere, is left out`() throws {
        try withFolder(["veth"]) { folder in
            #expect(folder.names(for: ["CONFIG_IFB", "CONFIG_VETH", "CONFIG_VETH", "CONFIG_BPF"], in: nil) == ["veth"])
        }
    }

    @Test func `the options that samples use are those that they need, and those that help them`() {
        let used = Set(allSamples.flatMap(\.manifest.usedOptions))
        let helpful = allSamples.flatMap(\.manifest.helpfulOptions)
        #expect(!used.isEmpty && used.allSatisfy { $0.hasPrefix("CONFIG_") })
        #expect(used.subtracting(helpful).isSubset(of: allSamples.options))
        for case .option(let name) in allSamples.flatMap(\.manifest.needs) { #expect(used.contains(name)) }
    }

    @Test(arguments: [
        ("CONFIG_BPF_LSM=y\nCONFIG_LSM=\"yama,apparmor\"", "yama,apparmor,bpf"),
        ("CONFIG_BPF_LSM=y\nCONFIG_LSM=\"\"", "bpf"),
        ("CONFIG_BPF_LSM=y\nCONFIG_LSM=\"yama,bpf\"", nil), ("CONFIG_LSM=\"yama\"", nil), ("CONFIG_BPF_LSM=y", nil),
    ])
    func `BPF LSM is started where the kernel has it and does not start it itself`(text: String, expected: String?) {
        #expect(config(text).missingSecurityModules == expected)
    }
}
