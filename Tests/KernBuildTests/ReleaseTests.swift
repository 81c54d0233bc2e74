import Foundation
import RunModel
import Testing

@testable import KernBuild

/// What `--headers kernel` meets in trees of different ages, each played by a few headers that need the same of a build.
struct ReleaseTests {
    /// A tree whose internal headers need something that other releases do not.
    struct Release: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let version: (Int, Int)
        /// Its files besides those that all have.
        let files: [String: String]
        /// What its sample includes.
        let includes: String
        /// What its sample returns.
        let answer: String
    }

    /// What the other headers name.
    private static let types =
        "#pragma once\ntypedef _Bool bool;\n#define asm_volatile_goto(...) asm goto(__VA_ARGS__)\n"

    /// Jumps and instructions of the host, which no object can hold.
    private static let hostAssembler = """
        #include <linux/types.h>
        static inline bool jumps(void)
        {
            asm_volatile_goto("jmp %l0" : : : : taken);
            return 0;
        taken:
            return 1;
        }
        static inline void waits(void) { asm volatile("rep; nop"); }

        """

    static let releases = [
        Release(
            testDescription: "4.19: the compiler's own stdarg.h and stdbool.h, and no workaround for jumps",
            version: (4, 19),
            files: [
                "include/linux/before.h": """
                #include <stdarg.h>
                #include <stdbool.h>
                static inline __attribute__((always_inline)) bool counted(va_list *list) { return va_arg(*list, int); }

                """
            ],
            includes: "#include <linux/before.h>",
            answer: "jumps() + (waits(), 1)"
        ),
        Release(
            testDescription: "5.4: a workaround of its own, and no compiler-version.h",
            version: (5, 4),
            files: [
                "samples/bpf/asm_goto_workaround.h": """
                #pragma once
                #include <linux/types.h>
                #undef asm_volatile_goto
                #define asm_volatile_goto(...) do { } while (0)
                #define volatile(...) volatile("")
                #define OF_THE_TREE 5

                """
            ],
            includes: "#include <linux/types.h>",
            answer: "OF_THE_TREE + jumps() + (waits(), 1) + sizeof(KBUILD_MODNAME)"
        ),
        Release(
            testDescription: "5.15: the compiler's version is an option",
            version: (5, 15),
            files: [
                "include/linux/types.h": types + "#include <linux/compiler-clang.h>\n",
                "include/linux/compiler-version.h": "#define READ_FIRST 15\n",
                "include/linux/compiler-clang.h": """
                #if CONFIG_CLANG_VERSION < 100001
                #error this compiler is too old
                #endif

                """,
            ],
            includes: "#include <linux/types.h>",
            answer: "READ_FIRST + jumps()"
        ),
        Release(
            testDescription: "6.6: pages that are unmapped in batches, which all that includes ptrace.h reads",
            version: (6, 6),
            files: [
                "include/linux/compiler-version.h": "",
                "include/linux/ptrace.h": "#include <linux/types.h>\n#include <asm/flush.h>\n",
                "arch/x86/include/asm/flush.h": """
                #ifdef CONFIG_ARCH_WANT_BATCHED_UNMAP_TLB_FLUSH
                struct batch { int pending; };
                #endif
                static inline int pending(struct batch *batch) { return batch->pending; }

                """,
            ],
            includes: "#include <linux/ptrace.h>",
            answer: "pending(ctx) + jumps()"
        ),
    ]

    private func tree(_ release: Release) throws -> MiniTree {
        let source = """
            #include <linux/jumps.h>
            \(release.includes)
            __attribute__((section("socket"), used)) int prog(void *ctx) { return \(release.answer); }
            """
        let mini = try MiniTree(sources: ["x_kern.c": source])
        try mini.write("Makefile", "VERSION = \(release.version.0)\nPATCHLEVEL = \(release.version.1)\nSUBLEVEL = 1\n")
        try mini.write("include/linux/kconfig.h", "#include <generated/autoconf.h>\n")
        for table in ["syscall_64.tbl", "syscall_32.tbl"] { try mini.write("arch/x86/entry/syscalls/\(table)", "") }
        try mini.write("include/linux/types.h", Self.types)
        try mini.write("include/linux/jumps.h", Self.hostAssembler)
        for (path, text) in release.files { try mini.write(path, text) }
        return mini
    }

    private func build(_ mini: borrowing MiniTree, configuration: String? = nil) async throws -> BuildResult {
        let tree = try mini.tree()
        var settings = BuildPlan.Settings()
        (settings.headers, settings.configuration) = (.kernel, configuration)
        let plan = try BuildPlan(
            sources: tree.kernSources().sources,
            tree: tree,
            output: mini.output,
            compiler: try await Compiler.find(),
            settings: settings
        )
        return try #require(try await BuildExecutor(jobs: 1).run(plan).first)
    }

    @Test(arguments: releases)
    func `a tree's internal headers have what a configured tree of its age has`(release: Release) async throws {
        let result = try await build(try tree(release))
        #expect(result.verdict == .pass, "\(result)")
    }

    @Test(arguments: [nil, "CONFIG_X86_64=y\nCONFIG_CLANG_VERSION=140000\nCONFIG_OF_THE_FILE=7\n"])
    func `what make left in a tree that was configured is not read`(configuration: String?) async throws {
        let answer = configuration == nil ? "READ_FIRST" : "CONFIG_OF_THE_FILE"
        let release = Self.releases[2]
        let mini = try tree(
            Release(
                testDescription: "configured",
                version: release.version,
                files: release.files,
                includes: "#include <linux/types.h>\n#include <generated/bounds.h>",
                answer: "\(answer) + NR_PAGEFLAGS"
            )
        )
        var file: String?
        if let configuration {
            try mini.write("../config", configuration)
            file = mini.root.appending(path: "config").path
        }
        let clean = try await build(mini, configuration: file)
        #expect(clean.verdict == .pass, "\(clean)")
        let bytes = try Data(contentsOf: URL(filePath: clean.object))
        // As of another architecture, which is what makes it show.
        for header in ["autoconf", "bounds", "timeconst"] {
            try mini.write("include/generated/\(header).h", "#error configured for another architecture\n")
        }
        let configured = try await build(mini, configuration: file)
        #expect(configured.verdict == .pass, "\(configured)")
        #expect(try Data(contentsOf: URL(filePath: configured.object)) == bytes)
    }
}
