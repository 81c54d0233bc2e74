import ArgumentParser
import FileBytes
import Reporting
import RunModel

/// A use of `--format`, checked while the command line is parsed: a name of a catalogue, or `NAME=FILE`.
struct FormatArgument<Catalogue: FormatCatalogue>: ExpressibleByArgument {
    let request: FormatRequest

    init?(argument: String) {
        guard let request = FormatRequest(argument), Catalogue.names.contains(request.name) else { return nil }
        self.request = request
    }

    static var allValueStrings: [String] { Catalogue.names }

    /// What `--format` can be given, for help.
    static var help: ArgumentHelp {
        ArgumentHelp(
            "Print as \(Catalogue.names.joined(separator: ", ")); =FILE writes it to a file, whole or not at all; may be repeated.",
            valueName: "name[=file]"
        )
    }
}

extension FormatPlan {
    /// What `--output` does where text is printed beside it, for help.
    static var outputHelp: ArgumentHelp {
        ArgumentHelp(
            "Write the format that has no file of its own here, whole or not at all; text is still printed.",
            valueName: "file"
        )
    }

    /// Sorts uses of `--format`.
    ///
    /// - Parameters:
    ///   - arguments: The uses.
    ///   - fallback: What goes to standard output where no use says so.
    ///   - output: The file of `--output`, which takes the format that has none of its own.
    /// - Throws: `ValidationError` for what cannot be obeyed.
    init<Catalogue>(_ arguments: [FormatArgument<Catalogue>], fallback: String?, output: String? = nil) throws {
        do {
            try self.init(arguments.map(\.request), fallback: fallback, output: output)
        } catch {
            throw ValidationError("--format: \(error)")
        }
    }

    /// Finds out whether the files could be written, before there is anything to write.
    ///
    /// - Throws: `ExitCode` with the status of what could not be done, which it has told.
    func checkFiles(of command: String, _ style: ExitStyle = .own) throws {
        for case (let name, let path?) in files.map({ ($0.name, $0.file) }) {
            do {
                try AtomicFile.check(path)
            } catch {
                Console.say("bpf-assay \(command): writing the \(name) report: \(error)")
                throw ExitCode(style.code(for: .unavailable))
            }
        }
    }

    /// Writes the files, all that can be written.
    ///
    /// - Parameters:
    ///   - command: The subcommand, for messages.
    ///   - style: Whose exit codes to use.
    ///   - render: Writes the format of a name.
    /// - Throws: `ExitCode` where one could not be written, which it has told.
    func writeFiles(
        of command: String,
        _ style: ExitStyle = .own,
        _ render: (String, ReportSink) throws -> Void
    ) throws {
        var isOneLost = false
        for case (let name, let path?) in files.map({ ($0.name, $0.file) }) {
            do {
                try AtomicFile.stream(to: path) { try render(name, $0) }
            } catch {
                Console.say("bpf-assay \(command): writing the \(name) report: \(error)")
                isOneLost = true
            }
        }
        if isOneLost { throw ExitCode(style.code(for: .unavailable)) }
    }
}
