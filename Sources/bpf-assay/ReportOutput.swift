import ArgumentParser
import Glibc
import Reporting
import RunModel
import SystemPackage

/// Where `report` and `compare` write to, and whether in colour.
struct ReportOutput: ParsableArguments {
    @Option(name: .shortAndLong, help: "Write here, whole or not at all, rather than to standard output.")
    var output: String?

    @Option(help: "When to use colour in text: auto, always or never.")
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

    /// Writes a text.
    ///
    /// - Throws: `FileWriteError`, which says where it could not be written and why.
    func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        if let output { return try AtomicFile.write(bytes, to: output) }
        do {
            try FileDescriptor.standardOutput.writeAll(bytes)
        } catch {
            throw FileWriteError("write", "standard output", code: (error as? Errno ?? .ioError).rawValue)
        }
    }
}
