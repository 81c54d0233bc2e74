import FileBytes
import RunModel

/// The options, and the features that somebody asked for, as a table: what fails first.
struct OptionTable {
    let lines: [String]

    init(_ record: CheckRecord, _ style: TerminalStyle, _ width: Int) {
        let options = record.checks.filter { $0.wanted != nil || $0.weight != .informative }
            .enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element)
        guard !options.isEmpty else {
            lines = []
            return
        }
        let title = options.contains { $0.wanted == nil } ? "OPTION OR FEATURE" : "OPTION"
        let rows = options.map { check in
            [
                ForeignText.line(check.feature), Self.shortened(check.wanted ?? "yes"), Self.shortened(check.answer),
                check.verdict.rawValue,
            ]
        }
        let table = TextTable([title, "WANTED", "FOUND", "VERDICT"], rows)
        let plain = table.lines { $2 }
        let painted = table.lines { column, cell, padded in
            column == 3 ? CheckVerdict(rawValue: cell).map { style.paint(padded, $0) } ?? padded : padded
        }
        let column = (plain.map(\.count).max() ?? 0) + 2
        let notes = ["NOTE"] + options.map(Self.note)
        lines = zip(zip(plain, painted), notes).flatMap { row, note in
            Self.line(row.0, row.1, note: note, column: column, width: width)
        }
    }

    /// The note beside its row where there is room for it, else below.
    private static func line(_ plain: String, _ painted: String, note: String, column: Int, width: Int) -> [String] {
        guard !note.isEmpty else { return [painted] }
        guard width - column >= 16 else {
            return note == "NOTE" ? [painted] : [painted] + LineWrap.lines(note, width: width, first: "    ")
        }
        let room = LineWrap.lines(note, width: width - column)
        let gap = String(repeating: " ", count: column - plain.count)
        return [painted + gap + room[0]] + room.dropFirst().map { String(repeating: " ", count: column) + $0 }
    }

    private static func note(_ check: CheckResult) -> String {
        let weight = check.weight == .required ? [] : [check.weight.rawValue]
        return ForeignText.line((weight + check.blocks.map { "for \($0)" }).joined(separator: ", "))
    }

    private static func shortened(_ text: String) -> String {
        let line = ForeignText.line(text)
        return line.count > 24 ? line.prefix(23) + "…" : line
    }
}

extension CheckResult {
    /// An option's value, or of a feature what the kernel answered.
    fileprivate var answer: String {
        if let found { return found }
        let answer = evidence.first { $0.hasPrefix("kernel: ") }?.dropFirst(8).prefix { $0 != ":" }
        return answer.map { String($0) } ?? "not asked"
    }

    /// What fails comes first, then what nobody knows, then what is missing and fails nobody.
    fileprivate var rank: Int {
        switch verdict {
        case .unmet, .denied, .conflict: weight == .required ? 0 : 2
        case .unknown: 1
        case .met, .metModule: 3
        case .notApplicable: 4
        }
    }
}
