public import RunModel

/// A check for a person: what is missing comes first, grouped by what that blocks, each with the lines that mend it.
///
/// The last line sums up and begins with the profile.
public struct CheckText: CheckFormat {
    /// `text`.
    public let name = "text"
    private let style: TerminalStyle
    private let showsHelpers: Bool

    /// Creates the format.
    ///
    /// - Parameters:
    ///   - colour: Whether escape sequences may be written; plain text where it is false.
    ///   - helpers: Whether to count the helpers of each program type in a table.
    public init(colour: Bool = false, helpers: Bool = false) {
        style = TerminalStyle(colour: colour)
        showsHelpers = helpers
    }

    /// Renders a check; never throws.
    ///
    /// No line ends in blanks.
    public func render(_ record: CheckRecord) -> String {
        let features = FeatureText(record, style)
        let sections = [
            heading(record), troubles(record), features.lines, options(record),
            showsHelpers ? record.probe.map { HelperTable($0).lines } ?? [] : [], [summary(record)],
        ]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private func heading(_ record: CheckRecord) -> [String] {
        let isNamed = record.identity == .unknown && record.source != "none"
        var lines = [
            "config   \(ForeignText.line(record.source)) (\(isNamed ? "judged for itself" : record.identity.rawValue))"
        ]
        if let kernel = record.kernel { lines.append("kernel   \(ForeignText.line(kernel))") }
        lines.append("profile  \(ForeignText.line(record.profile))")
        if !record.host.isEmpty {
            let settings = record.host.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append("host     \(ForeignText.line(settings.joined(separator: ", ")))")
        }
        return lines + record.notes.map { "note     \(ForeignText.line($0))" }
    }

    /// What is asked for and not there, or not known to be there.
    private func troubles(_ record: CheckRecord) -> [String] {
        let asked = record.checks.filter { $0.weight != .informative || $0.verdict == .conflict }
        let groups: [(String, (CheckResult) -> Bool)] = [
            ("the options and the kernel disagree:", { $0.verdict == .conflict }),
            ("missing:", { $0.verdict == .unmet && $0.weight == .required }),
            ("refused:", { $0.verdict == .denied && $0.weight == .required }),
            ("unknown:", { $0.verdict == .unknown && $0.weight == .required }),
            ("missing, recommended:", { $0.isLacking && $0.weight == .recommended }),
            ("missing, optional:", { $0.isLacking && $0.weight == .optional }),
        ]
        var sections: [[String]] = []
        for (title, belongs) in groups {
            let members = asked.filter(belongs)
            guard !members.isEmpty else { continue }
            sections.append([style.heading(title)] + blocked(members, in: record))
        }
        return Array(sections.joined(separator: [""]))
    }

    /// Findings under what their absence blocks, in the order in which that comes up.
    private func blocked(_ checks: [CheckResult], in record: CheckRecord) -> [String] {
        var order: [String] = []
        var groups: [String: [CheckResult]] = [:]
        for check in checks {
            let key = check.blocks.isEmpty ? "what the profile asks for" : check.blocks.joined(separator: "; ")
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(check)
        }
        return order.flatMap { key -> [String] in
            let members = groups[key] ?? []
            // Without a config to believe all have the same reason, and once is enough.
            let shared = Set(members.map(\.evidence)).count == 1 && members.count > 1 ? members.first?.evidence : nil
            let entries = members.flatMap { entry($0, evidence: shared == nil ? $0.evidence : []) }
            return ["  for \(ForeignText.line(key))"] + entries
                + (shared ?? []).map { "      \(ForeignText.line($0))" }
        }
    }

    private func entry(_ check: CheckResult, evidence: [String]) -> [String] {
        let subject = check.wanted.map { check.feature.configLine(wanted: $0) } ?? check.feature
        var lines = ["    " + ForeignText.line(subject)] + evidence.map { "      \(ForeignText.line($0))" }
        guard let remedy = check.remedy else {
            if check.verdict == .unmet, check.wanted != nil { lines.append("      no line of a config brings it") }
            return lines
        }
        guard remedy != subject else { return lines }
        // A line for each option, so that they can be copied as they stand.
        lines.append("      remedy:")
        lines += remedy.split(separator: "\n").map { "        \(ForeignText.line(String($0)))" }
        return lines
    }

    /// The options, and the features that somebody asked for, as a table: what fails first.
    private func options(_ record: CheckRecord) -> [String] {
        let options = record.checks.filter { $0.wanted != nil || $0.weight != .informative }
        guard !options.isEmpty else { return [] }
        let title = options.contains { $0.wanted == nil } ? "OPTION OR FEATURE" : "OPTION"
        let rows = options.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
            .map { pair -> [String] in
                let check = pair.element
                let weight = check.weight == .required ? [] : [check.weight.rawValue]
                return [
                    ForeignText.line(check.feature), shortened(check.wanted ?? "yes"), shortened(check.answer),
                    check.verdict.rawValue,
                    ForeignText.line((weight + check.blocks.map { "for \($0)" }).joined(separator: ", ")),
                ]
            }
        return TextTable([title, "WANTED", "FOUND", "VERDICT", "NOTE"], rows).lines { column, cell, padded in
            column == 3 ? CheckVerdict(rawValue: cell).map { style.paint(padded, $0) } ?? padded : padded
        }
    }

    private func summary(_ record: CheckRecord) -> String {
        let asked = record.checks.filter { $0.weight != .informative }
        var counts: [String] = []
        func add(_ words: String, _ count: (CheckResult) -> Bool) {
            let number = asked.count(where: count)
            if number > 0 { counts.append("\(number) \(words)") }
        }
        add("met") { $0.verdict == .met || $0.verdict == .metModule }
        add("unmet") { $0.verdict == .unmet && $0.weight == .required }
        add("denied") { $0.verdict == .denied && $0.weight == .required }
        add("in conflict") { $0.verdict == .conflict }
        add("unknown") { $0.verdict == .unknown }
        add("recommended missing") { $0.isLacking && $0.weight == .recommended }
        add("optional missing") { $0.isLacking && $0.weight == .optional }
        add("not asked of this kernel") { $0.verdict == .notApplicable }
        let others = record.checks.count { $0.weight == .informative && $0.verdict == .conflict }
        if others > 0 { counts.append("\(others) in conflict that nobody asked for") }
        return "\(ForeignText.line(record.profile)): \(record.conclusion.word): \(counts.joined(separator: ", "))"
    }

    private func shortened(_ text: String) -> String {
        let line = ForeignText.line(text)
        return line.count > 24 ? line.prefix(23) + "…" : line
    }
}

extension CheckResult {
    /// Not there, or not granted.
    fileprivate var isLacking: Bool { verdict == .unmet || verdict == .denied }

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

extension String {
    /// The line of a config that gives this option a value.
    fileprivate func configLine(wanted: String) -> String {
        wanted == "not set" ? "# \(self) is not set" : "\(self)=\(wanted)"
    }
}
