import Glibc
import Reporting
import RunModel

/// Tells of a run on standard error: a line an event, and on a terminal a line below that says what runs.
struct ProgressDisplay {
    private let lines: ProgressLine
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let total: Int
    private var ended = 0
    private var running: [String] = []

    /// Creates a display for a run of so many samples.
    init(total: Int, colour: Bool) {
        self.total = total
        lines = ProgressLine(colour: colour)
    }

    /// Tells of an event.
    mutating func show(_ event: RunEvent) {
        var text = ""
        let before = running
        switch event {
        case .built(let result) where result.verdict != .pass:
            text += "\(result.verdict.rawValue.uppercased()) building \(result.object)\n"
            text += result.diagnostics.map { "    \(ForeignText.line($0))\n" }.joined()
        case .sampleStarted(let cell):
            running.append(cell.sample)
        case .sampleEnded(let result):
            ended += 1
            running.removeAll { $0 == result.sample }
            text += lines.lines(for: result, number: ended, of: total).map { "\($0)\n" }.joined()
        case .runStarted, .checked, .built, .guestStarted, .runEnded:
            break
        }
        guard !text.isEmpty || running != before else { return }
        if isTerminal {
            // The line below the results is written anew at each change.
            text = "\r\u{1b}[K" + text
            if !running.isEmpty { text += "  \(ended)/\(total) running: \(running.joined(separator: ", "))" }
        }
        if !text.isEmpty { Console.say(text: text) }
    }
}
