import FileBytes
public import RunModel

/// What `check --fix` prints: the lines of a config that are missing, and what no such line brings.
public struct FixAdvice: Sendable, Hashable {
    /// The lines, for `scripts/kconfig/merge_config.sh`; what they do not mend stands in comments below them.
    public let fragment: String
    /// What the lines do not mend and what does, for standard error; `nil` where they are all that is needed.
    public let message: String?

    /// Looks for what lines of a config do not mend.
    ///
    /// - Parameters:
    ///   - record: The check.
    ///   - lines: The lines that are missing; empty where none are.
    public init(of record: CheckRecord, beside lines: String) {
        let rest: [String] =
            switch record.conclusion {
            case .met: []
            case .unmet: Obstacles(record.checks.filter(\.isFailure)).beyondOptions
            case .inconclusive, .conflict: [CheckAnswer(of: record).sentence]
            }
        guard !rest.isEmpty else {
            fragment = lines
            message = nil
            return
        }
        let text = ForeignText.line(rest.joined(separator: "; "))
        fragment = lines + "# No line of a config mends this: \(text)\n"
        message = lines.isEmpty ? "no fragment helps: \(text)" : "the fragment does not mend everything: \(text)"
    }
}
