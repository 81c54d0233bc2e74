import Foundation
import Reporting
import RunModel
import Subprocess
import Testing

/// `bpf-assay check` of configs that are named, which takes no privilege.
struct CheckCommandTests {
    private static let header = """
        #
        # Automatically generated file; DO NOT EDIT.
        # Linux/x86 6.1.192 Kernel Configuration
        #

        """

    @Test func `what a profile asks for is missing, and what the fix prints is met`() async throws {
        let scratch = try Scratch()
        let profile = try scratch.file("p.config", "CONFIG_BPF_SYSCALL=y\n# [feature attach:kprobe, for tracex]\n")
        let config = try scratch.file("config", Self.header + "CONFIG_BPF_SYSCALL=y\n# CONFIG_KPROBES is not set\n")
        let run = try await CommandRun(["check", "--config", config, "--profile", profile])
        #expect(run.status == .exited(1))
        #expect(
            run.output.contains("  for tracex\n    CONFIG_BPF_EVENTS=y\n")
                && run.output.contains("\n    attach:kprobe\n")
        )
        #expect(run.output.hasSuffix("\n"))
        let fix = try await CommandRun(["check", "--config", config, "--profile", profile, "--fix"])
        #expect(fix.status == .exited(1))
        #expect(fix.output.contains("\nCONFIG_KPROBE_EVENTS=y\n"))
        let mended = try scratch.file("mended", Self.header + "CONFIG_BPF_SYSCALL=y\n" + fix.output)
        let again = try await CommandRun(["check", "--config", mended, "--profile", profile, "--format", "json"])
        let record = try CheckJSON.read(Array(again.output.utf8))
        #expect(record.checks.first { $0.feature == "attach:kprobe" }?.verdict == .met)
        #expect(again.status == .exited(0))
    }

    @Test func `features are judged by the options alone where another kernel is meant`() async throws {
        let scratch = try Scratch()
        let config = try scratch.file("config", Self.header + "CONFIG_BPF_SYSCALL=y\nCONFIG_NET=y\n")
        let run = try await CommandRun(["check", "--config", config, "--format", "json"])
        let record = try CheckJSON.read(Array(run.output.utf8))
        func verdict(_ feature: String) -> CheckVerdict? { record.checks.first { $0.feature == feature }?.verdict }
        #expect(verdict("BPF_PROG_TYPE_XDP") == .met && verdict("BPF_PROG_TYPE_KPROBE") == .unmet)
        #expect(verdict("attach:netkit_primary") == .notApplicable)
        #expect(record.probe == nil && record.host.isEmpty)
        #expect(record.checks.first { $0.feature == "BPF_PROG_TYPE_XDP" }?.weight == .informative)
    }

    @Test(arguments: [
        ["--probe", "--config", "x"], ["--image", "x", "--tree", "y"], ["--list-needs"],
        ["--object", "x", "--profile", "core"], ["--object", "x", "--probe", "--against", "y"], ["--against", "x"],
        ["--kernel", "x", "--image", "y"], ["--no-probe", "--ask", "helpers"], ["--kernel-version", "six"],
        ["--profile", "nope"],
    ])
    func `what does not go together is refused in one line`(arguments: [String]) async throws {
        let run = try await CommandRun(["check"] + arguments)
        #expect(run.status == .exited(64))
        #expect(run.output.isEmpty && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }

    @Test func `a fragment is inconclusive, and two commands make it whole`() async throws {
        let scratch = try Scratch()
        let fragment = try scratch.file("defconfig", "CONFIG_BPF_SYSCALL=y\nCONFIG_NET=y\n")
        _ = try scratch.file("Makefile", "VERSION = 4\nPATCHLEVEL = 19\nSUBLEVEL = 1\n")
        let alone = try await CommandRun(["check", "--config", fragment, "--profile", "xdp"])
        #expect(alone.status == .exited(3))
        #expect(alone.words.contains("is a fragment (2 options"))
        #expect(
            alone.errors.contains("  mkdir -p full && linux/scripts/kconfig/merge_config.sh -m -O full \(fragment)\n")
        )
        let beside = try await CommandRun(["check", "--config", fragment, "--tree", scratch.path, "--profile", "xdp"])
        #expect(beside.status == .exited(3))
        #expect(beside.output.contains("kernel   4.19.1\n"))
        #expect(beside.errors.contains("  make -C \(scratch.path) KCONFIG_CONFIG=\"$PWD/full/.config\" olddefconfig\n"))
        // What this version cannot have no Kconfig brings.
        let old = try await CommandRun(["check", "--config", fragment, "--tree", scratch.path, "--profile", "lsm"])
        #expect(old.status == .exited(1))
    }

    @Test(arguments: ["xdp", "lsm", "cgroup"])
    func `a kernel of 4.4 does not meet what it cannot have`(profile: String) async throws {
        let scratch = try Scratch()
        let lines = ["64BIT", "NET", "INET", "NET_NS", "VETH", "CGROUPS", "BPF", "BPF_SYSCALL", "BPF_JIT", "SECURITY"]
        let config = try scratch.file(
            "config",
            Self.header.replacingOccurrences(of: "6.1.192", with: "4.4.302")
                + lines.map { "CONFIG_\($0)=y\n" }.joined()
        )
        let run = try await CommandRun(["check", "--config", config, "--profile", profile])
        #expect(run.status == .exited(1))
        #expect(run.output.contains(" introduced "))
    }
}
