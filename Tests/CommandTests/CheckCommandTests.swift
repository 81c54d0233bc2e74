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
        ["--probe", "--config", "x"], ["--config", "x", "--tree", "y"], ["--list-needs"],
        ["--object", "x", "--profile", "core"], ["--object", "x", "--probe", "--against", "y"], ["--against", "x"],
        ["--kernel", "x", "--image", "y"], ["--no-probe", "--ask", "helpers"], ["--kernel-version", "six"],
        ["--profile", "nope"],
    ])
    func `what does not go together is refused in one line`(arguments: [String]) async throws {
        let run = try await CommandRun(["check"] + arguments)
        #expect(run.status == .exited(64))
        #expect(run.output.isEmpty && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }
}
