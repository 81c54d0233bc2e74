import Foundation
import RunModel
import SystemPackage
import Testing

@testable import KernBuild

/// No file from outside of a tree gets into an object, and no change of a file goes unseen.
struct InputProofTests {
    private func build(_ mini: borrowing MiniTree, tools: (any ObjectTools)? = nil) async throws -> [BuildResult] {
        let tree = try mini.tree()
        let plan = try BuildPlan(
            sources: tree.kernSources().sources,
            tree: tree,
            output: mini.output,
            compiler: try await Compiler.find()
        )
        return try await BuildExecutor(jobs: 2, tools: tools).run(plan)
    }

    /// Ways to the content of a file outside of the tree, in which `SECRET` stands for its path.
    static let leaks: [(String, String)] = [
        (#"asm(".section leak\n.incbin \"SECRET\"\n.text");"#, "'.incbin'"),
        (#"asm(".section leak\n\x2e\151ncbin \"SECRET\"\n.text");"#, "'.incbin'"),
        ("#define A asm\nA(\".section leak\\n.INCBIN \\\"SECRET\\\"\\n.text\");", "'.INCBIN'"),
        ("#define P(x, y) x##y\nP(as,m)(\".section leak\\n.incbin \\\"SECRET\\\"\\n.text\");", "'.incbin'"),
        ("as\\\nm(\".section leak\\n.incbin \\\"SECRET\\\"\\n.text\");", "'.incbin'"),
        ("#define P(x, ...) x##__VA_ARGS__\nP(as,m)(\".section leak\\n.incbin \\\"SECRET\\\"\\n.text\");", "'.incbin'"),
        ("#define P(x) x##s##m\nP(a)(\".section leak\\n.incbin \\\"SECRET\\\"\\n.text\");", "'.incbin'"),
        ("#define P(x) x##asm##x\nP(__)(\".section leak\\n.incbin \\\"SECRET\\\"\\n.text\");", "'.incbin'"),
        ("#define P(x, y, z) x##y##z\nP(as,,m)(\".section leak\\n.incbin \\\"SECRET\\\"\\n.text\");", "'.incbin'"),
        (#"asm(".macro m a b\n.\\a\\b \"SECRET\"\n.endm\n.section leak\nm inc bin\n.text");"#, "'.macro'"),
        (#"asm(".include \"SECRET\"");"#, "error"),
        ("#line 1 \"SECRET\"", "#line"),
        ("# 1 \"SECRET\"", "#line"),
        ("#define WHERE 1 \"SECRET\"\n%:line WHERE", "#line"),
        ("#include \"/dev/null\"\n#include \"SECRET\"", "outside of the tree"),
        ("#include \"/dev/null\"", "outside of the tree"),
        ("#if __has_include(\"SECRET\")\n#endif", "outside of the tree"),
        ("#define NAME \"SECRET\"\n#include NAME", "outside of the tree"),
        ("#include_next \"SECRET\"", "outside of the tree"),
        ("#import \"SECRET\"", "outside of the tree"),
    ]

    @Test(arguments: leaks.indices)
    func `a file outside of the tree gets into no object`(index: Int) async throws {
        let mini = try MiniTree(sources: [:])
        try mini.write("../secret", "/* what nobody is to see */\n")
        let secret = mini.root.appending(path: "secret").path
        let text = Self.leaks[index].0.replacing("SECRET", with: secret) + "\n" + MiniTree.good
        try mini.write("samples/bpf/leak_kern.c", text)
        let result = try #require(try await build(mini).first)
        #expect(result.verdict != .pass)
        #expect(result.cause?.contains(Self.leaks[index].1) == true, "\(result)")
        #expect(!FileManager.default.fileExists(atPath: result.object))
    }

    @Test(
        arguments: [
            #"asm(".section data,\"aw\"\n.byte 1\n.ascii \"x\"\n.text");"#,
            "static void f(void) { asm volatile(\"r0 = r0\" ::: \"r0\"); }",
            "/* asm(\".incbin\") */ static const char text[] = \".incbin\";",
        ]
    )
    func `assembler text that reads no file is no reason to refuse`(text: String) async throws {
        let mini = try MiniTree(sources: ["x_kern.c": text + "\n" + MiniTree.good])
        #expect(try await build(mini).map(\.verdict) == [.pass])
    }

    @Test func `plain assembler text needs no second look`() {
        func scan(_ text: String) -> Bool { SourceScan(Array(text.utf8)).needsProof }
        #expect(!scan("#include <asm/types.h>\n#define barrier(x) asm volatile(\"\" \\\n : \"+r\"(x))\n"))
        #expect(!scan("asm volatile(\"r1 = %[c]\\n\\t\" \"call 12\" :: [c]\"r\"(c));"))
        #expect(scan("asm(\".byte 1\");") && scan("asm(TEXT);") && scan("#define x asm\n"))
        #expect(!scan("unsigned long long load_byte(void *) asm(\"llvm.bpf.load.byte\");"))
        #expect(!scan("#define cat(a, b) a ## b\n#define name(m) bpf_##m\nint x;\n"))
        #expect(scan("asm(\"1ab.incbin\");") && scan("asm(\"x .incbin\");") && scan("asm(\"x\" \".incbin\");"))
        #expect(scan("#define P(x, y) x##y\nP(as, m)(\"\");") && scan("#define Q(...) __VA_OPT__(as)##m\n"))
        #expect(scan("R\"x( \" )x\"") && scan("\\u0061"))
    }

    @Test func `a new header that comes before one that was read makes the object anew`() async throws {
        let mini = try MiniTree(sources: ["x_kern.c": "#include <linux/late.h>\n" + MiniTree.good])
        try mini.write("include/uapi/linux/late.h", "#define LATE 1\n")
        try await Task.sleep(for: .milliseconds(60))
        #expect(try await build(mini).map(\.cached) == [false])
        #expect(try await build(mini).map(\.cached) == [true])
        try mini.write("arch/\(TargetArchitecture.host.folder)/include/uapi/linux/late.h", "#error seen\n")
        #expect(try await build(mini).map(\.verdict) != [.pass])
    }

    @Test func `what depends on more than files is made each time`() async throws {
        let mini = try MiniTree(
            sources: ["x_kern.c": "#if __has_include(\"later.h\")\n#error seen\n#endif\n" + MiniTree.good]
        )
        try await Task.sleep(for: .milliseconds(60))
        #expect(try await build(mini).map(\.cached) == [false])
        #expect(try await build(mini).map(\.cached) == [false])
    }

    @Test func `lines that end as in other systems are lines`() throws {
        let crlf = HelperDefinitionsTests.old.replacing("\n", with: "\r\n")
        #expect(HelperDefinitions(uapi: Files.text(Array(crlf.utf8))).helpers.count == 5)
        #expect(Files.text([0xEF, 0xBB, 0xBF, 0x61, 0x0D, 0x0A, 0x0D, 0x62]) == "a\n\rb")
        let mini = try MiniTree()
        try mini.write("Makefile", MiniTree.makefile.replacing("\n", with: "\r\n"))
        try mini.write("samples/bpf/Makefile", "always-y += a.o \\\r\n b.o\r\n")
        try mini.write("samples/bpf/a.c", "")
        try mini.write("samples/bpf/b.c", "#include \"vmlinux.h\"\r\n")
        let sources = try mini.tree().kernSources().sources
        #expect(sources.map(\.fileName) == ["a.c", "b.c"] && sources.map(\.types) == [.headers, .btf])
    }

    @Test func `a list without helpers is an error`() throws {
        let mini = try MiniTree()
        try mini.write("include/uapi/linux/bpf.h", "enum { BPF };\n")
        let header = BuildPlan.GeneratedHeader(path: "/x", origin: .helpers)
        let tree = try mini.tree()
        #expect(throws: ObjectToolError.self) { try header.content(in: tree) }
        try mini.write("include/uapi/linux/bpf.h", "version https://git-lfs.github.com/spec/v1\n")
        let error = #expect(throws: ObjectToolError.self) { try header.content(in: tree) }
        #expect(error?.description.contains("git lfs pull") == true)
    }
}
