import Foundation
import SystemPackage
import Testing

@testable import KernBuild

struct BuildPlanTests {
    static let clang = Compiler(path: "/usr/bin/clang", version: "Debian clang version 14.0.6")

    @Test func `equal inputs give equal plans, and nothing is written`() throws {
        let mini = try MiniTree()
        let plan = try mini.plan("good.c", "missing.c", clang: Self.clang)
        #expect(try plan == mini.plan("good.c", "missing.c", clang: Self.clang))
        #expect(try plan != mini.plan("good.c", clang: Self.clang))
        #expect(!FileManager.default.fileExists(atPath: mini.output))
        #expect(plan.commands.map(\.object) == ["good.o", "missing.o"].map { FilePath(mini.output).appending($0) })
    }

    @Test func `a command names the tree only as its folder`() throws {
        let mini = try MiniTree()
        let plan = try mini.plan("good.c", clang: Self.clang)
        let command = try #require(plan.commands.first)
        #expect(command.workingFolder == plan.tree.path)
        #expect(!command.argv.contains { $0.contains(plan.tree.path.string) })
        #expect(command.argv.suffix(4).elementsEqual(["-c", "samples/bpf/good.c", "-o", mini.output + "/good.o"]))
    }

    @Test(
        arguments: [
            ("Debian clang version 14.0.6", false), ("Apple Swift clang version 21.0.0 (https://…)", true),
            ("clang version 17.0.0 (https://github.com/swiftlang/llvm-project.git abc)", true),
        ]
    )
    func `hot and cold code stay together where a clang would split them`(version: String, splits: Bool) throws {
        let mini = try MiniTree()
        let plan = try mini.plan("good.c", clang: Compiler(path: "/clang", version: version))
        #expect(plan.commands.allSatisfy { $0.argv.contains("-fno-split-cold-code") == splits })
    }

    @Test(arguments: TargetArchitecture.allCases)
    func `the architecture chooses headers and macros`(architecture: TargetArchitecture) throws {
        let mini = try MiniTree()
        var settings = BuildPlan.Settings()
        settings.architecture = architecture
        let plan = try BuildPlan(
            sources: [KernSource(sample: "mini/good", path: "samples/bpf/good.c")],
            tree: try mini.tree(),
            output: mini.output,
            compiler: Self.clang,
            settings: settings
        )
        let argv = plan.commands.flatMap(\.argv)
        #expect(argv.contains("-D__TARGET_ARCH_\(architecture.rawValue)"))
        #expect(argv.contains("arch/\(architecture.rawValue)/include/uapi"))
    }

    @Test func `a plan carries every header file and the tree's version`() throws {
        let mini = try MiniTree()
        let plan = try mini.plan("good.c", clang: Self.clang)
        let compat = URL(filePath: #filePath).appending(path: "../../../Sources/KernBuild/Compat").standardized
        let files = try FileManager.default.subpathsOfDirectory(atPath: compat.path).filter { $0.hasSuffix(".h") }
        #expect(Set(files) == Set(CompatHeaders.all.map(\.path)))
        for (path, content) in CompatHeaders.all {
            #expect(try Data(contentsOf: compat.appending(path: path)).elementsEqual(content), "\(path)")
        }
        let version = try #require(plan.headers.first { $0.path.lastComponent == "version.h" })
        #expect(String(decoding: version.content, as: UTF8.self).contains("LINUX_VERSION_CODE 393664\n"))
    }

    @Test(arguments: [
        "", "/etc/passwd.c", "samples/../../x.c", "samples//x.c", "samples/bpf/x.o", ".c", "-x.c", "a/.c",
        "samples/bpf/new\nline.c",
    ])
    func `a path that is none of a tree's C files is refused`(path: String) throws {
        let mini = try MiniTree()
        let tree = try mini.tree()
        let output = mini.output
        #expect(throws: BuildPlanError.badSource(path)) {
            try BuildPlan(
                sources: [KernSource(sample: "mini/bad", path: path)],
                tree: tree,
                output: output,
                compiler: Self.clang
            )
        }
    }

    @Test func `outputs that cannot be are refused`() throws {
        let mini = try MiniTree()
        let tree = try mini.tree()
        func error(_ output: String, _ paths: String...) -> BuildPlanError? {
            #expect(throws: BuildPlanError.self) {
                try BuildPlan(
                    sources: paths.map { KernSource(sample: "a/b", path: $0) },
                    tree: tree,
                    output: output,
                    compiler: Self.clang
                )
            }
        }
        let inside = tree.path.string + "/out"
        #expect(error(inside) == .outputInTree(inside))
        #expect(error("/tmp/a=b") == .unsuitableOutput("/tmp/a=b", "it contains '='"))
        #expect(error("/tmp/o", "x/a.c", "y/a.c") == .sameObject("a.o", "x/a.c", "y/a.c"))
    }

    @Test(
        arguments: [
            "plain", "", " ", "it's", "''", "$(reboot)", "a\"b", "back\\slash", "new\nline", "-O2", "ünï",
            "*?[]{}~#!;&|<>`",
            "KEY=value",
        ]
    )
    func `a shell reads a quoted word back`(word: String) throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", "printf %s \(ShellText.quote(word))"]
        let pipe = Pipe()
        shell.standardOutput = pipe
        try shell.run()
        let answer = try pipe.fileHandleForReading.readToEnd() ?? Data()
        shell.waitUntilExit()
        #expect(String(decoding: answer, as: UTF8.self) == word)
    }
}
