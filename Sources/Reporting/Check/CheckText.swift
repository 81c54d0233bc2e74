import FileBytes
public import RunModel

/// A check for a person: the answer in one sentence, then what is required and missing, grouped by what that blocks, with the
/// lines that mend it; the rest on request.
///
/// No line is wider than the terminal, except for a word that is.
public struct CheckText: CheckFormat {
    /// `text`.
    public let name = "text"
    private let style: TerminalStyle
    private let showsHelpers: Bool
    private let isVerbose: Bool
    private let width: Int

    /// Creates the format.
    ///
    /// - Parameters:
    ///   - colour: Whether escape sequences may be written; plain text where it is false.
    ///   - helpers: Whether to count the helpers of each program type in a table.
    ///   - verbose: Whether to show every option and feature, and the host's settings.
    ///   - width: The most columns of a line.
    public init(
        colour: Bool = false,
        helpers: Bool = false,
        verbose: Bool = false,
        width: Int = LineWrap.usualWidth
    ) {
        style = TerminalStyle(colour: colour)
        showsHelpers = helpers
        isVerbose = verbose
        self.width = max(width, LineWrap.leastWidth)
    }

    /// Renders a check; never throws.
    ///
    /// No line ends in blanks.
    public func render(_ record: CheckRecord) -> String {
        let record = record.withPurposes
        let features = FeatureText(record, style, width)
        let sections = [
            answer(record), heading(record), troubles(record), isVerbose ? features.lines : [],
            isVerbose ? OptionTable(record, style, width).lines : [],
            showsHelpers ? record.probe.map { HelperTable($0).lines } ?? [] : [], closing(record, features),
        ]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private func answer(_ record: CheckRecord) -> [String] {
        LineWrap.lines(CheckAnswer(of: record).sentence, width: width).map { line in
            style.paint(line, record.conclusion)
        }
    }

    private func heading(_ record: CheckRecord) -> [String] {
        let isNamed = record.identity == .unknown && record.source != "none"
        var lines = labelled(
            "config",
            "\(record.source) (\(isNamed ? "taken as is" : record.identity.rawValue))"
        )
        if let kernel = record.kernel { lines += labelled("kernel", kernel) }
        lines += labelled("profile", record.profile)
        if isVerbose, !record.host.isEmpty {
            let settings = record.host.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines += labelled("host", settings.joined(separator: ", "))
        }
        return lines + record.notes.flatMap { labelled("note", $0) }
    }

    private func labelled(_ label: String, _ text: String) -> [String] {
        let blanks = String(repeating: " ", count: 9 - label.count)
        return LineWrap.lines(ForeignText.line(text), width: width, first: label + blanks)
    }

    /// What is asked for and not there, or not known to be there.
    private func troubles(_ record: CheckRecord) -> [String] {
        let asked = record.checks.filter { $0.weight != .informative || $0.verdict == .conflict }
        let groups: [(title: String, isBrief: Bool, belongs: (CheckResult) -> Bool)] = [
            ("the options and the kernel disagree:", false, { $0.verdict == .conflict }),
            ("missing:", false, { $0.verdict == .unmet && $0.weight == .required }),
            ("refused:", false, { $0.verdict == .denied && $0.weight == .required }),
            ("unknown:", false, { $0.verdict == .unknown && $0.weight == .required }),
            ("missing, recommended:", !isVerbose, { $0.isLacking && $0.weight == .recommended }),
            ("missing, optional:", !isVerbose, { $0.isLacking && $0.weight == .optional }),
        ]
        var sections: [[String]] = []
        var told: Set<String> = []
        for group in groups {
            let members = asked.filter(group.belongs)
            guard !members.isEmpty else { continue }
            let section = TroubleText(width: width)
            let lines = group.isBrief ? section.brief(members, &told) : section.full(members)
            sections.append([style.heading(group.title)] + lines)
        }
        return Array(sections.joined(separator: [""]))
    }

    /// The counts, and how to see the rest.
    private func closing(_ record: CheckRecord, _ features: FeatureText) -> [String] {
        let counts = LineWrap.lines(CheckCounts(record).line, width: width, rest: "  ")
        guard !isVerbose else { return counts }
        let hint = "--verbose shows every option and feature\(features.summary.map { " (\($0))" } ?? "")"
        return counts + LineWrap.lines(hint, width: width, rest: "  ")
    }
}

extension CheckResult {
    /// Not there, or not granted.
    var isLacking: Bool { verdict == .unmet || verdict == .denied }
}

/// How many findings there are of each kind, of those that somebody asked for.
struct CheckCounts {
    /// The profile, the conclusion and the counts.
    let line: String

    /// Counts.
    init(_ record: CheckRecord) {
        let asked = record.checks.filter { $0.weight != .informative }
        var counts: [String] = []
        func add(_ words: String, _ count: (CheckResult) -> Bool) {
            let number = asked.count(where: count)
            if number > 0 { counts.append("\(number) \(words)") }
        }
        let isThere: (CheckResult) -> Bool = { $0.verdict == .met || $0.verdict == .metModule }
        // A feature that only the options promise is not one that was seen.
        add("met") { isThere($0) && ($0.wanted != nil || $0.isAnswered) }
        add("promised by the options") { isThere($0) && $0.wanted == nil && !$0.isAnswered }
        add("unmet") { $0.verdict == .unmet && $0.weight == .required }
        add("denied") { $0.verdict == .denied && $0.weight == .required }
        add("in conflict") { $0.verdict == .conflict }
        add("unknown") { $0.verdict == .unknown }
        add("recommended missing") { $0.isLacking && $0.weight == .recommended }
        add("optional missing") { $0.isLacking && $0.weight == .optional }
        add("not asked of this kernel") { $0.verdict == .notApplicable }
        let others = record.checks.count { $0.weight == .informative && $0.verdict == .conflict }
        if others > 0 { counts.append("\(others) in conflict that nobody asked for") }
        line = "\(ForeignText.line(record.profile)): \(record.conclusion.word): \(counts.joined(separator: ", "))"
    }
}
