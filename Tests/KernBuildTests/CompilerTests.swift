import Foundation
import Testing

@testable import KernBuild

struct CompilerTests {
    @Test func `the compiler in PATH is found and knows its version`() async throws {
        let clang = try await Compiler.find()
        #expect(clang.path.hasPrefix("/"))
        #expect(clang.version.contains("clang version"))
        let environment = ["CLANG": clang.path, "PATH": "/nowhere"]
        #expect(try await Compiler.find(environment: environment) == clang)
    }

    @Test func `a missing compiler is an error with a remedy`() async throws {
        let error = await #expect(throws: CompilerError.self) { try await Compiler.find(named: "/nowhere/clang") }
        #expect(
            try #require(error).description
                == "cannot find clang as '/nowhere/clang': no such executable file; install Debian's package clang, "
                + "or name one with --clang or $CLANG"
        )
        // A folder, and a name that no folder of an empty PATH has.
        await #expect(throws: CompilerError.notFound("/usr")) { try await Compiler.find(named: "/usr") }
        await #expect(throws: CompilerError.notFound("clang")) { try await Compiler.find(environment: ["PATH": ""]) }
    }

    @Test(
        arguments: [
            ("echo gcc 12", "does not say that it is clang"),
            ("echo clang version 14; echo '  x86-64 - 64-bit X86'", "without the bpf target"),
            ("echo clang version 14; exit 3", "exit code 3"),
            ("kill -SEGV $$", "died of signal 11"),
        ]
    )
    func `another program is not taken for clang`(script: String, words: String) async throws {
        let mini = try MiniTree()
        let path = try mini.compiler(script: script).path
        let error = await #expect(throws: CompilerError.self) { try await Compiler.find(named: path) }
        #expect(try #require(error).description.contains(words))
    }
}
