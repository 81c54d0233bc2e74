import ArgumentParser
import Glibc
import Reporting

/// Where `report` and `compare` write to, and whether in colour.
struct ReportOutput: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "Write the format without a file of its own here, whole or not at all, instead of to standard output."
    )
    var output: String?

    @Option(help: "Colour text: auto (on a terminal), always or never.")
    var color = ColourChoice.auto

    /// When to write escape sequences.
    enum ColourChoice: String, ExpressibleByArgument, CaseIterable {
        case auto, always, never
    }

    /// Whether escape sequences may be written: on a terminal that wants them, or where they were asked for.
    var usesColour: Bool {
        switch color {
        case .always: true
        case .never: false
        case .auto: output == nil && Console.hasColour(STDOUT_FILENO)
        }
    }

    /// Writes what a body puts into a sink.
    ///
    /// - Throws: `FileWriteError`, which says where it could not be written and why, or what the body throws.
    func write(_ body: (ReportSink) throws -> Void) throws {
        if let output { try AtomicFile.stream(to: output, body) } else { try Console.put(body) }
    }
}
