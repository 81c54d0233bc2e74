import Foundation
import Subprocess
import Testing

/// Folders of objects that somebody built before.
struct NamedObjectsTests {
    @Test(arguments: ["none", "file"])
    func `what is no folder is refused before anything is made`(name: String) async throws {
        let scratch = try Scratch()
        _ = try scratch.file("file", "")
        for more in [[], ["--dry-run"]] {
            let run = try await CommandRun(
                ["run", "xdp1", "--objects", "\(scratch.path)/\(name)", "--results", "\(scratch.path)/r"] + more
            )
            #expect(run.status == .exited(64) && run.output.isEmpty, "\(run.status)")
            #expect(
                run.errors.contains("reading the objects in '") && run.errors.contains("--objects"),
                "\(run.errors)"
            )
        }
        #expect(scratch.contents == ["file"])
    }

    @Test(arguments: [(6, 12, true), (6, 1, false)])
    func `a sample that trees of the objects' release do not have is a skip, and any other is an error`(
        major: Int,
        minor: Int,
        isSkip: Bool
    ) async throws {
        let scratch = try Scratch()
        let folder = try scratch.folder("objects")
        let source = try scratch.file(
            "x.c",
            "__attribute__((section(\"version\"), used)) unsigned _version = \(major << 16 | minor << 8 | 7);\n"
        )
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/clang")
        compiler.arguments = ["-target", "bpf", "-c", source, "-o", "\(folder)/tracex4_kern.o"]
        try compiler.run()
        compiler.waitUntilExit()
        let words = ["run", "xdp1", "--objects", folder]
        let plan = try await CommandRun(words + ["--dry-run"])
        let run = try await CommandRun(words + ["--results", "\(scratch.path)/r"])
        // Without root nothing runs, and the plan says so first.
        guard getuid() == 0 else { return }
        #expect(plan.output.contains("source:xdp1_kern.c") == isSkip, "\(plan.output)")
        #expect(run.status == .exited(isSkip ? 4 : 2), "\(run.output)")
        let words2 = isSkip ? "Linux \(major).\(minor).7 has no such sample" : "there is no file '\(folder)/xdp1"
        #expect((run.output + run.errors).contains(words2), "\(run.output)\(run.errors)")
    }

    @Test func `what cannot be read in such a folder is told by its cause`() async throws {
        let scratch = try Scratch()
        let folder = try scratch.folder("objects")
        try #require(mkfifo("\(folder)/xdp1_kern.o", 0o600) == 0)
        let run = try await CommandRun(["run", "xdp1", "--objects", folder, "--results", "\(scratch.path)/r"])
        guard getuid() == 0 else { return }
        #expect(run.status == .exited(2) && run.output.contains("it is a pipe"), "\(run.output)")
    }

    @Test func `output is written where it was asked for, and text is printed beside it`() async throws {
        let scratch = try Scratch()
        let folder = try scratch.folder("objects")
        let words = ["run", "xdp1", "--objects", folder, "--results", "\(scratch.path)/r"]
        let xml = "\(scratch.path)/x.xml"
        let run = try await CommandRun(words + ["--format", "junit", "--output", xml])
        #expect(run.output.hasSuffix("1 error\n") || run.output.hasSuffix("1 skipped\n"), "\(run.output)\(run.errors)")
        #expect(try String(contentsOfFile: xml, encoding: .utf8).contains("<testsuites"))
        let twice = try await CommandRun(words + ["--format", "junit=\(xml)", "--output", xml])
        #expect(twice.status == .exited(64) && twice.errors.contains("two formats"), "\(twice.errors)")
    }
}
