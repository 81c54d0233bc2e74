import FileBytes
import Foundation
import RunModel
import Synchronization
import SystemPackage
import Testing

@testable import KernBuild

struct CacheTests {
    static let sources = ["good.c": MiniTree.good, "other.c": MiniTree.good, "local.h": "#define LOCAL 1\n"]

    private func build(_ plan: BuildPlan, cache: BuildExecutor.CacheSettings = .init()) async throws -> [Bool] {
        let results = try await BuildExecutor(jobs: 2, cache: cache).run(plan)
        #expect(results.allSatisfy { $0.verdict == .pass }, "\(results.map(\.diagnostics))")
        return results.map(\.cached)
    }

    /// A mini tree whose files are older than the file system's clock can blur.
    private func settledTree(_ name: String = "cache") async throws -> MiniTree {
        let mini = try MiniTree(name, sources: Self.sources)
        try await Task.sleep(for: .milliseconds(60))
        return mini
    }

    @Test func `what is built is not built again, and only what an edit reaches is`() async throws {
        let mini = try await settledTree()
        let plan = try mini.plan("good.c", "other.c", clang: try await Compiler.find())
        #expect(try await build(plan) == [false, false])
        #expect(try await build(plan) == [true, true])
        let object = "\(mini.output)/good.o"
        let first = try Data(contentsOf: URL(filePath: object))
        try mini.write("samples/bpf/good.c", MiniTree.good + "\nint more;\n")
        try await Task.sleep(for: .milliseconds(60))
        #expect(try await build(plan) == [false, true])
        #expect(try Data(contentsOf: URL(filePath: object)) != first)
        // An edit that is undone finds the old object again.
        try mini.write("samples/bpf/good.c", MiniTree.good)
        #expect(try await build(plan) == [true, true])
        #expect(try Data(contentsOf: URL(filePath: object)) == first)
        // A header that both read.
        try mini.write("include/uapi/linux/mini.h", "static inline int mini_answer(void *ctx)\n{\n    return 1;\n}\n")
        try await Task.sleep(for: .milliseconds(60))
        #expect(try await build(plan) == [false, false])
    }

    @Test func `touching a file without changing it builds nothing`() async throws {
        let mini = try await settledTree()
        let plan = try mini.plan("good.c", clang: try await Compiler.find())
        _ = try await build(plan)
        try FileManager.default.setAttributes(
            [.modificationDate: Date()],
            ofItemAtPath: mini.folder.appending(path: "samples/bpf/good.c").path
        )
        #expect(try await build(plan) == [true])
    }

    @Test func `an object that is lost, damaged or another's comes back from the cache`() async throws {
        let mini = try await settledTree()
        let plan = try mini.plan("good.c", clang: try await Compiler.find())
        _ = try await build(plan)
        let object = URL(filePath: "\(mini.output)/good.o")
        let right = try Data(contentsOf: object)
        for damage in [{ try FileManager.default.removeItem(at: object) }, { try Data("no".utf8).write(to: object) }] {
            try damage()
            #expect(try await build(plan) == [true])
            #expect(try Data(contentsOf: object) == right)
        }
    }

    @Test func `a damaged cache costs a build and nothing else`() async throws {
        let mini = try await settledTree()
        let plan = try mini.plan("good.c", clang: try await Compiler.find())
        _ = try await build(plan)
        let object = URL(filePath: "\(mini.output)/good.o")
        let right = try Data(contentsOf: object)
        let work = URL(filePath: mini.output).appending(path: ".bpf-assay")
        for name in try FileManager.default.subpathsOfDirectory(atPath: work.path) {
            let file = work.appending(path: name)
            let isOurs = ["cache/", "digests", "compiler"].contains { name.hasPrefix($0) }
            guard isOurs, (try? Data(contentsOf: file)) != nil else { continue }
            try Data("damaged".utf8).write(to: file)
        }
        try FileManager.default.removeItem(at: object)
        #expect(try await build(plan) == [false])
        #expect(try Data(contentsOf: object) == right)
    }

    @Test func `without a cache everything is built and nothing is kept`() async throws {
        let mini = try await settledTree()
        let plan = try mini.plan("good.c", clang: try await Compiler.find())
        #expect(try await build(plan, cache: .none) == [false])
        #expect(try await build(plan, cache: .none) == [false])
        #expect(!FileManager.default.fileExists(atPath: "\(mini.output)/.bpf-assay/cache"))
    }

    @Test func `two output folders can share a cache`() async throws {
        let mini = try await settledTree()
        let clang = try await Compiler.find()
        let shared = BuildExecutor.CacheSettings(folder: mini.root.appending(path: "shared").path)
        #expect(try await build(try mini.plan("good.c", clang: clang), cache: shared) == [false])
        let other = try BuildPlan(
            sources: [KernSource(sample: "mini/good", path: "samples/bpf/good.c")],
            tree: try mini.tree(),
            output: mini.root.appending(path: "elsewhere").path,
            compiler: clang
        )
        #expect(try await build(other, cache: shared) == [true])
    }

    @Test func `another compiler or another flag asks another question`() async throws {
        let mini = try await settledTree()
        let clang = try await Compiler.find()
        let plan = try mini.plan("good.c", clang: clang)
        _ = try await build(plan)
        var settings = BuildPlan.Settings()
        settings.architecture = TargetArchitecture.host == .x86 ? .arm64 : .x86
        try FileManager.default.createDirectory(
            at: mini.folder.appending(path: "arch/arm64/include/uapi"),
            withIntermediateDirectories: true
        )
        let other = try BuildPlan(
            sources: plan.commands.map(\.source),
            tree: plan.tree,
            output: mini.output,
            compiler: clang,
            settings: settings
        )
        #expect(try await build(other) == [false])
        #expect(try await build(plan) == [true])
    }

    @Test func `builds at once into one folder agree`() async throws {
        let mini = try await settledTree()
        let plan = try mini.plan("good.c", "other.c", clang: try await Compiler.find())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let results = try await BuildExecutor(jobs: 1).run(plan)
                    #expect(results.allSatisfy { $0.verdict == .pass }, "\(results.map(\.diagnostics))")
                }
            }
            try await group.waitForAll()
        }
        #expect(try await build(plan) == [true, true])
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(mini.output)/.bpf-assay")
        #expect(!left.contains { $0.hasPrefix("unfinished-") || $0.hasSuffix(".tmp") }, "\(left)")
    }

    @Test func `a cache is kept within its limit`() throws {
        let mini = try MiniTree()
        let cache = ObjectCache(folder: FilePath(mini.output))
        for index in 0..<20 {
            let bytes = [UInt8](repeating: UInt8(index), count: 1000)
            let digest = SHA256.hex(bytes)
            cache.store(.init(object: digest, diagnostics: ["w"], inputs: [("a", "b")]), to: digest, object: bytes)
            #expect(cache.answers(to: digest).first?.object == digest)
        }
        cache.trim(to: 5000)
        let files = try FileManager.default.subpathsOfDirectory(atPath: mini.output).map { "\(mini.output)/\($0)" }
        let sizes = files.compactMap { try? FileManager.default.attributesOfItem(atPath: $0) }
            .filter { $0[.type] as? FileAttributeType == .typeRegular }.compactMap { $0[.size] as? Int }
        #expect(sizes.reduce(0, +) <= 5000 && !sizes.isEmpty)
    }

    @Test func `cleaning removes what was built and nothing else`() async throws {
        let mini = try await settledTree()
        let plan = try mini.plan("good.c", "other.c", clang: try await Compiler.find())
        _ = try await build(plan)
        try BuildExecutor.writeCompileCommands(of: plan)
        let mine = URL(filePath: mini.output).appending(path: "mine.o")
        try Data("mine".utf8).write(to: mine)
        let before = try mini.listing()
        #expect(try BuildExecutor.clean(mini.output) == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: mini.output) == ["mine.o"])
        // The links to the tree's headers went, the headers did not.
        #expect(try mini.listing() == before)
        #expect(try BuildExecutor.clean("\(mini.output)/nowhere") == 0)
    }
}
