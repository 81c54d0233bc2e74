import RunModel

/// What the help of a subcommand says below its usage, in the same order and form for all.
///
/// - Parameters:
///   - text: What the subcommand does, in paragraphs.
///   - examples: Command lines.
///   - table: What its exit codes mean.
/// - Returns: The discussion.
func helpText(_ text: String, examples: String, exits table: ExitTable) -> String {
    let lines = examples.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    return "\(text)\n\nEXAMPLES\n\(lines)\n\n\(table.help)"
}
