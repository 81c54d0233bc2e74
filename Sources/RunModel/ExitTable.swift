/// What the exit codes of the subcommands mean: one table for help, documentation and tests.
///
/// A code means the same wherever it occurs: 0 that all is as asked for, 1 that something is not, 2 that this program broke
/// something, 3 that there is nothing to judge by, 4 that there is no verdict (nothing was tried, or two answers contradict each
/// other), 64 that the caller is to mend something, 69 that the machine lacks something.
public struct ExitTable: Sendable, Hashable {
    /// A code and its meaning.
    public struct Row: Sendable, Hashable {
        /// The code, or several that are told together.
        public let codes: [Int32]
        /// When the command ends with it, as a clause.
        public let meaning: String

        init(_ codes: Int32..., meaning: String) {
            self.codes = codes
            self.meaning = meaning
        }

        init(_ status: ExitStatus, _ meaning: String) { self.init(status.rawValue, meaning: meaning) }
        init(_ conclusion: CheckConclusion, _ meaning: String) { self.init(conclusion.rawValue, meaning: meaning) }
        init(_ conclusion: ComparisonConclusion, _ meaning: String) { self.init(conclusion.rawValue, meaning: meaning) }

        /// SIGINT and SIGTERM, told as a shell would tell of them.
        static let interrupted = Row(130, 143, meaning: "it was interrupted (Ctrl-C, SIGTERM)")
    }

    /// The subcommand's name.
    public let subcommand: String
    /// The codes, ascending.
    public let rows: [Row]

    init(_ subcommand: String, _ rows: [Row]) {
        self.subcommand = subcommand
        self.rows = rows
    }

    /// The tables of all subcommands, in the order of the help.
    public static let all = [run, check, build, list, describe, report, compare]

    /// The table of `run`, in its own exit style.
    public static let run = ExitTable(
        "run",
        [
            Row(.passed, "all samples passed; some may have been skipped"),
            Row(.failed, "a sample failed; with --baseline, one that did not fail there"),
            Row(.broken, "none failed, but some are errors or missing"),
            Row(.nothingSelected, "no sample is selected"),
            Row(.allSkipped, "all samples were skipped"),
            Row(.usage, "the command line or an input is wrong"),
            Row(.unavailable, "the harness could not do its work, or a report cannot be written"),
            .interrupted,
        ]
    )

    /// The table of `check`.
    public static let check = ExitTable(
        "check",
        [
            Row(.met, "everything required is there"),
            Row(.unmet, "something required is missing or refused, or the kernel is too old for an object"),
            Row(CheckConclusion.inconclusive, "no config can be believed, or the answer is not known"),
            Row(.conflict, "the options and the kernel disagree"),
            Row(.usage, "the command line, the profile, the config or an object is wrong"),
            Row(.unavailable, "a report cannot be written, or the system lacks a resource"),
            .interrupted,
        ]
    )

    /// The table of `build`.
    public static let build = ExitTable(
        "build",
        [
            Row(.passed, "all objects were built"),
            Row(.failed, "a source of the tree cannot be built"),
            Row(.broken, "bpf-assay itself broke a build"),
            Row(.nothingSelected, "the tree has no kern source"),
            Row(.usage, "the command line or an input is wrong, or there is no such tree"),
            Row(.unavailable, "no compiler, no tree, or no place to write to"),
            .interrupted,
        ]
    )

    /// The table of `list`.
    public static let list = ExitTable(
        "list",
        [
            Row(.passed, "the samples were listed"),
            Row(.usage, "the command line is wrong, or there is no sample of that name"),
            Row(.unavailable, "the list cannot be written"),
        ]
    )

    /// The table of `describe`.
    public static let describe = ExitTable(
        "describe",
        [
            Row(.passed, "the samples were described"),
            Row(.usage, "the command line is wrong, or there is no sample of that name"),
            Row(.unavailable, "the description cannot be written"),
        ]
    )

    /// The table of `report`.
    public static let report = ExitTable(
        "report",
        [
            Row(.passed, "the report was written, whatever the verdicts in it"),
            Row(.usage, "the command line is wrong, or a record cannot be read"),
            Row(.unavailable, "the report cannot be written"),
        ]
    )

    /// The table of `compare`.
    public static let compare = ExitTable(
        "compare",
        [
            Row(.noRegression, "no regression"),
            Row(.regression, "a regression"),
            Row(
                ComparisonConclusion.inconclusive,
                "no known regression, but something that was there is unknown in the second record"
            ),
            Row(.usage, "the command line is wrong, a record cannot be read, or the two cannot be compared"),
            Row(.unavailable, "the comparison cannot be written"),
        ]
    )

    /// The section of the help: a line a row, longer ones broken under their meaning.
    public var help: String {
        let lines = rows.flatMap { row in
            let codes = row.codes.map(String.init).joined(separator: ", ")
            let padding = String(repeating: " ", count: max(1, columns - codes.count))
            // A column less than a terminal has: the help is wrapped once more, and that must find nothing to do.
            return LineWrap.lines(row.meaning, width: LineWrap.usualWidth - 2, first: "  \(codes)\(padding)")
        }
        return (["EXIT STATUS"] + lines).joined(separator: "\n")
    }

    private var columns: Int { rows.contains { $0.codes.count > 1 } ? 10 : 4 }

    /// All tables as one of Markdown: a row a code, a column a subcommand.
    public static var markdown: String {
        let codes = Set(all.flatMap(\.rows).map(\.codes)).sorted { $0[0] < $1[0] }
        let rows = codes.map { codes in
            [codes.map(String.init).joined(separator: ", ")]
                + all.map { table in table.rows.first { $0.codes == codes }?.meaning ?? "" }
        }
        let head = ["code"] + all.map { "`\($0.subcommand)`" }
        return ([head, head.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(
            separator: "\n"
        )
    }
}
