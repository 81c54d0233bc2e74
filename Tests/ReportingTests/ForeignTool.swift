import FoundationEssentials
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// A program that other people wrote, which has to accept what we write.
struct ForeignTool: Sendable {
    var executable: String
    var arguments: [String]

    /// What a tool said, standard error included, and how it exited; -1 where a signal ended it.
    struct Answer: Sendable {
        var text: String
        var code: Int32
    }

    /// Runs the tool once on a file for each text; their absolute names are its last arguments.
    func read(_ texts: String...) async throws -> Answer { try await read(texts) }

    /// Runs the tool once on a file for each text; their absolute names are its last arguments.
    func read(_ texts: [String]) async throws -> Answer {
        try await Scratch.withFolderAwaiting { folder in
            let files = texts.indices.map { "\(folder)/report-\($0)" }
            for (file, text) in zip(files, texts) { try Data(text.utf8).write(to: URL(filePath: file)) }
            let result = try await run(
                executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
                arguments: Arguments(arguments + files),
                // A kernel tree is read only: kunit.py must not leave its bytecode there.
                environment: .inherit.updating([
                    "LC_ALL": "C.UTF-8", "TERM": "dumb", "PYTHONDONTWRITEBYTECODE": "1",
                ]),
                output: .string(limit: 64 << 20),
                error: .combinedWithOutput
            )
            let code: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
            return Answer(text: result.standardOutput, code: code)
        }
    }

    private static let environment = ProcessInfo.processInfo.environment

    /// In CI an absent tool fails its tests; elsewhere it skips them.
    static let isCI = !(environment["CI"] ?? "").isEmpty

    /// kunit.py of a tree of Linux 6.1.
    static let kunit: ForeignTool? = {
        guard let script = (try? DebianTree.path("6.1")).map({ "\($0)/tools/testing/kunit/kunit.py" }),
            FileManager.default.fileExists(atPath: script)
        else { return nil }
        return onPath("python3").map { ForeignTool(executable: $0, arguments: [script, "parse"]) }
    }()

    /// Perl's TAP reader.
    static let prove = onPath("prove").map { ForeignTool(executable: $0, arguments: ["-v", "-e", "cat"]) }

    /// libxml2's validator with Jenkins' schema, which `ci/fetch-junit-schema` fetches.
    static let xmllint = environment["BPF_ASSAY_JUNIT_XSD"].flatMap { schema in
        onPath("xmllint").map { ForeignTool(executable: $0, arguments: ["--noout", "--schema", schema]) }
    }

    /// The JSON Schema validator that `ci/python-tools` installs.
    static let checkJSONSchema = environment["BPF_ASSAY_CHECK_JSONSCHEMA"].map {
        ForeignTool(executable: $0, arguments: ["--schemafile", `the JSON schema`.path])
    }

    /// The same validator with the schema of a check.
    static let checkSchema = environment["BPF_ASSAY_CHECK_JSONSCHEMA"].map {
        ForeignTool(executable: $0, arguments: ["--schemafile", `the JSON schema of a check`.path])
    }

    /// A C compiler, which reads a file as C and takes every doubt for an error.
    static let compiler = onPath("cc").map {
        ForeignTool(executable: $0, arguments: ["-x", "c", "-std=c11", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"])
    }

    /// GitHub's own renderer of its Markdown, which makes links of what looks like one.
    static let markdown = onPath("cmark-gfm").map {
        ForeignTool(executable: $0, arguments: ["--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough"])
    }

    private static func onPath(_ name: String) -> String? {
        (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first(where: FileManager.default.isExecutableFile)
    }
}
