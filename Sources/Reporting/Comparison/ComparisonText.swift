import FileBytes
public import RunModel

/// A comparison for a person at a terminal: regressions first, the counts in the last line.
public struct ComparisonText: ComparisonFormat {
    /// `text`.
    public let name = "text"
    private let style: TerminalStyle

    /// Creates the format.
    ///
    /// - Parameter colour: Whether escape sequences may be written; plain text where it is false.
    public init(colour: Bool = false) {
        style = TerminalStyle(colour: colour)
    }

    /// Renders a comparison of two checks; never throws.
    public func render(_ comparison: CheckComparison) -> String {
        render(ComparisonOutline(comparison), comparison.conclusion)
    }

    /// Renders a comparison of two runs; never throws.
    public func render(_ comparison: RunComparison) -> String {
        render(ComparisonOutline(comparison), comparison.conclusion)
    }

    private func render(_ outline: ComparisonOutline, _ conclusion: ComparisonConclusion) -> String {
        var lines = outline.sides.map { side in
            side.label + String(repeating: " ", count: 9 - side.label.count) + ForeignText.line(side.text)
        }
        for section in outline.sections {
            lines += ["", style.paint("\(section.title):", section.mood)]
            for entry in section.entries {
                lines.append("  \(ForeignText.line(entry.subject)): \(ForeignText.line(entry.change))")
                lines += entry.details.map { "    \(ForeignText.line($0))" }
            }
        }
        let mood: ComparisonOutline.Mood =
            switch conclusion {
            case .noRegression: .good
            case .regression: .bad
            case .inconclusive: .doubtful
            }
        return (lines + ["", style.paint(ForeignText.line(outline.summary), mood)]).joined(separator: "\n") + "\n"
    }
}

/// A comparison as GitHub's Markdown, for a job's summary or a pull request.
public struct ComparisonMarkdown: ComparisonFormat {
    /// `markdown`.
    public let name = "markdown"

    /// Creates the format.
    public init() {}

    /// Renders a comparison of two checks; never throws.
    public func render(_ comparison: CheckComparison) -> String {
        render(ComparisonOutline(comparison), comparison.conclusion)
    }

    /// Renders a comparison of two runs; never throws.
    public func render(_ comparison: RunComparison) -> String {
        render(ComparisonOutline(comparison), comparison.conclusion)
    }

    private func render(_ outline: ComparisonOutline, _ conclusion: ComparisonConclusion) -> String {
        var blocks = [
            ["# Comparison: \(conclusion.words)"],
            MarkdownText.table(["", "of"], outline.sides.map { [$0.label, MarkdownText.code($0.text)] }),
            // Counts and fixed words only.
            ["**\(outline.summary)**"],
        ]
        for section in outline.sections {
            let rows = section.entries.map { entry in
                [
                    MarkdownText.code(entry.subject), MarkdownText.code(entry.change),
                    entry.details.map(MarkdownText.code).joined(separator: "<br>"),
                ]
            }
            blocks += [["## \(section.title)"], MarkdownText.table(["what", "change", "evidence"], rows)]
        }
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }
}
