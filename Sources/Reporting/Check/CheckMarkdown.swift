public import RunModel

/// A check as GitHub's Markdown, for a job's summary or an issue: what is missing first, what is there folded away.
public struct CheckMarkdown: CheckFormat {
    /// `markdown`.
    public let name = "markdown"

    /// The most rows of a table of what fails nothing; GitHub refuses a job's summary of more than 1 MiB.
    private static let rowLimit = 500

    /// Creates the format.
    public init() {}

    /// Renders a check; never throws.
    public func render(_ record: CheckRecord) -> String {
        let checks = CheckGroup.groups(of: record).flatMap(\.checks)
        func standing(_ standing: CheckStanding) -> [CheckResult] { checks.filter { $0.standing == standing } }
        var blocks = [
            ["# eBPF check: \(record.conclusion.word)"], [MarkdownText.code(CheckAnswer(of: record).sentence)],
            about(record), [sentence(checks)],
        ]
        blocks += section("Missing or refused", standing(.failure))
        blocks += section("Not known, or in conflict", standing(.error))
        blocks += section("Not there, and not required", standing(.skip).filter { $0.verdict != .notApplicable })
        blocks += folded("Not asked of this kernel", standing(.skip).filter { $0.verdict == .notApplicable })
        blocks += folded("There", standing(.pass))
        blocks += helpers(record.probe)
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private func about(_ record: CheckRecord) -> [String] {
        MarkdownText.table(
            ["config", "kernel", "profile"],
            [
                [
                    "\(MarkdownText.code(record.source)) (\(record.identity.rawValue))",
                    MarkdownText.code(record.kernel ?? "unknown"), MarkdownText.code(record.profile),
                ]
            ]
        )
    }

    private func sentence(_ checks: [CheckResult]) -> String {
        let counts = CheckStanding.allCases.map { standing in checks.count { $0.standing == standing } }
        return "**\(counts[0]) there, \(counts[1]) missing or refused, \(counts[2]) not known or in conflict, "
            + "\(counts[3]) not required.**"
    }

    private func section(_ title: String, _ checks: [CheckResult]) -> [[String]] {
        checks.isEmpty ? [] : [["## \(title)"], table(checks), overflow(checks)]
    }

    /// GitHub renders a table inside of `details` only between empty lines.
    private func folded(_ title: String, _ checks: [CheckResult]) -> [[String]] {
        checks.isEmpty
            ? []
            : [
                ["<details><summary>\(title): \(checks.count)</summary>"], table(checks), overflow(checks),
                ["</details>"],
            ]
    }

    private func table(_ checks: [CheckResult]) -> [String] {
        let kept = kept(checks)
        let hasBlocks = kept.contains { !$0.blocks.isEmpty }
        let hasRemedy = kept.contains { $0.remedy != nil }
        let heading = ["feature", "level", "weight", "verdict", "evidence"]
        return MarkdownText.table(
            heading + (hasBlocks ? ["blocks"] : []) + (hasRemedy ? ["remedy"] : []),
            kept.map { check in
                [
                    MarkdownText.code(check.feature), check.level.rawValue, check.weight.rawValue,
                    check.verdict.rawValue, lines(check.evidence),
                ] + (hasBlocks ? [lines(check.blocks)] : []) + (hasRemedy ? [lines(check.remedies)] : [])
            }
        )
    }

    /// Whatever fails the check is shown, however much it is.
    private func kept(_ checks: [CheckResult]) -> ArraySlice<CheckResult> {
        checks.contains { $0.standing == .failure || $0.standing == .error }
            ? checks[...] : checks.prefix(Self.rowLimit)
    }

    /// Lines of code in one cell.
    private func lines(_ texts: [String]) -> String { texts.map(MarkdownText.code).joined(separator: "<br>") }

    private func overflow(_ checks: [CheckResult]) -> [String] {
        let rest = checks.count - kept(checks).count
        return rest > 0 ? ["and \(rest) more; the JSON has all of them"] : []
    }

    private func helpers(_ probe: ProbeReport?) -> [[String]] {
        let columns = (probe?.helpers ?? []).filter { $0.notAskedBecause == nil }
        let rows = columns.prefix(Self.rowLimit).map { column in
            [MarkdownText.code(column.title)]
                + [column.supported, column.sleepableOnly, column.absent].map { "\($0.count)" }
                + ["\(column.inconclusive.count)", "\(column.notAsked.count)"]
        }
        return rows.isEmpty
            ? []
            : [
                ["<details><summary>Helpers by program type: \(columns.count)</summary>"],
                MarkdownText.table(
                    ["program type", "supported", "only if it may sleep", "absent", "not known", "not asked"],
                    Array(rows)
                ), ["</details>"],
            ]
    }
}
