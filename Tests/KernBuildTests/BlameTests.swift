import Foundation
import RunModel
import SystemPackage
import Testing

@testable import KernBuild

/// Whose fault a failure is, and what is tried before that is said.
struct BlameTests {
    /// Types of a kernel in libbpf's form, without libbpf.
    private struct Types: ObjectTools {
        let version = "test 1"
        static let text = """
            #ifndef __VMLINUX_H__
            #define __VMLINUX_H__
            typedef int __kernel_pid_t;
            typedef __kernel_pid_t pid_t;
            struct ours { int number; };
            struct thread_info { int number; };
            struct task_struct {
            \tstruct thread_info info;
            \tunion {
            \t\tpid_t tgid;
            \t\tvoid (*call)(int);
            \t};
            \tstruct {
            \t\tint hidden;
            \t} inner;
            \tunsigned int flag: 1;
            \tstruct task_struct *real_parent;
            \tchar comm[16];
            \tlong: 0;
            };
            #endif

            """

        func declarations(ofTypesIn btf: FilePath) throws(ObjectToolError) -> [UInt8] { Array(Self.text.utf8) }
        func link(_ objects: [FilePath], into output: FilePath) throws(ObjectToolError) {}
    }

    private func build(_ mini: borrowing MiniTree) async throws -> BuildResult {
        try mini.write("btf", "types")
        let tree = try mini.tree()
        var settings = BuildPlan.Settings()
        settings.btf = mini.folder.appending(path: "btf").path
        let plan = try BuildPlan(
            sources: tree.kernSources().sources,
            tree: tree,
            output: mini.output,
            compiler: try await Compiler.find(),
            settings: settings
        )
        return try #require(try await BuildExecutor(jobs: 1, tools: Types()).run(plan).first)
    }

    @Test func `members that our structs lack are the kernel's`() throws {
        let base = "struct task_struct {\n\tint pid;\n\tchar comm[TASK_COMM_LEN];\n};\n#pragma clang attribute pop\n"
        let text = String(
            decoding: KernelStructs.extended(Array(base.utf8), by: Array(Types.text.utf8)),
            as: UTF8.self
        )
        for line in ["\tint pid;", "\tint tgid;", "\tunsigned int flag: 1;", "\tstruct task_struct *real_parent;"] {
            #expect(text.contains(line + "\n"), "\(text)")
        }
        for word in ["hidden", "call", "info", "comm[16]"] { #expect(!text.contains(word), "\(text)") }
    }

    @Test func `a sample of the tree that reads a member that ours lack is built`() async throws {
        let source = """
            #include <linux/sched.h>
            __attribute__((section("kprobe/x"), used)) int prog(struct task_struct *task)
            {
                return task->real_parent->tgid + PAGE_SIZE;
            }
            """
        let mini = try MiniTree(sources: ["x_kern.c": source])
        try mini.writeKernelTypes()
        let result = try await build(mini)
        #expect(result.verdict == .pass, "\(result)")
        #expect(result.diagnostics.last?.contains("members of kernel structs") == true)
    }

    @Test func `a tree that is cut down is told what it lacks`() async throws {
        let mini = try MiniTree(sources: ["x_kern.c": "#include \"bpf_legacy.h\"\n" + MiniTree.good])
        let result = try await build(mini)
        #expect(result.verdict == .error && result.fault == .harness)
        #expect(result.cause?.contains("has no include/uapi/linux/types.h") == true, "\(result)")
    }

    @Test func `a pointer of git-lfs is no source`() async throws {
        let mini = try MiniTree(sources: ["x_kern.c": "version https://git-lfs.github.com/spec/v1\noid sha256:1\n"])
        let result = try await build(mini)
        #expect(result.verdict == .error && result.cause?.contains("git lfs pull") == true, "\(result)")
    }

    @Test func `a type that a BTF lacks is the BTF's fault`() {
        let text = """
            samples/bpf/x.bpf.c:3:20: warning: declaration of 'struct gone' will not be visible outside of this function [-Wvisibility]
            samples/bpf/x.bpf.c:3:5: error: conflicting types for '____prog'
            """
        let report = CompilerReport(Array(text.utf8), dropped: 0, names: [], types: .btf)
        #expect(report.culprit == .btf && report.firstError?.contains("struct gone") == true)
        #expect(CompilerReport(Array(text.utf8), dropped: 0, names: []).culprit == .tree)
    }

    @Test func `a vmlinux h that lies in the tree is not read, and that is said`() async throws {
        let source = """
            #include "vmlinux.h"
            __attribute__((section("socket"), used)) int prog(struct ours *ctx) { return ctx->number; }
            """
        let mini = try MiniTree(sources: ["x.bpf.c": source])
        try mini.write("include/uapi/linux/bpf.h", HelperDefinitionsTests.old)
        try mini.writeKernelTypes()
        let clean = try await build(mini)
        #expect(clean.verdict == .pass, "\(clean)")
        let bytes = try Data(contentsOf: URL(filePath: clean.object))
        try mini.write("samples/bpf/vmlinux.h", "#error stale\n")
        let stale = try await build(mini)
        #expect(stale.verdict == .pass, "\(stale)")
        #expect(try Data(contentsOf: URL(filePath: stale.object)) == bytes)
        let tree = try mini.tree()
        let plan = try BuildPlan(
            sources: tree.kernSources().sources,
            tree: tree,
            output: mini.output,
            compiler: try await Compiler.find()
        )
        #expect(plan.remarks.first?.contains("samples/bpf/vmlinux.h of the tree is not read") == true)
    }

    @Test func `an object beside a vmlinux h of the tree is the same however many are built`() async throws {
        let mini = try MiniTree(sources: [:])
        try mini.writeKernelTypes()
        try mini.write("include/uapi/linux/bpf.h", HelperDefinitionsTests.old)
        try mini.write("btf", "types")
        let count = BuildSession.precompilationPays + 1
        for index in 0..<count {
            let program = "int prog(struct ours *ctx) { return ctx->number + \(index); }"
            try mini.write(
                "samples/bpf/x\(index).bpf.c",
                "#include \"vmlinux.h\"\n__attribute__((section(\"socket\"), used)) \(program)\n"
            )
        }
        try mini.write("samples/bpf/vmlinux.h", "struct ours { char stale[64]; int number; };\n")
        let tree = try mini.tree()
        let sources = tree.kernSources().sources
        try #require(sources.count == count)
        var settings = BuildPlan.Settings()
        settings.btf = mini.folder.appending(path: "btf").path
        var objects: [[Data]] = []
        for (place, chosen) in [("all", sources)] + sources.map({ ($0.sample, [$0]) }) {
            let plan = try BuildPlan(
                sources: chosen,
                tree: tree,
                output: mini.root.appending(path: place).path,
                compiler: try await Compiler.find(),
                settings: settings
            )
            let results = try await BuildExecutor(jobs: 2, tools: Types()).run(plan)
            #expect(results.allSatisfy { $0.verdict == .pass }, "\(results)")
            objects.append(try results.map { try Data(contentsOf: URL(filePath: $0.object)) })
        }
        #expect(objects.dropFirst().flatMap(\.self) == objects.first)
    }

    /// What a source with `vmlinux.h` reads, who is to blame, and what is said.
    static let unknownNames: [(String, BuildFault, String)] = [
        ("((struct gone *)ctx)->number", .btf, "--btf"),
        ("ctx->late", .btf, "--btf"),
        ("ctx->numbr", .tree, "is 'number' meant?"),
        ("ONLY_A_MACRO", .tree, "is a macro of the tree's headers, which no BTF has"),
        ("((struct zqxj *)ctx)->number", .btf, "it is misspelled, or of another kernel"),
    ]

    @Test(arguments: unknownNames.indices)
    func `a slip of a source is told from a type that a BTF lacks`(index: Int) async throws {
        let (expression, fault, text) = Self.unknownNames[index]
        let source = """
            #include "vmlinux.h"
            __attribute__((section("socket"), used)) int prog(struct ours *ctx) { return \(expression); }
            """
        let mini = try MiniTree(sources: ["x.bpf.c": source])
        try mini.writeKernelTypes()
        try mini.write("include/uapi/linux/bpf.h", HelperDefinitionsTests.old)
        try mini.write(
            "include/linux/gone.h",
            "/* numbr, zqxj */\nstruct gone {\n\tint late;\n};\n#define ONLY_A_MACRO 1\n"
        )
        let result = try await build(mini)
        #expect(result.fault == fault && result.cause?.contains(text) == true, "\(result)")
        #expect(result.verdict == (fault == .tree ? .fail : .error))
    }

    @Test func `a helper that the tree does not have is the tree's fault`() async throws {
        // As tracex1_kern.c of late 4.19.y, a fix of which calls a helper of Linux 5.5.
        let source = """
            #include <linux/types.h>
            __attribute__((section("kprobe/x"), used)) int prog(void *ctx)
            {
                void *skb;
                bpf_probe_read_kernel(&skb, sizeof(skb), ctx);
                return skb != 0;
            }
            """
        let mini = try MiniTree(sources: ["x_kern.c": source])
        try mini.writeKernelTypes()
        for table in ["syscall_64.tbl", "syscall_32.tbl"] { try mini.write("arch/x86/entry/syscalls/\(table)", "") }
        let result = try await build(mini)
        #expect(result.verdict == .fail && result.fault == .tree, "\(result)")
        #expect(result.cause?.contains("'bpf_probe_read_kernel'") == true)
    }

    @Test(arguments: [("4", "19", Verdict.pass), ("6", "1", .error)])
    func `arm64's registers have the names that the tree's headers read`(
        major: String,
        minor: String,
        verdict: Verdict
    ) async throws {
        let source = """
            #include <linux/ptrace.h>
            __attribute__((section("kprobe/x"), used)) int prog(struct pt_regs *ctx) { return ctx->regs[0] + ctx->pc; }
            """
        let mini = try MiniTree(sources: ["x_kern.c": source])
        try mini.writeKernelTypes()
        try mini.write("Makefile", "VERSION = \(major)\nPATCHLEVEL = \(minor)\nSUBLEVEL = 1\n")
        var settings = BuildPlan.Settings()
        settings.architecture = .arm64
        let tree = try mini.tree()
        let plan = try BuildPlan(
            sources: tree.kernSources().sources,
            tree: tree,
            output: mini.output,
            compiler: try await Compiler.find(),
            settings: settings
        )
        let result = try #require(try await BuildExecutor(jobs: 1).run(plan).first)
        #expect((result.verdict == .pass) == (verdict == .pass), "\(result)")
        settings.headers = .kernel
        let (output, sources, clang) = (mini.output, plan.commands.map(\.source), plan.compiler)
        let asked = settings
        #expect(throws: BuildPlanError.noReference(.arm64)) {
            try BuildPlan(sources: sources, tree: tree, output: output, compiler: clang, settings: asked)
        }
    }

    @Test(arguments: [
        "include/uapi/linux/types.h", "include/uapi/linux/bpf.h", "arch/arm64/include/uapi/asm",
        "tools/testing/selftests/bpf", "tools/lib/bpf/bpf_helpers.h",
    ])
    func `each part that a tree lacks has a line`(part: String) throws {
        let mini = try MiniTree()
        try mini.writeKernelTypes()
        #expect(try mini.tree().missingPart(.arm64) == nil)
        try FileManager.default.removeItem(at: mini.folder.appending(path: part))
        let missing = try #require(try mini.tree().missingPart(.arm64))
        #expect("\(missing)".contains("has no \(part): it is a part of a tree"))
    }

    @Test func `trees older than any that was compared are known as such`() {
        let history = SampleHistory.builtIn
        #expect(history.earliness(of: KernelVersion(4, 1))?.contains("from Linux 4.19 on") == true)
        #expect(
            history.earliness(of: KernelVersion(4, 19, 13)) == nil && history.earliness(of: KernelVersion(6, 1)) == nil
        )
        // Red Hat's.
        #expect(history.earliness(of: KernelVersion(4, 18)) == nil)
    }

    @Test func `an output folder of a build names its source`() throws {
        let mini = try MiniTree()
        try mini.write("o/Makefile", "# Automatically generated by x: don't edit\ninclude /usr/src/linux/Makefile\n")
        let path = mini.folder.appending(path: "o").path
        #expect(throws: KernelTreeError.outputFolder(path, "/usr/src/linux")) { try KernelTree(at: path) }
    }
}
