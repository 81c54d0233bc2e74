import ArgumentParser
import Comparing
import Reporting
import RunModel

/// Compares two checks, or two runs.
struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two checks or configs feature by feature, or two runs sample by sample.",
        discussion: """
            A RECORD is what 'bpf-assay check --format json' printed, a record.json, a journal (which may be torn), a results \
            folder that holds one of these two, a kernel config, or - for standard input. Both must be of one kind.

            Two configs are compared by what their options promise: features that are gained and lost, then options of BPF \
            with another value.

            A feature that was met and is unmet, denied or in conflict is a regression, whatever its weight; so is a helper that a \
            program type may call no more, and a sample that passed and fails. What one of the two records cannot say is \
            neither a regression nor a fix: it is named. Options with another value stand beside what they explain.

            Cells of two runs belong together by sample, form and machine. Where machines have other names, as two kernels in \
            virtual machines have, those belong together that cannot be mistaken; it is said which.

            Examples:
              bpf-assay check --format json > before.json
              bpf-assay compare before.json after.json
              bpf-assay check --format json | bpf-assay compare before.json -
              bpf-assay compare bpf-assay-results/20261122T161746Z-24928 bpf-assay-results/latest --format markdown
              bpf-assay compare old new --format json=comparison.json --format text
              bpf-assay compare /boot/config-6.1.0-56-amd64 linux/.config

            Exit codes: 0 no regression, 1 a regression, 3 no regression is known, but of something that was there the second \
            record cannot say, 64 a record cannot be read or is of another version, or the two cannot be compared, 69 the \
            comparison cannot be written.
            """
    )

    @Argument(help: ArgumentHelp("The record to compare with.", valueName: "before"))
    var before: String

    @Argument(help: ArgumentHelp("The record that is compared.", valueName: "after"))
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
                try fail("comparing \(names): they have no sample on a like machine in common")
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
            switch try AnyRecord(bytes, keepsObservations: false) {
            case .check(let record): return .check(record)
            case .run(let record, let notes):
                for note in notes { destination.talk.note("bpf-assay compare: \(named(path)): \(note)") }
                return .run(record)
            }
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
