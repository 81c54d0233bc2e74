import Foundation
import KernBuild
import Subprocess
import Testing

/// `bpf-assay build` as a user would see it.
struct BuildCommandTests {
    /// A kernel tree of one sample, which needs nothing of it.
    private func tree(in scratch: Scratch) throws -> String {
        for folder in ["samples/bpf", "include/uapi/linux", "include/uapi/asm-generic"] {
            _ = try scratch.folder("tree/\(folder)")
        }
        _ = try scratch.file("tree/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 1\n")
        _ = try scratch.file(
            "tree/samples/bpf/x_kern.c",
            "__attribute__((section(\"socket\"), used)) int prog(void *ctx) { return 0; }\n"
        )
        return "\(scratch.path)/tree"
    }

    @Test func `the help says what one compiler may use up`() async throws {
        let run = try await CommandRun(["build", "--help"])
        let limits = BuildExecutor()
        let words = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let text = "take \(limits.timeout.components.seconds) s and \(limits.memory >> 30) GB of memory"
        #expect(words.contains(text), "\(run.output)")
    }

    @Test func `a folder of samples that this user may not read is named`() async throws {
        let scratch = try Scratch()
        let tree = try tree(in: scratch)
        for mode in [0o000, 0o700, 0o444] {
            // Of another owner where this is root; else closed to the owner as well.
            let bits = getuid() == 0 ? mode : 0
            #expect(chmod("\(tree)/samples/bpf", mode_t(bits)) == 0)
            let run = try await CommandRun(
                ["build", "--tree", tree, "--out", "\(scratch.path)/out"],
                asNobody: true,
                folder: scratch.path
            )
            #expect(run.status == .exited(64), "\(run.errors)")
            #expect(run.errors.contains("cannot read '\(tree)/samples/bpf': permission denied"), "\(run.errors)")
        }
        chmod("\(tree)/samples/bpf", 0o700)
    }

    @Test func `compilers end with a build that is killed`() async throws {
        let scratch = try Scratch()
        let tree = try tree(in: scratch)
        let note = "\(scratch.path)/compiler"
        let clang = try scratch.file(
            "clang",
            """
            #!/bin/sh
            case "$1" in
            --version) echo 'clang version 14.0.6';;
            -print-targets) echo '    bpf - BPF';;
            -print-resource-dir) echo /nowhere;;
            *) echo $$ >'\(note).new'; mv '\(note).new' '\(note)'; trap '' TERM; sleep 60 & wait; sleep 60;;
            esac

            """
        )
        #expect(chmod(clang, 0o755) == 0)
        let build = Process()
        build.executableURL = URL(fileURLWithPath: "\(CommandRun.products)/bpf-assay")
        build.arguments = ["build", "--tree", tree, "--out", "\(scratch.path)/out", "--clang", clang]
        build.standardOutput = FileHandle.nullDevice
        build.standardError = FileHandle.nullDevice
        try build.run()
        var text: String?
        for _ in 0..<400 where text == nil {
            text = try? String(contentsOfFile: note, encoding: .utf8)
            try await Task.sleep(for: .milliseconds(25))
        }
        kill(build.processIdentifier, SIGKILL)
        let compiler = try #require(text.flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) })
        var isGone = false
        for _ in 0..<200 where !isGone {
            // A zombie of a parent that is gone may stay for a moment.
            let status = (try? String(contentsOfFile: "/proc/\(compiler)/stat", encoding: .utf8)) ?? ""
            isGone = status.isEmpty || status.contains(") Z ")
            try await Task.sleep(for: .milliseconds(25))
        }
        #expect(isGone)
        if !isGone { kill(compiler, SIGKILL) }
    }
}
