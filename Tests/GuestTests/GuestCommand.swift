import Foundation

/// One run of the command, which can be sent signals.
struct GuestCommand {
    /// The command's path.
    static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("bpf-assay").path

    let process = Process()
    private let said = Pipe()
    private let talk: String

    init(
        _ arguments: [String],
        in folder: String,
        environment: [String: String] = [:],
        input: String = ""
    ) throws {
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let typed = "\(folder)/typed-\(UUID().uuidString)"
        try Data(input.utf8).write(to: URL(fileURLWithPath: typed))
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: typed))
        process.standardOutput = said
        talk = "\(folder)/talk-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: talk, contents: nil)
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: talk))
        try process.run()
    }

    /// What it has written to standard error so far.
    var errorsSoFar: String { (try? String(contentsOfFile: talk, encoding: .utf8)) ?? "" }

    func end() throws -> (status: Int32, output: String, errors: String) {
        let output = try said.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: output, as: UTF8.self),
            try String(contentsOfFile: talk, encoding: .utf8)
        )
    }
}
