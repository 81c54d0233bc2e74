import Foundation
import Reporting
import RunModel
import Subprocess
import SystemPackage
import Testing

/// What `check` and `compare` take and say as people call them: pipes, configs in place of records, versions.
struct CheckInputTests {
    private static let header = "# Linux/x86 6.1.192 Kernel Configuration\n"

    /// Runs a line of shell in which `$BPF_ASSAY` is the program and `$DIR` a folder.
    private static func shell(_ line: String, in folder: String) async throws -> (
        status: TerminationStatus, text: String
    ) {
        let result = try await Subprocess.run(
            .path("/bin/bash"),
            arguments: ["-c", line],
            environment: .inherit.updating(["BPF_ASSAY": "\(CommandRun.products)/bpf-assay", "DIR": folder]),
            input: .none,
            output: .string(limit: 4 << 20),
            error: .string(limit: 4 << 20)
        )
        return (result.terminationStatus, result.standardOutput + result.standardError)
    }

    private static func compile(_ scratch: Scratch) async throws -> String {
        let source = try scratch.file(
            "x.c",
            """
            #define SEC(name) __attribute__((section(name), used))
            SEC("xdp") int a(void *c) { return 2; }
            char _license[] SEC("license") = "GPL";
            """
        )
        let clang = try await Subprocess.run(
            .name("clang"),
            arguments: ["-g", "-O2", "-target", "bpf", "-c", source, "-o", "\(scratch.path)/x.o"],
            output: .discarded,
            error: .string(limit: 1 << 20)
        )
        try #require(clang.terminationStatus == .exited(0), "\(clang.standardError)")
        return "\(scratch.path)/x.o"
    }

    @Test func `a config comes by standard input, plain or gzip`() async throws {
        let scratch = try Scratch()
        _ = try scratch.file("config", Self.header + "CONFIG_BPF_SYSCALL=y\n")
        _ = try scratch.file("p.config", "CONFIG_BPF_SYSCALL=y\n")
        for cat in ["cat $DIR/config", "gzip -c $DIR/config"] {
            let run = try await Self.shell(
                "\(cat) | $BPF_ASSAY check --config - --profile $DIR/p.config",
                in: scratch.path
            )
            #expect(run.status == .exited(0), "\(run.text)")
            #expect(run.text.hasPrefix("yes: Linux 6.1.192 (standard input) has all that profile 'p' requires"))
        }
    }

    @Test func `an object comes by a pipe, unless it must be read twice`() async throws {
        let scratch = try Scratch()
        _ = try await Self.compile(scratch)
        _ = try scratch.file("config", Self.header + "CONFIG_BPF_SYSCALL=y\nCONFIG_NET=y\n")
        let run = try await Self.shell(
            "$BPF_ASSAY check --object <(cat $DIR/x.o) --config $DIR/config; cat $DIR/x.o | $BPF_ASSAY check --object - --list-needs",
            in: scratch.path
        )
        #expect(run.status == .exited(0) && run.text.hasPrefix("yes: Linux 6.1.192 has all that "), "\(run.text)")
        let twice = try await Self.shell("$BPF_ASSAY check --object <(cat $DIR/x.o) --probe", in: scratch.path)
        #expect(twice.status == .exited(64) && twice.text.contains("a pipe can be read once"), "\(twice.text)")
    }

    @Test func `an object and a version are judged without another kernel's options`() async throws {
        let scratch = try Scratch()
        let object = try await Self.compile(scratch)
        let run = try await CommandRun(["check", "--object", object, "--kernel-version", "3.10"])
        #expect(run.status == .exited(1), "\(run.errors)")
        #expect(run.output.hasPrefix("no: Linux 3.10 lacks what"), "\(run.output)")
        #expect(
            run.output.contains("\nkernel   3.10 (as --kernel-version says)\noptions  not compared: "),
            "\(run.output)"
        )
        let open = try await CommandRun(["check", "--object", object, "--kernel-version", "5.1"])
        #expect(
            open.status == .exited(3) && open.output.hasPrefix("not known: whether Linux 5.1 has all"),
            "\(open.output)"
        )
    }

    @Test func `two configs are compared by what they mean for BPF`() async throws {
        let scratch = try Scratch()
        let on = Self.header + "CONFIG_BPF_SYSCALL=y\nCONFIG_NET=y\nCONFIG_BPF_JIT=y\n"
        let before = try scratch.file("before", on + "CONFIG_LWTUNNEL_BPF=y\nCONFIG_DUMMY=m\n")
        let after = try scratch.file("after", on + "# CONFIG_LWTUNNEL_BPF is not set\n# CONFIG_DUMMY is not set\n")
        let lost = try await CommandRun(["compare", before, after])
        #expect(lost.status == .exited(1), "\(lost.errors)")
        #expect(
            lost.output.contains(
                " features: met -> unmet\n    CONFIG_LWTUNNEL_BPF went from y to not set\n    attach:lwt_in, attach:lwt_out"
            ),
            "\(lost.output)"
        )
        #expect(
            lost.output.contains("other options with another value:\n  CONFIG_DUMMY: m -> not set\n"),
            "\(lost.output)"
        )
        let gained = try await CommandRun(["compare", after, before])
        #expect(gained.status == .exited(0) && gained.output.contains(" features: unmet -> met\n"), "\(gained.output)")
        let same = try await Self.shell("gzip -c $DIR/before | $BPF_ASSAY compare $DIR/before -", in: scratch.path)
        #expect(same.status == .exited(0) && same.text.contains("no differences"), "\(same.text)")
    }

    @Test func `a config and a record are not of one kind`() async throws {
        let scratch = try Scratch()
        let config = try scratch.file("config", Self.header + "CONFIG_BPF_SYSCALL=y\n")
        let record = CheckRecord(source: "x", identity: .unknown, kernel: nil, profile: "core", checks: [])
        let check = try scratch.file("check", try CheckJSON().render(record))
        let run = try await CommandRun(["compare", config, check])
        #expect(run.status == .exited(64) && run.errors.contains("a config and the second a check"), "\(run.errors)")
    }

    @Test func `the running kernel's check ends alike with and without its fix, and the fix is never silent`()
        async throws
    {
        for profile in ["lsm", "tracing", "core"] {
            let plain = try await CommandRun(["check", "--profile", profile])
            let fix = try await CommandRun(["check", "--profile", profile, "--fix"])
            #expect(plain.status == fix.status, "\(profile): \(fix.errors)")
            #expect(
                (fix.status == .exited(0))
                    == fix.output.split(separator: "\n").allSatisfy { $0.hasPrefix("# ") && !$0.contains("No line") }
            )
            // No one-line answer may be missing from the first line.
            let word = ["yes: ", "no: ", "not known: "].first { plain.output.hasPrefix($0) }
            #expect(word != nil, "\(plain.output)")
        }
    }

    @Test func `Swift's words for damaged JSON do not reach a user`() async throws {
        let scratch = try Scratch()
        let kernels = try scratch.file("kernels.json", "{\"kernels\": 7}")
        let record = try scratch.file("record.json", "{\"schema\": \"bpf-assay/check/1\", \"source\": 1}")
        for arguments in [
            ["run", "--kernel", "all", "--kernels", kernels], ["compare", record, record], ["report", record],
        ] {
            let run = try await CommandRun(arguments)
            for word in ["DecodingError", "CodingKey", "debugDescription", "Swift."] {
                #expect(!run.errors.contains(word), "\(run.errors)")
            }
            #expect(run.status != .exited(0) && !run.errors.isEmpty)
        }
    }
}
