import Foundation
import RunModel
import Synchronization
import SystemPackage
import Testing

@testable import KernBuild

struct BuildExecutorTests {
    static let sources = [
        "good.c": MiniTree.good,
        "syntax.c": "int a;\n\nint b = ;\n",
        "empty.c": "int nothing;\n",
        "header.c": "#include <linux/no_such_header.h>\n",
    ]

    @Test func `each source gets the verdict that it deserves`() async throws {
        let mini = try MiniTree("verdicts 'of' all kinds", sources: Self.sources)
        let before = try mini.listing()
        let clang = try await Compiler.find()
        let plan = try mini.plan("good.c", "syntax.c", "empty.c", "header.c", "missing.c", clang: clang)
        let seen = Mutex<Set<String>>([])
        let results = try await BuildExecutor(jobs: 2).run(plan) { result in
            seen.withLock { _ = $0.insert(result.sample) }
        }
        #expect(results.map(\.verdict) == [.pass, .fail, .fail, .error, .error])
        #expect(results.map(\.sample) == plan.commands.map(\.source.sample))
        #expect(seen.withLock { $0 } == Set(results.map(\.sample)))
        #expect(results[0].diagnostics.isEmpty)
        #expect(results[1].diagnostics.first?.hasPrefix("samples/bpf/syntax.c:3:9: error: ") == true)
        #expect(
            results[2].diagnostics.last?.hasPrefix("samples/bpf/empty.c: error: its object holds no program") == true
        )
        #expect(results[3].diagnostics.first?.contains("'linux/no_such_header.h' file not found") == true)
        #expect(results[4].diagnostics.first?.contains("has no file samples/bpf/missing.c") == true)
        let output = try FileManager.default.contentsOfDirectory(atPath: mini.output).sorted()
        #expect(output == [".bpf-assay", "good.o"])
        #expect(try mini.listing() == before)
    }

    @Test func `an object tells neither where its tree nor where its output was`() async throws {
        let clang = try await Compiler.find()
        func bytes(_ name: String) async throws -> Data {
            let mini = try MiniTree(name)
            let results = try await BuildExecutor().run(try mini.plan("good.c", clang: clang))
            #expect(results.map(\.verdict) == [.pass])
            return try Data(contentsOf: URL(filePath: mini.output).appending(path: "good.o"))
        }
        let first = try await bytes("a")
        #expect(try await bytes("another place, with blanks") == first)
        // clang could open the sources under their short names: their lines are there for verifier logs.
        #expect(first.range(of: Data("return mini_answer(ctx)".utf8)) != nil)
        #expect(first.range(of: Data("return *(int *)ctx + 41;".utf8)) != nil)
    }

    @Test func `an object of an earlier build does not pass for this one's`() async throws {
        let mini = try MiniTree()
        let clang = try await Compiler.find()
        let plan = try mini.plan("good.c", clang: clang)
        _ = try await BuildExecutor().run(plan)
        try mini.write("samples/bpf/good.c", "int b = ;\n")
        #expect(try await BuildExecutor().run(plan).map(\.verdict) == [.fail])
        #expect(!FileManager.default.fileExists(atPath: mini.output + "/good.o"))
    }

    @Test(
        arguments: [
            ("kill -SEGV $$", Verdict.error, "died of signal 11"),
            ("exit 70", .error, "crashed (exit code 70)"),
            (
                "echo 'fatal error: error in backend: IO failure on output stream: No space left on device' >&2; exit 70",
                .error, "no space left on device (ENOSPC); free some there"
            ),
            ("exit 1", .error, "exit code 1 and no reason"),
            ("exit 0", .error, "left no object"),
            ("for last; do :; done; echo hello > \"$last\"", .error, "is no ELF file"),
            ("echo \"clang: error: unknown argument: '-x'\" >&2; exit 1", .error, "unknown argument"),
            ("echo 'samples/bpf/good.c:1:1: error: no' >&2; exit 1", .fail, "error: no"),
            ("head -c 1000000 /dev/zero | tr '\\0' 'x'; exit 1", .error, "more bytes of the compiler's output"),
        ]
    )
    func `a compiler that misbehaves is not the kernel's fault`(script: String, verdict: Verdict, words: String)
        async throws
    {
        let mini = try MiniTree()
        let clang = try mini.compiler(script: script)
        let results = try await BuildExecutor().run(try mini.plan("good.c", clang: clang))
        let result = try #require(results.first)
        #expect(result.verdict == verdict)
        #expect(result.diagnostics.contains { $0.contains(words) }, "\(result.diagnostics)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: mini.output) == [".bpf-assay"])
    }

    @Test func `a compiler out of time goes, with what it started`() async throws {
        let mini = try MiniTree()
        let note = mini.root.appending(path: "pids").path
        let clang = try mini.compiler(script: "trap '' TERM; sleep 60 & echo $$ $! > '\(note)'; wait; wait; sleep 60")
        let results = try await BuildExecutor(timeout: .milliseconds(700)).run(try mini.plan("good.c", clang: clang))
        #expect(results.map(\.verdict) == [.error])
        #expect(results.first?.diagnostics.last?.contains("did not end within 0.7 seconds") == true)
        try await expectGone(note)
    }

    @Test func `a cancelled build takes its compilers with it`() async throws {
        let mini = try MiniTree()
        let note = mini.root.appending(path: "pids").path
        let clang = try mini.compiler(script: "sleep 60 & echo $$ $! > '\(note)'; wait")
        let plan = try mini.plan("good.c", clang: clang)
        let build = Task { try await BuildExecutor().run(plan) }
        // Other tests may hold all threads of Swift's pool for minutes, and a build needs several turns on them.
        let deadline = ContinuousClock.now + .seconds(900)
        while (try? String(contentsOfFile: note, encoding: .utf8))?.hasSuffix("\n") != true, .now < deadline {
            try await Task.sleep(for: .milliseconds(10))
        }
        build.cancel()
        await #expect(throws: CancellationError.self) { try await build.value }
        try await expectGone(note)
        #expect(try FileManager.default.contentsOfDirectory(atPath: mini.output) == [".bpf-assay"])
    }

    /// Expects that no process of a noted id runs; one that nobody has reaped yet does not count.
    private func expectGone(_ note: String) async throws {
        let ids = try String(contentsOfFile: note, encoding: .utf8).split(whereSeparator: \.isWhitespace)
        #expect(ids.count == 2)
        func alive(_ id: Substring) -> Bool {
            guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
            return stat.split(separator: ")").last?.hasPrefix(" Z") != true
        }
        let deadline = ContinuousClock.now + .seconds(300)
        while ids.contains(where: alive), .now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!ids.contains(where: alive))
    }

    @Test func `an output folder that cannot be written is one clear error`() async throws {
        let mini = try MiniTree()
        let clang = Compiler(path: "/usr/bin/clang", version: "clang version 14")
        // /proc takes no folders from anyone, root included; a file is in the way of a folder.
        try mini.write("../file", "")
        for (output, words) in [
            ("/proc/bpf-assay", "/proc/bpf-assay"), (mini.root.path + "/file/out", "not a directory"),
        ] {
            let plan = try BuildPlan(sources: [], tree: try mini.tree(), output: output, compiler: clang)
            let error = await #expect(throws: BuildError.self) { try await BuildExecutor().run(plan) }
            #expect(try #require(error).description.contains(words))
        }
        #expect(BuildError.cannotWrite("/out", .noSpace).description.contains("no space left on device (ENOSPC)"))
    }

    @Test func `a link does not lead the output into the tree`() async throws {
        let mini = try MiniTree()
        let before = try mini.listing()
        let link = mini.root.appending(path: "link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: mini.folder)
        let clang = Compiler(path: "/usr/bin/clang", version: "clang version 14")
        let plan = try BuildPlan(sources: [], tree: try mini.tree(), output: link.path + "/out", compiler: clang)
        await #expect(throws: BuildError.outputInTree(link.path + "/out")) { try await BuildExecutor().run(plan) }
        #expect(try mini.listing() == before)
    }

    @Test func `libbpf's headers are asked for by their package`() async throws {
        let mini = try MiniTree()
        let clang = Compiler(path: "/usr/bin/clang", version: "clang version 14")
        var settings = BuildPlan.Settings()
        settings.libbpf = "/nowhere/bpf"
        let plan = try BuildPlan(
            sources: [],
            tree: try mini.tree(),
            output: mini.output,
            compiler: clang,
            settings: settings
        )
        let error = await #expect(throws: BuildError.self) { try await BuildExecutor().run(plan) }
        #expect(try #require(error).description.contains("libbpf-dev"))
    }
}
