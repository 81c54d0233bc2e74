import KernBuild
import ObjectSources
import SampleCatalog
import SampleKit
import SampleRun
import SystemPackage
import TestSupport
import Testing

/// What a build makes of a tree.
struct BuildSelectionTests {
    private func withTree(
        _ files: [String],
        others: [String] = [],
        _ body: (KernelTree) throws -> Void
    ) throws {
        let scratch = try ScratchFolder()
        try scratch.write("Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 1\n")
        try scratch.write("include/uapi/linux/bpf.h", "")
        for file in files.map({ "samples/bpf/\($0)" }) + others { try scratch.write(file, "int x;\n") }
        try scratch.write("samples/bpf/Makefile", files.map { "always-y += \($0.dropLast(2)).o\n" }.joined())
        try body(try KernelTree(at: scratch.path.string))
    }

    private func names(_ patterns: [String], _ tree: KernelTree) throws -> [String] {
        try BuildSelection(patterns, in: tree).sources.map(\.fileName)
    }

    private let files = ["sockex1_kern.c", "tracex4_kern.c", "mine_kern.c"]

    @Test func `without names all that the tree has is built, and what it lacks of the catalogue is told`() throws {
        try withTree(files) { (tree: KernelTree) throws in
            let selection = try BuildSelection([], in: tree)
            #expect(Set(selection.sources.map(\.fileName)) == Set(files))
            #expect(selection.sources.contains { $0.sample == "networking/sockex1" })
            #expect(selection.remarks.contains { $0.contains("has no sample xdp/xdp1") }, "\(selection.remarks)")
        }
    }

    @Test func `a name is one of the catalogue or of the tree's own files`() throws {
        try withTree(files) { (tree: KernelTree) throws in
            #expect(try names(["sockex1"], tree) == ["sockex1_kern.c"])
            #expect(try names(["mine"], tree) == ["mine_kern.c"])
            #expect(try names(["mine_kern.o"], tree) == ["mine_kern.c"])
            #expect(try names(["samples/bpf/mine_kern.c"], tree) == ["mine_kern.c"])
            #expect(try Set(names(["*ex?"], tree)) == ["sockex1_kern.c", "tracex4_kern.c"])
        }
    }

    @Test func `a name leaves out what an exclamation mark says, whatever comes first`() throws {
        try withTree(files) { (tree: KernelTree) throws in
            #expect(try Set(names(["!sockex1"], tree)) == ["tracex4_kern.c", "mine_kern.c"])
            #expect(try names(["*ex?", "!tracex4"], tree) == ["sockex1_kern.c"])
            #expect(try names(["!tracex4", "*ex?"], tree) == ["sockex1_kern.c"])
        }
    }

    @Test func `what is named twice is built once`() throws {
        try withTree(files) { (tree: KernelTree) throws in
            #expect(try names(["sockex1", "sockex1_kern.c", "sock*"], tree) == ["sockex1_kern.c"])
        }
    }

    @Test func `what two samples share is built once`() throws {
        try withTree(files, others: ["tools/testing/selftests/bpf/progs/test_tunnel_kern.c"]) {
            (tree: KernelTree) throws in
            let shared = allSamples.filter {
                $0.kernSources.contains { tree.located($0).fileName == "test_tunnel_kern.c" }
            }
            #expect(shared.count == 2)
            #expect(try names([], tree).count { $0 == "test_tunnel_kern.c" } == 1)
        }
    }

    @Test func `a name that nobody knows is refused`() throws {
        try withTree(files) { (tree: KernelTree) throws in
            #expect(throws: SampleSelection.NoSuchSample.self) { try BuildSelection(["sockx1"], in: tree) }
            #expect(throws: SampleSelection.NoSuchSample.self) { try BuildSelection(["!sockx1"], in: tree) }
        }
    }

    @Test func `a sample that the tree lacks is chosen by name, so that the build says so`() throws {
        try withTree(files) { (tree: KernelTree) throws in
            #expect(try names(["xdp1"], tree).count == 1)
            let entries = allSamples.filter { ["sockex1", "xdp1"].contains($0.name) }
            let selection = KernSelection(of: entries.flatMap(\.kernSources), in: tree)
            #expect(selection.sources.count == 2 && selection.linked.isEmpty)
            let source = try #require(selection.sources.first)
            #expect(selection.objectName(of: source) == source.objectName)
        }
    }
}
