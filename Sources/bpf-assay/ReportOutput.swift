import ArgumentParser
import CommandInput
import FileBytes
import Glibc
import Reporting

/// Where `report` and `compare` write to, in what colours, and how much they say of it.
struct ReportOutput: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write the format without a file of its own here, whole or not at all, instead of to standard output.",
            valueName: "file"
        )
    )
    var output: String?

    @OptionGroup var talk: TalkOptions

    /// Whether escape sequences may be written: on a terminal that wants them, or where they were asked for.
    var usesColour: Bool { (output == nil || talk.color != .auto) && talk.usesColour(on: STDOUT_FILENO) }

    /// Writes what a body puts into a sink.
    ///
    /// - Throws: `FileWriteError`, which says where it could not be written and why, or what the body throws.
    func write(_ body: (ReportSink) throws -> Void) throws {
        if let output { try AtomicFile.stream(to: output, body) } else { try Console.put(body) }
    }
}
