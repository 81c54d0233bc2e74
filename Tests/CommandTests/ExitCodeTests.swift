import Foundation
import RunModel
import Subprocess
import Testing

/// The table of exit codes: told alike everywhere, and true.
struct ExitCodeTests {
    /// Codes that take a kernel, root or a broken tool; the tests that see them.
    private static let elsewhere: [String: [Int32: String]] = [
        "run": [1: "ExitStatusTests, SampleRunsTests", 2: "NamedObjectsTests", 130: "CleanupTests"],
        "check": [4: "ProfileCheckTests", 130: "LoadGuestTests"],
        "build": [130: "BuildCommandTests"],
    ]

    private struct Use {
        var code: Int32
        var words: [String]
        var asNobody = false
        /// Whether standard output is a full disk.
        var isFull = false
    }

    private func uses(in scratch: Scratch) async throws -> [String: [Use]] {
        let header = "#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86 6.1.0 Kernel Configuration\n#\n"
        let good = try scratch.file("good", header + "CONFIG_BPF=y\nCONFIG_BPF_SYSCALL=y\nCONFIG_NET=y\n")
        let bad = try scratch.file("bad", header + "# CONFIG_BPF is not set\nCONFIG_NET=y\n")
        let fragment = try scratch.file("fragment", "CONFIG_NET=y\nCONFIG_INET=y\n")
        let profile = try scratch.file("mine.config", "CONFIG_BPF=y\n")
        let objects = try scratch.folder("objects")
        let results = "\(scratch.path)/results"
        for folder in ["tree/samples/bpf", "tree/include/uapi/linux", "tree/include/uapi/asm-generic"] {
            _ = try scratch.folder(folder)
        }
        _ = try scratch.file("tree/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 1\n")
        let tree = "\(scratch.path)/tree"
        _ = try scratch.folder("bad-tree")
        for name in ["samples", "include", "Makefile"] {
            try FileManager.default.copyItem(atPath: "\(tree)/\(name)", toPath: "\(tree)/../bad-tree/\(name)")
        }
        _ = try scratch.file("bad-tree/samples/bpf/x_kern.c", "no C at all\n")
        let badTree = "\(scratch.path)/bad-tree"
        // A torn tree: a header is lacking that every source includes, which is not the source's fault.
        let tornTree = "\(scratch.path)/torn-tree"
        try FileManager.default.copyItem(atPath: badTree, toPath: tornTree)
        // What leads out of a tree is no source of it.
        _ = try scratch.file("secret.c", "int x;\n")
        try FileManager.default.removeItem(atPath: "\(badTree)/samples/bpf/x_kern.c")
        try FileManager.default.createSymbolicLink(
            atPath: "\(badTree)/samples/bpf/x_kern.c",
            withDestinationPath: "\(scratch.path)/secret.c"
        )
        let out = "\(scratch.path)/out"
        let run = ["run", "sockex1", "--objects", objects, "--results", results]
        let check = ["check", "--profile", profile, "--config"]
        return [
            "run": [
                Use(code: 0, words: ["run", "--list"]),
                Use(code: 3, words: ["run", "!*"]),
                Use(code: 4, words: run, asNobody: true),
                Use(code: 64, words: run + ["--jobs", "0"]),
                Use(code: 64, words: ["run", "sockex1", "--tree", "/nowhere", "--results", results]),
                Use(code: 69, words: run + ["--format", "json=/nowhere/x"], asNobody: true),
            ],
            "check": [
                Use(code: 0, words: check + [good]), Use(code: 1, words: check + [bad]),
                Use(code: 3, words: check + [fragment]), Use(code: 64, words: ["check", "--config", "/nowhere"]),
                Use(code: 64, words: ["check", "--tree", "/nowhere"]),
                Use(code: 64, words: ["check", "--tree", "/nowhere", "--fix"]),
                Use(code: 64, words: ["check", "--object", "/nowhere", "--config", good]),
                Use(code: 69, words: check + [good, "--format", "json=/nowhere/x"]),
                Use(code: 69, words: check + [good], isFull: true),
            ],
            "build": [
                Use(code: 0, words: ["build", "--out", out, "--clean"]),
                Use(code: 1, words: ["build", "--tree", badTree, "--out", out]),
                Use(code: 2, words: ["build", "--tree", tornTree, "--out", out]),
                Use(code: 3, words: ["build", "--tree", tree, "--out", out]),
                Use(code: 64, words: ["build", "--tree", "/nowhere", "--out", out]),
                Use(code: 69, words: ["build", "--tree", badTree, "--out", out, "--clang", "/nowhere/clang"]),
            ],
            "list": [
                Use(code: 0, words: ["list"]), Use(code: 64, words: ["list", "sockx1"]),
                Use(code: 69, words: ["list"], isFull: true),
            ],
            "describe": [
                Use(code: 0, words: ["describe", "sockex1"]), Use(code: 64, words: ["describe", "sockx1"]),
                Use(code: 64, words: ["describe"]), Use(code: 69, words: ["describe", "sockex1"], isFull: true),
            ],
            // After `run`, which leaves a record.
            "report": [
                Use(code: 0, words: ["report", "\(results)/latest"]), Use(code: 64, words: ["report", "/nowhere"]),
                Use(code: 69, words: ["report", "\(results)/latest"], isFull: true),
                Use(code: 69, words: ["report", "\(results)/latest", "--output", "/nowhere/x"]),
            ],
            "compare": [
                Use(code: 0, words: ["compare", good, good]), Use(code: 1, words: ["compare", good, bad]),
                Use(code: 3, words: ["compare", good, fragment]), Use(code: 64, words: ["compare", good, "/nowhere"]),
                Use(code: 64, words: ["compare", good, "/bin/ls"]),
                Use(code: 69, words: ["compare", good, good, "--output", "/nowhere/x"]),
            ],
        ]
    }

    @Test func `every code of the table is what a command ends with`() async throws {
        let scratch = try Scratch()
        let uses = try await uses(in: scratch)
        for table in ExitTable.all {
            let own = try #require(uses[table.subcommand])
            for use in own {
                let run = try await CommandRun(
                    use.words,
                    asNobody: use.asNobody,
                    folder: scratch.path,
                    wrapper: use.isFull ? ["/bin/sh", "-c", "exec \"$@\" >/dev/full", "sh"] : []
                )
                #expect(run.status == .exited(use.code), "\(use.words): \(run.status) \(run.errors)")
            }
            let seen = Set(own.map(\.code)).union(Self.elsewhere[table.subcommand, default: [:]].keys)
            let told = table.rows.compactMap(\.codes.first)
            #expect(seen == Set(told), "\(table.subcommand)")
        }
    }

    @Test func `every help ends its text with examples and this table`() async throws {
        for table in ExitTable.all {
            let help = try await CommandRun([table.subcommand, "--help"])
            let parts = help.output.components(separatedBy: "\n\n")
            let index = try #require(parts.firstIndex { $0.hasPrefix("EXAMPLES\n") }, "\(help.output)")
            #expect(parts[index + 1] == table.help, "\(help.output)")
            #expect(parts[index + 2].hasPrefix("USAGE:"), "\(help.output)")
            let lines = parts[index].split(separator: "\n").dropFirst()
            #expect(lines.allSatisfy { $0.hasPrefix("  ") && $0.contains("bpf-assay ") }, "\(lines)")
        }
    }

    @Test func `the documentation has the same table`() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/ExitCodes.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains("\n\(ExitTable.markdown)\n"), "docs/ExitCodes.md should have:\n\(ExitTable.markdown)")
    }
}
