import Foundation
import Subprocess
import SystemPackage
import Testing

/// Inputs of every kind in every place that takes one: none is waited for, none is read without end.
struct InputKindTests {
    /// Commands that read a file, with `@` in its place, and the exit code for one that cannot be read.
    private static let commands: [([String], Int32)] = [
        (["check", "--config", "@"], 64), (["check", "--image", "@"], 64), (["check", "--profile", "@"], 64),
        (["check", "--object", "@"], 64), (["check", "--object", "@", "--list-needs"], 64),
        (["report", "@"], 64), (["compare", "@", "@"], 64), (["run", "--deny-list", "@", "--dry-run"], 64),
        (["run", "--allow-splats", "@", "--dry-run"], 64), (["run", "--config", "@", "--dry-run"], 64),
        (["run", "--kernels", "@", "--dry-run"], 64), (["run", "--baseline", "@", "--dry-run"], 64),
        (["run", "--kernel", "@", "--dry-run"], 64), (["build", "--btf", "@", "--dry-run"], 64),
    ]

    private func expectRefusal(_ path: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (words, status) in Self.commands {
                group.addTask {
                    let run = try await CommandRun(
                        words.map { $0 == "@" ? path : $0 },
                        wrapper: ["/usr/bin/timeout", "-s", "KILL", "60"]
                    )
                    #expect(run.status == .exited(status), "\(words): \(run.status) \(run.errors)")
                    #expect(run.errors.contains("'\(path)'") && run.output.isEmpty, "\(words): \(run.errors)")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `a FIFO that nobody writes to`() async throws {
        let scratch = try Scratch()
        try #require(mkfifo("\(scratch.path)/fifo", 0o600) == 0)
        try await expectRefusal("\(scratch.path)/fifo")
    }

    @Test func `a device without an end, and a folder`() async throws {
        try await expectRefusal("/dev/zero")
    }

    @Test func `a file that is larger than any input is refused by its size, which is said`() async throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/large"
        try #require(FileManager.default.createFile(atPath: path, contents: nil) && truncate(path, 1 << 40) == 0)
        for words in [["check", "--config"], ["check", "--image"], ["check", "--object"], ["report"]] {
            let run = try await CommandRun(words + [path])
            #expect(run.errors.contains("it is larger than") && run.errors.contains("MiB"), "\(words): \(run.errors)")
        }
    }

    @Test func `what a process writes into a pipe is read as a file is`() async throws {
        let scratch = try Scratch()
        let profile = try scratch.file("profile", "CONFIG_BPF_SYSCALL=y\n")
        for command in [
            "check --config <(echo CONFIG_BPF_SYSCALL=y) --profile '\(profile)'",
            "run --list --deny-list <(echo 'networking/sockex1  # known')",
        ] {
            let result = try await Subprocess.run(
                .path("/bin/bash"),
                arguments: ["-c", "exec '\(CommandRun.products)/bpf-assay' \(command)"],
                input: .none,
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            #expect(result.terminationStatus == .exited(0), "\(command): \(result.standardError)")
        }
    }
}
