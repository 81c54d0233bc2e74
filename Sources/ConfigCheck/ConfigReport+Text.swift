import RunModel

extension ConfigReport {
    /// The report for a person: where it comes from, a table with the missing first, what that blocks, and a summary.
    ///
    /// - Parameter colour: Whether to colour verdicts with ANSI escapes; nothing else in the text is one.
    /// - Returns: Lines without trailing blanks, the last of them the summary.
    public func text(colour: Bool) -> String {
        let sections = [heading, table(colour: colour), missing, unknown, summary]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private var heading: [String] {
        let trust = isTrusted && identity == .unknown ? "judged for itself" : identity.rawValue
        var lines = ["config   \(printable(source, limit: 200)) (\(trust))"]
        if let kernel { lines.append("kernel   \(kernel)") }
        return lines + ["profile  \(printable(profile))"]
    }

    private func table(colour: Bool) -> [String] {
        let rows = findings.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map { row($0.element) }
        let header = ["OPTION", "WANTED", "FOUND", "VERDICT", "NOTE"]
        // The last column is not padded, so that no line ends in blanks.
        let widths = header.indices.dropLast().map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([header] + rows).map { cells in
            let padded = zip(cells, widths).enumerated().map { column, cell in
                let text = cell.0 + String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 3 && colour ? coloured(text, cell.0) : text
            }
            let line = padded.joined(separator: "  ")
            return cells[4].isEmpty ? trimmed(line) : "\(line)  \(cells[4])"
        }
    }

    private func row(_ finding: ConfigFinding) -> [String] {
        let requirement = finding.requirement
        let notes =
            (requirement.isOptional ? [requirement.weight.rawValue] : []) + requirement.purposes.map { "for \($0)" }
            + (requirement.versions.map { ["for Linux \($0)"] } ?? [])
        let verdict = finding.result.verdict.rawValue
        return [
            requirement.option, requirement.wanted.shown, shortened(finding.found), verdict,
            notes.joined(separator: ", "),
        ]
    }

    /// What fails comes first, then what nobody knows, then what is missing and fails nothing.
    private func rank(_ finding: ConfigFinding) -> Int {
        switch finding.result.verdict {
        case .unmet, .denied, .conflict:
            switch finding.requirement.weight {
            case .required: 0
            case .recommended: 2
            case .optional, .informative: 3
            }
        case .unknown: 1
        case .met, .metModule: 4
        case .notApplicable: 5
        }
    }

    private var missing: [String] {
        let lines = (unmet + missingOptional).flatMap { finding in
            let requirement = finding.requirement
            let kind = requirement.isOptional ? "blocks (\(requirement.weight.rawValue))" : "blocks"
            let lines = [
                "  " + shown(requirement.configLine),
                "    \(kind): \(requirement.blocked(in: profile))",
                "    found: " + shown(finding.result.evidence.first ?? "nothing"),
            ]
            let reasons = finding.reasons.map { "    because: " + shown($0) }
            guard let remedy = finding.result.remedy else {
                return lines + reasons + ["    remedy: none; no config line brings it"]
            }
            return remedy == requirement.configLine
                ? lines + reasons
                : lines + reasons + ["    remedy: " + shown(remedy.split(separator: "\n").joined(separator: " "))]
        }
        return lines.isEmpty ? [] : ["missing:"] + lines
    }

    private var unknown: [String] {
        let unknown = findings.filter { $0.result.verdict == .unknown }
        guard let first = unknown.first else { return [] }
        var lines = ["unknown:"]
        guard isTrusted else {
            // Without a trusted config all findings have the same reason, and once is enough.
            return lines + first.result.evidence.map { "  \(shown($0))" }
        }
        for finding in unknown {
            lines.append("  \(shown(finding.requirement.configLine))")
            lines += finding.result.evidence.map { "    \(shown($0))" }
            if let remedy = finding.result.remedy { lines.append("    remedy: \(remedy)") }
        }
        return lines
    }

    /// Evidence holds a path, and whoever named the file chose its bytes.
    private func shown(_ evidence: String) -> String { printable(evidence, limit: 300) }

    private var summary: [String] {
        var counts: [String] = []
        func add(_ count: Int, _ words: String) {
            if count > 0 { counts.append("\(count) \(words)") }
        }
        let verdicts = findings.map(\.result.verdict)
        add(verdicts.count { $0 == .met || $0 == .metModule }, "met")
        add(unmet.count, "unmet")
        add(verdicts.count { $0 == .unknown }, "unknown")
        for weight in [CheckResult.Weight.recommended, .optional] {
            add(missingOptional.count { $0.requirement.weight == weight }, "\(weight.rawValue) missing")
        }
        add(verdicts.count { $0 == .notApplicable }, "not asked of this kernel")
        return ["\(printable(profile)): \(conclusion.word): \(counts.joined(separator: ", "))"]
    }

    private func coloured(_ padded: String, _ verdict: String) -> String {
        let colour =
            switch CheckVerdict(rawValue: verdict) {
            case .met, .metModule: "32"
            case .unmet, .denied, .conflict: "31"
            case .unknown: "33"
            case .notApplicable: "2"
            case nil: "0"  // the column's title
            }
        return "\u{1b}[\(colour)m\(padded)\u{1b}[0m"
    }

    private func shortened(_ text: String) -> String {
        text.count > 24 ? text.prefix(23) + "…" : text
    }

    private func trimmed(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension KernelConfig.Value {
    /// The value for a table's cell.
    fileprivate var shown: String { printable(text, limit: 24) }
}
