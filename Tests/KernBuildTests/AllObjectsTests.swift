import Foundation
import KernTools
import LibBPF
import RunModel
import SystemPackage
import Testing

@testable import KernBuild

/// All kern objects of real trees, with all clangs of this machine.
struct AllObjectsTests {
    @Test(
        .enabled(if: RealTree.isExpected, "no kernel tree found: set BPF_ASSAY_TREE"),
        arguments: [("6.1", 62, 6), ("6.12", 52, 1)]
    )
    func `every kern half of the tree becomes an object`(version: String, sources: Int, linked: Int) async throws {
        let tree = try RealTree.find(version)
        let found = tree.kernSources()
        #expect(found.sources.count == sources)
        #expect(found.linked.count == linked)
        #expect(found.complaints == [])
        for clang in try await RealTree.compilers() {
            let folder = FileManager.default.temporaryDirectory.appending(path: "bpf-assay-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            let plan = try BuildPlan(
                sources: found.sources,
                linked: found.linked,
                tree: tree,
                output: folder.path,
                compiler: clang
            )
            let results = try await BuildExecutor(tools: LibbpfTools()).run(plan)
            #expect(results.count == sources + linked)
            for result in results {
                #expect(result.verdict == .pass, "\(clang.version): \(result.sample): \(result.diagnostics)")
            }
            let again = try await BuildExecutor(tools: LibbpfTools()).run(plan)
            #expect(again.allSatisfy { $0.cached }, "\(again.filter { !$0.cached }.map(\.sample))")
            try await compareWithoutPrecompiledHeader(plan, in: folder)
        }
    }

    /// Each source with vmlinux.h by itself: the header is then compiled with it, and the object has to be the same.
    private func compareWithoutPrecompiledHeader(_ plan: BuildPlan, in folder: URL) async throws {
        let sources = plan.commands.map(\.source).filter { $0.types == .btf }
        #expect(sources.count >= BuildSession.precompilationPays)
        for source in sources.prefix(4) {
            let output = folder.appending(path: "alone")
            let alone = try BuildPlan(sources: [source], tree: plan.tree, output: output.path, compiler: plan.compiler)
            // A part that has its programs elsewhere is no object by itself.
            _ = try await BuildExecutor(tools: LibbpfTools(), cache: .none).run(alone)
            let single = output.appending(path: source.objectName)
            guard FileManager.default.fileExists(atPath: single.path) else { continue }
            let together = folder.appending(path: source.objectName)
            let (mine, theirs) = (try ObjectContents(single.path), try ObjectContents(together.path))
            #expect(mine.instructions == theirs.instructions, "\(source.objectName)")
            #expect(mine.functions == theirs.functions && mine.maps == theirs.maps, "\(source.objectName)")
            // Newer clangs number the forward declarations in the BTF by where they lie in memory, with or without it.
            guard plan.compiler.release?.major == 14 else { continue }
            #expect(try Data(contentsOf: single) == Data(contentsOf: together), "\(source.objectName)")
        }
    }

    @Test func `types of a kernel are declared once each`() throws {
        let header = try LibbpfTools().declarations(ofTypesIn: "/sys/kernel/btf/vmlinux")
        let text = String(decoding: header, as: UTF8.self)
        #expect(text.hasPrefix("#ifndef __VMLINUX_H__"))
        #expect(text.contains("\nstruct task_struct {\n"))
        #expect(text.components(separatedBy: "\nstruct task_struct {\n").count == 2)
        #expect(throws: ObjectToolError.self) { try LibbpfTools().declarations(ofTypesIn: "/nowhere") }
        #expect(throws: ObjectToolError.self) { try LibbpfTools().declarations(ofTypesIn: "/etc/passwd") }
    }

    @Test func `a BTF that is not there fails the sources that need it, and no other`() async throws {
        let mini = try MiniTree(sources: ["good.c": MiniTree.good, "types.bpf.c": "#include \"vmlinux.h\"\n"])
        var settings = BuildPlan.Settings()
        settings.btf = "/nowhere/vmlinux"
        let plan = try BuildPlan(
            sources: ["good.c", "types.bpf.c"].map { KernSource(sample: $0, path: "samples/bpf/\($0)") },
            tree: try mini.tree(),
            output: mini.output,
            compiler: try await Compiler.find(),
            settings: settings
        )
        let results = try await BuildExecutor(tools: LibbpfTools()).run(plan)
        #expect(results.map(\.verdict) == [.pass, .error])
        #expect(results.last?.fault == .btf)
        #expect(results.last?.cause?.contains("/nowhere/vmlinux") == true)
    }

    @Test func `a type that the BTF lacks is the BTF's fault`() async throws {
        let source = """
            #include "vmlinux.h"
            __attribute__((section("socket"), used)) int prog(struct no_such_struct *it) { return it->member; }
            """
        let mini = try MiniTree(sources: ["types.bpf.c": source])
        let plan = try BuildPlan(
            sources: [KernSource(sample: "x", path: "samples/bpf/types.bpf.c")],
            tree: try mini.tree(),
            output: mini.output,
            compiler: try await Compiler.find()
        )
        let result = try #require(try await BuildExecutor(tools: LibbpfTools()).run(plan).first)
        #expect(result.verdict == .error && result.fault == .btf)
        #expect(result.cause?.contains("with --btf") == true)
    }
}
