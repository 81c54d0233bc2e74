import Foundation
import RunModel
import Testing

@testable import KernBuild

struct HostileTreeTests {
    private func build(_ mini: borrowing MiniTree, _ sources: [KernSource]? = nil) async throws -> [BuildResult] {
        let tree = try mini.tree()
        let before = try mini.listing()
        let plan = try BuildPlan(
            sources: sources ?? tree.kernSources().sources,
            tree: tree,
            output: mini.output,
            compiler: try await Compiler.find()
        )
        let results = try await BuildExecutor(jobs: 2).run(plan)
        #expect(try mini.listing() == before)
        return results
    }

    @Test func `links that lead out of the tree are not followed`() async throws {
        let mini = try MiniTree(sources: ["good_kern.c": MiniTree.good])
        try mini.write("../secret.c", MiniTree.good)
        try FileManager.default.createSymbolicLink(
            atPath: mini.folder.appending(path: "samples/bpf/link_kern.c").path,
            withDestinationPath: mini.root.appending(path: "secret.c").path
        )
        let results = try await build(mini)
        #expect(results.map(\.verdict) == [.pass, .fail])
        let refused = try #require(results.last)
        #expect(refused.fault == .tree)
        #expect(refused.cause?.contains("leads out of the tree") == true)
        #expect(!FileManager.default.fileExists(atPath: refused.object))
    }

    @Test(arguments: ["../../../secret.h", "ABSOLUTE"])
    func `an object that depends on a file outside of the tree is none of the tree's`(path: String) async throws {
        let mini = try MiniTree(sources: [:])
        try mini.write("../secret.h", "#define SECRET 1\n")
        let name = path == "ABSOLUTE" ? mini.root.appending(path: "secret.h").path : path
        try mini.write("samples/bpf/leak_kern.c", "#include \"\(name)\"\n" + MiniTree.good)
        let result = try #require(try await build(mini).first)
        #expect(result.verdict == .fail && result.fault == .tree)
        #expect(result.cause?.contains("is outside of the tree") == true, "\(result)")
        #expect(!FileManager.default.fileExists(atPath: result.object))
    }

    @Test func `names with blanks and quotes build, and what cannot be a name is refused`() async throws {
        let mini = try MiniTree(
            "it's a \"tree\" $(reboot)",
            sources: [
                "with blank_kern.c": MiniTree.good, "q'u\"o$te_kern.c": MiniTree.good, "#hash_kern.c": MiniTree.good,
            ]
        )
        for result in try await build(mini) { #expect(result.verdict == .pass, "\(result)") }
        // The second time all of them are found again, whatever a dependency file makes of their names.
        try await Task.sleep(for: .milliseconds(60))
        _ = try await build(mini)
        #expect(try await build(mini).allSatisfy { $0.cached })
        try mini.write("samples/bpf/new\nline_kern.c", MiniTree.good)
        try mini.write("samples/bpf/back\\slash_kern.c", MiniTree.good)
        let found = try mini.tree().kernSources()
        #expect(found.sources.count == 3)
        let named = found.complaints.filter { $0.contains("is not built") }
        #expect(named.count == 2 && named.contains { $0.contains("new?line_kern.c") }, "\(found.complaints)")
        let tree = try mini.tree()
        let output = mini.output
        let clang = Compiler(path: "/clang", version: "")
        #expect(throws: BuildPlanError.badSource("samples/bpf/new\nline_kern.c")) {
            try BuildPlan(
                sources: [KernSource(sample: "x", path: "samples/bpf/new\nline_kern.c")],
                tree: tree,
                output: output,
                compiler: clang
            )
        }
    }

    @Test func `what is no file, or cannot be read, fails alone`() async throws {
        let mini = try MiniTree(sources: ["good_kern.c": MiniTree.good])
        try FileManager.default.createDirectory(
            at: mini.folder.appending(path: "samples/bpf/folder_kern.c"),
            withIntermediateDirectories: true
        )
        #expect(mkfifo(mini.folder.appending(path: "samples/bpf/pipe_kern.c").path, 0o600) == 0)
        try FileManager.default.createSymbolicLink(
            atPath: mini.folder.appending(path: "samples/bpf/dangling_kern.c").path,
            withDestinationPath: "nowhere"
        )
        try FileManager.default.createSymbolicLink(
            atPath: mini.folder.appending(path: "samples/bpf/loop_kern.c").path,
            withDestinationPath: "loop_kern.c"
        )
        let results = try await build(mini)
        let verdicts = Dictionary(uniqueKeysWithValues: results.map { ($0.sample, $0.verdict) })
        #expect(verdicts == ["dangling": .error, "folder": .error, "good": .pass, "loop": .error, "pipe": .error])
        let causes = Dictionary(uniqueKeysWithValues: results.map { ($0.sample, $0.cause ?? "") })
        #expect(causes["pipe"]?.hasSuffix("it is a FIFO, not a regular file") == true, "\(causes)")
        #expect(causes["folder"]?.hasSuffix("it is a directory, not a regular file") == true)
        #expect(causes["dangling"]?.hasSuffix("it is a link to a file that is not there") == true)
        #expect(causes["loop"]?.hasSuffix("it is a link that leads back to itself") == true)
    }

    @Test func `a FIFO among the headers is named in place of the compiler`() async throws {
        let mini = try MiniTree(sources: ["pipe_kern.c": "#include \"pipe.h\"\n" + MiniTree.good])
        #expect(mkfifo(mini.folder.appending(path: "samples/bpf/pipe.h").path, 0o600) == 0)
        let plan = try mini.plan("pipe_kern.c", clang: try await Compiler.find())
        let result = try #require(try await BuildExecutor(timeout: .seconds(1)).run(plan).first)
        #expect(result.verdict == .error && result.fault == .harness, "\(result)")
        #expect(result.cause?.contains("it includes pipe.h, which is a FIFO") == true, "\(result)")
    }

    @Test func `a header of any size is not taken`() async throws {
        let mini = try MiniTree(sources: ["huge_kern.c": "#include \"huge.h\"\n" + MiniTree.good])
        try Data(repeating: 0x20, count: 65 << 20).write(to: mini.folder.appending(path: "samples/bpf/huge.h"))
        let result = try #require(try await build(mini).first)
        #expect(result.verdict == .fail, "\(result)")
        #expect(result.cause?.contains("huge.h, which has 65 MB; files of up to 64 MB are read") == true, "\(result)")
    }

    @Test func `nothing of a tree is run`() async throws {
        let mini = try MiniTree(sources: ["good_kern.c": MiniTree.good])
        let note = mini.root.appending(path: "ran").path
        for file in ["samples/bpf/Makefile", "Makefile"] {
            let head = file == "Makefile" ? MiniTree.makefile : ""
            try mini.write(
                file,
                head + "always-y += good_kern.o\nX := $(shell touch '\(note)')\n$(shell touch '\(note)')\n"
            )
        }
        for name in ["clang", "make", "scripts/bpf_doc.py", "samples/bpf/clang"] {
            try mini.write(name, "#!/bin/sh\ntouch '\(note)'\n")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: mini.folder.appending(path: name).path
            )
        }
        #expect(try await build(mini).map(\.verdict) == [.pass])
        #expect(!FileManager.default.fileExists(atPath: note))
    }

    @Test func `a compiler that is too old is named`() async throws {
        let mini = try MiniTree(sources: ["x.bpf.c": MiniTree.good])
        let script = try mini.compiler(script: "echo 'samples/bpf/x.bpf.c:1:1: error: unknown attribute' >&2; exit 1")
        let old = Compiler(path: script.path, version: "Debian clang version 9.0.1-16")
        let plan = try BuildPlan(
            sources: [KernSource(sample: "x", path: "samples/bpf/x.bpf.c", types: .headers)],
            tree: try mini.tree(),
            output: mini.output,
            compiler: old
        )
        let result = try #require(try await BuildExecutor().run(plan).first)
        #expect(result.fault == .compiler && result.verdict == .error)
        #expect(result.cause?.contains("clang 9.0 is too old for samples/bpf/x.bpf.c") == true)
    }
}
