import ArgumentParser
import Comparing
import FileBytes
import KernelChecks
import Reporting
import RunFiles
import RunModel

/// Compares two checks, or two runs.
struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two checks or configs feature by feature, or two runs sample by sample.",
        discussion: helpText(
            """
            A RECORD is the output of 'bpf-assay check --format json', a record.json, a journal (which may be torn), a results \
            folder that holds one of these two, a kernel config, or - for standard input. Both must be of the same kind.

            Two configs are compared by what their options promise: first the features gained and lost, then the BPF options \
            whose values differ.

            A feature that was met and is now unmet, denied or in conflict is a regression, whatever its weight. So is a helper \
            that a program type may no longer call, and a sample that passed and now fails. What one of the two records does not \
            know is neither a regression nor a fix, and is listed. Options that changed are shown with the changes they explain.

            Results of two runs are matched by sample, variant and machine. If machine names differ, as for two kernels in \
            virtual machines, machines are paired only where the pairing is unambiguous, and the pairs are printed.
            """,
            examples: """
                bpf-assay check --format json > before.json
                bpf-assay compare before.json after.json
                bpf-assay check --format json | bpf-assay compare before.json -
                bpf-assay compare old-results bpf-assay-results/latest --format markdown
                bpf-assay compare old new --format json=comparison.json --format text
                bpf-assay compare /boot/config-6.1.0-56-amd64 linux/.config
                """,
            exits: .compare
        )
    )

    @Argument(help: ArgumentHelp("Compare with this record.", valueName: "before"))
    var before: String

    @Argument(help: ArgumentHelp("Compare this record.", valueName: "after"))
    var after: String

    @Option(help: FormatArgument<ComparisonFormats>.help)
    var format: [FormatArgument<ComparisonFormats>] = []

    @OptionGroup var destination: ReportOutput

    func validate() throws { _ = try plan }

    /// Text where nothing else is asked for, unless all that is asked for has files.
    private var plan: FormatPlan {
        get throws {
            try FormatPlan(format, fallback: format.isEmpty || destination.output != nil ? "text" : nil)
        }
    }

    private func format(_ name: String, colour: Bool) -> any ComparisonFormat {
        ComparisonFormats.named(name).flatMap { $0.name == "text" ? nil : $0 } ?? ComparisonText(colour: colour)
    }

    func run() async throws {
        if before == "-", after == "-" { try fail("reading '-': standard input can be one of the two records only") }
        let conclusion: ComparisonConclusion
        switch (try read(before), try read(after)) {
        case (.check(let old), .check(let new)), (.config(let old), .config(let new)):
            let comparison = CheckComparison(of: old, to: new)
            if comparison.common == 0 { try fail("comparing \(names): they have no feature in common") }
            try put { try $0.render(comparison) }
            conclusion = comparison.conclusion
        case (.run(let old), .run(let new)):
            let comparison = RunComparison(of: old, to: new)
            if comparison.common == 0 {
                try fail("comparing \(names): no sample in common on comparable machines")
            }
            try put { try $0.render(comparison) }
            conclusion = comparison.conclusion
        case (let first, let second):
            let makesCheck = first.kind == "config" || second.kind == "config"
            let advice = makesCheck ? "; 'check --config FILE --format json' makes a check of a config" : ""
            try fail(
                "comparing \(names): the first is a \(first.kind) and the second a \(second.kind); name two of a kind\(advice)"
            )
        }
        guard conclusion == .noRegression else { throw ExitCode(conclusion.rawValue) }
    }

    private func put(_ render: (any ComparisonFormat) throws -> String) throws {
        let plan = try plan
        if let name = plan.printed {
            do {
                try destination.write { $0.put(try render(format(name, colour: destination.usesColour))) }
            } catch {
                Console.say("bpf-assay compare: writing the comparison: \(error)")
                throw ExitCode(ExitStatus.unavailable.rawValue)
            }
        }
        try plan.writeFiles(of: "compare") { name, sink in sink.put(try render(format(name, colour: false))) }
    }

    /// What one of the two is.
    private enum Side {
        case check(CheckRecord)
        case config(CheckRecord)
        case run(RunRecord)

        var kind: String {
            switch self {
            case .check: "check"
            case .config: "config"
            case .run: "run"
            }
        }
    }

    private func read(_ path: String) throws -> Side {
        do {
            let bytes = try RecordInput.read(path)
            if let config = try ConfigRecord(path, bytes) { return .config(config.record) }
            if let first = bytes.first(where: { $0 > 0x20 }), first != UInt8(ascii: "{") {
                try fail(
                    "reading \(named(path)): it is neither a kernel config nor a record: it is not valid JSON; "
                        + "name a config, the output of 'bpf-assay check --format json', a record.json or a results folder"
                )
            }
            switch try AnyRecord(bytes, keepsObservations: false) {
            case .check(let record): return .check(record)
            case .run(let record, let notes):
                for note in notes { destination.talk.note("bpf-assay compare: \(named(path)): \(note)") }
                return .run(record)
            }
        } catch let code as ExitCode {
            throw code
        } catch {
            try fail("reading \(named(path)): \(error)")
        }
    }

    private var names: String { "\(named(before)) with \(named(after))" }

    /// A path in a message, which must stay one line and must not steer the terminal.
    private func named(_ path: String) -> String { "'\(ForeignText.line(path))'" }

    private func fail(_ message: String) throws -> Never {
        Console.say("bpf-assay compare: \(message)")
        throw ExitCode(ExitStatus.usage.rawValue)
    }
}
