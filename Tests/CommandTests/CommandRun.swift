import Foundation
import Subprocess
import SystemPackage

/// One run of `bpf-assay` as a user would see it.
struct CommandRun {
    let status: TerminationStatus
    let output: String
    let errors: String

    /// What it printed with lines joined: where they end depends on how long the names of files are.
    var words: String { output.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    /// The folder that `swift build` put this test and the programs into.
    static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .path

    /// Runs the command.
    ///
    /// - Parameters:
    ///   - arguments: The arguments behind the program's name.
    ///   - environment: What is added to the environment, or replaced in it.
    ///   - asNobody: Whether to give up root first; as another user nothing is given up.
    ///   - folder: The working folder; `nil` for this process's own.
    ///   - wrapper: A command that runs the command, such as `prlimit --nofile=8`.
    /// - Throws: What Subprocess throws where the program cannot be started.
    init(
        _ arguments: [String],
        environment: [String: String] = [:],
        asNobody: Bool = false,
        folder: String? = nil,
        wrapper: [String] = []
    ) async throws {
        var words = wrapper + ["\(Self.products)/bpf-assay"] + arguments
        if asNobody, getuid() == 0 {
            words = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] + words
        }
        let changes = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        )
        let result = try await Subprocess.run(
            .path(FilePath(words[0])),
            arguments: Arguments(Array(words.dropFirst())),
            environment: .inherit.updating(changes),
            workingDirectory: folder.map { FilePath($0) },
            input: .none,
            output: .string(limit: 4 << 20),
            error: .string(limit: 4 << 20)
        )
        status = result.terminationStatus
        output = result.standardOutput
        errors = result.standardError
    }
}

/// A folder that is gone when the test is over.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = "\(FileManager.default.temporaryDirectory.path)/bpf-assay-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        // For the tests that give up root.
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file and returns its path.
    func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }

    /// Makes a folder and returns its path.
    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        return "\(path)/\(name)"
    }

    /// What is in the folder now, hidden files included.
    var contents: [String] {
        ((try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []).sorted()
    }
}
