import ArgumentParser
import Reporting
import RunModel

/// Renders old runs.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Renders a record of a run, or several as one, in another format.",
        discussion: """
            A RECORD is a record.json, a journal (which may be torn), a results folder that holds one, or - for standard \
            input. Several are joined, which works where no sample ran on the same machine twice.

            Examples:
              bpf-assay report bpf-assay-results/latest
              bpf-assay report bpf-assay-results/latest --format junit --output junit.xml

            The exit code says whether the report could be made, not how the run came out: 0, 64 for bad input, 69 where \
            the report cannot be written.
            """
    )

    @Argument(help: "Records, journals or results folders.")
    var records: [String]

    @Option(help: "One of \(ReportFormats.names.joined(separator: ", ")).")
    var format = FormatName.text

    @OptionGroup var destination: ReportOutput

    /// A format's name, checked while the command line is parsed.
    struct FormatName: ExpressibleByArgument {
        var name: String
        static let text = FormatName(name: "text")

        init(name: String) { self.name = name }

        init?(argument: String) {
            guard ReportFormats.named(argument) != nil else { return nil }
            name = argument
        }

        var defaultValueDescription: String { name }
        static var allValueStrings: [String] { ReportFormats.names }
    }

    func validate() throws {
        if records.isEmpty { throw ValidationError("name a record, a journal or a results folder") }
    }

    func run() async throws {
        let record = try joined()
        let text: String
        do {
            text = try chosenFormat.render(record)
        } catch {
            try fail("rendering \(format.name) of \(named(records[0])): \(error)", .usage)
        }
        do {
            try destination.write(text)
        } catch {
            try fail("writing the report: \(error)", .unavailable)
        }
    }

    private var chosenFormat: any ReportFormat {
        if format.name == FormatName.text.name { return TextReport(colour: destination.usesColour) }
        return ReportFormats.named(format.name) ?? TextReport()
    }

    private func joined() throws -> RunRecord {
        var joined: RunRecord?
        for path in records {
            let file: RecordFile
            do {
                file = try RecordFile(try RecordInput.read(path))
            } catch {
                try fail("reading \(named(path)): \(error)", .usage)
            }
            for note in file.notes { say("\(named(path)): \(note)") }
            do {
                joined = try joined?.joined(with: file.record) ?? file.record
            } catch {
                try fail("joining \(named(path)) with what stands before it: \(error)", .usage)
            }
        }
        guard let joined else { throw ValidationError("name a record, a journal or a results folder") }
        return joined
    }

    /// A path in a message, which must stay one line and must not steer the terminal.
    private func named(_ path: String) -> String { "'\(ForeignText.line(path))'" }

    private func say(_ message: String) {
        Console.say("bpf-assay report: \(message)")
    }

    private func fail(_ message: String, _ status: ExitStatus) throws -> Never {
        say(message)
        throw ExitCode(status.rawValue)
    }
}
