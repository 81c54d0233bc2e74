import FileBytes
public import RunModel

/// The lines that tell of one finished sample while the run goes on, in the manner of cargo-nextest.
///
/// These are pure functions; who prints them, and whether a bar stands below, is not decided here.
public struct ProgressLine: Sendable {
    private let style: TerminalStyle

    /// Creates the writer of progress lines.
    ///
    /// - Parameter colour: Whether escape sequences may be written; plain text where it is false.
    public init(colour: Bool = false) {
        style = TerminalStyle(colour: colour)
    }

    /// `PASS [  1.503s] (12/65) host networking/sockex1`, and indented evidence for what is no plain pass.
    ///
    /// - Parameters:
    ///   - result: The sample's result.
    ///   - number: How many samples have ended with this one.
    ///   - total: How many were planned.
    /// - Returns: One line or more, without line ends. Control characters in foreign text come out escaped.
    public func lines(for result: SampleResult, number: Int, of total: Int) -> [String] {
        let seconds = secondsText(result.duration).leftPadded(to: 7)
        let count = "\(number)".leftPadded(to: "\(total)".count)
        let flaky = result.flakiness.map { " (\($0))" } ?? ""
        let cell = ForeignText.line("\(result.machine) \(result.sample)")
        let head = "\(style.paint(result.standing)) [\(seconds)s] (\(count)/\(total)) \(cell)\(flaky)"
        return [head] + evidence(of: result)
    }

    private func evidence(of result: SampleResult) -> [String] {
        var lines: [String] = []
        switch result.standing {
        case .pass: break
        case .unexpectedPass: lines.append("passed, although it was expected to fail")
        case .skip: lines.append(result.evidence)
        case .fail, .error, .miss, .expectedFail:
            lines.append((result.reason.map { "\($0.rawValue): " } ?? "") + result.evidence)
            lines += result.details.map { "| " + $0 }
        }
        lines += result.leaks.map { "LEAK: \($0.kind) \($0.subject)" }
        if result.control == .accepted {
            lines.append("the control run passed with the stimulus withheld: this oracle proves nothing")
        }
        return lines.map { "    " + ForeignText.line($0) }
    }
}
