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

    @Test func `an output folder of a build names its source`() throws {
        let mini = try MiniTree()
        try mini.write("o/Makefile", "# Automatically generated by x: don't edit\ninclude /usr/src/linux/Makefile\n")
        let path = mini.folder.appending(path: "o").path
        #expect(throws: KernelTreeError.outputFolder(path, "/usr/src/linux")) { try KernelTree(at: path) }
    }
}
