import Foundation
import RunModel
import SystemPackage
import Testing

@testable import KernBuild

/// What builds use up, and what those that were killed leave behind.
struct LeftoverTests {
    @Test func `what a killed build has left is removed by the next, and what a living one uses is not`() async throws {
        let mini = try MiniTree()
        let work = FilePath(mini.output).appending(".bpf-assay")
        let dead = work.appending("unfinished-dead")
        let living = work.appending("unfinished-living")
        for folder in [dead, living] {
            try Files.makeFolder(folder).get()
            try Files.write([], to: folder.appending("lock")).get()
        }
        let lock = try #require(Files.lock(living.appending("lock")))
        defer { try? lock.close() }
        _ = try await BuildExecutor().run(try mini.plan("good.c", clang: try await Compiler.find()))
        #expect(Files.kind(of: dead) == .failure(.noSuchFileOrDirectory))
        #expect(Files.kind(of: living) == .success(.folder))
    }

    @Test func `a compiler that needs too much memory is stopped, and the limit is named`() async throws {
        let mini = try MiniTree()
        let clang = try await Compiler.find()
        let result = try #require(
            try await BuildExecutor(memory: 8 << 20).run(try mini.plan("good.c", clang: clang)).first
        )
        #expect(result.verdict == .error && result.fault != .tree, "\(result)")
        let script = try mini.compiler(script: "echo 'LLVM ERROR: out of memory' >&2; kill -ABRT $$")
        let told = try #require(
            try await BuildExecutor(memory: 64 << 20).run(try mini.plan("good.c", clang: script)).first
        )
        #expect(told.cause?.contains("needed more memory than 64 MB") == true, "\(told)")
    }

    @Test func `a dry run's commands run in a fresh folder and write over none of a build's headers`() async throws {
        let mini = try MiniTree(sources: ["good_kern.c": MiniTree.good])
        let clang = try await Compiler.find()
        let tree = try mini.tree()
        var settings = BuildPlan.Settings()
        settings.isShown = true
        let sources = tree.kernSources().sources
        let shown = try BuildPlan(
            sources: sources,
            tree: tree,
            output: mini.output,
            compiler: clang,
            settings: settings
        )
        let file = mini.root.appending(path: "commands.sh")
        // The tree has no list of helpers; a comment says so.
        try Data(shown.shellText.utf8).write(to: file)
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = [file.path]
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        #expect(FileManager.default.fileExists(atPath: mini.output + "/good_kern.o"))
        let real = try BuildPlan(sources: sources, tree: tree, output: mini.output, compiler: clang)
        let places = Set(real.headers.map(\.path) + real.generated.map(\.path))
        #expect(places.isDisjoint(with: shown.headers.map(\.path) + shown.generated.map(\.path)))
    }
}
