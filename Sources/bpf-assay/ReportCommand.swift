import ArgumentParser
import FileBytes
import Reporting
import RunFiles
import RunModel

/// Renders old runs.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Print the record of a run, or of several joined, in another format.",
        discussion: helpText(
            """
            A RECORD is a record.json, a journal (which may be torn), a results folder that holds one, or - for standard \
            input. Several records are joined; no sample may have run twice on the same machine.
            """,
            examples: """
                bpf-assay report bpf-assay-results/latest
                bpf-assay report results/latest --format junit=a.xml --format markdown=a.md
                bpf-assay report mine.json theirs.json --format markdown --output both.md
                """,
            exits: .report
        )
    )

    @Argument(help: "Records, journals or results folders.")
    var records: [String]

    @Option(help: FormatArgument<ReportFormats>.help)
    var format: [FormatArgument<ReportFormats>] = []

    @OptionGroup var destination: ReportOutput

    func validate() throws {
        if records.isEmpty { throw ValidationError("name a record, a journal or a results folder") }
        _ = try plan
    }

    func run() async throws {
        let plan = try plan
        let names = [plan.printed].compactMap(\.self) + plan.files.map(\.name)
        let record = try joined(
            keepsObservations: names.contains { ReportFormats.named($0)?.needsObservations ?? true }
        )
        if let name = plan.printed {
            do {
                try destination.write { try format(name, colour: destination.usesColour).render(record, into: $0) }
            } catch let error as FileWriteError {
                try fail("writing the report: \(error)", .unavailable)
            } catch {
                try fail("rendering \(name) of \(named(records[0])): \(error)", .usage)
            }
        }
        try plan.writeFiles(of: "report") { name, sink in try format(name, colour: false).render(record, into: sink) }
    }

    /// Text where nothing else is asked for, unless all that is asked for has files.
    private var plan: FormatPlan {
        get throws {
            try FormatPlan(format, fallback: format.isEmpty || destination.output != nil ? "text" : nil)
        }
    }

    private func format(_ name: String, colour: Bool) -> any ReportFormat {
        ReportFormats.named(name).flatMap { $0.name == "text" ? nil : $0 } ?? TextReport(colour: colour)
    }

    private func joined(keepsObservations: Bool) throws -> RunRecord {
        var join: RunJoin?
        for path in records {
            let file: RecordFile
            do {
                file = try RecordFile(try RecordInput.read(path), keepsObservations: keepsObservations)
            } catch {
                try fail("reading \(named(path)): \(error)", .usage)
            }
            for note in file.notes { destination.talk.note("bpf-assay report: \(named(path)): \(note)") }
            destination.talk.detail(
                "\(named(path)): run \(ForeignText.line(file.record.run.id)), results: \(file.record.results.count)"
            )
            // One record is shown as it is.
            if records.count == 1 { return file.record }
            do {
                if join == nil { join = RunJoin(file.record) } else { try join?.add(file.record) }
            } catch {
                try fail("joining \(named(path)) with what stands before it: \(error)", .usage)
            }
        }
        guard let join else { throw ValidationError("name a record, a journal or a results folder") }
        return join.record
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
