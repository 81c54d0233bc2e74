import FileBytes
public import RunModel

/// What is shown of a run while it goes on: lines that stay, and one that says what is going on now.
///
/// A pure state machine: it reads no clock and no terminal.
public struct RunProgress: Sendable {
    /// Something that happened.
    public enum Change: Sendable {
        /// An event of the run.
        case event(RunEvent)
        /// So many kern objects are going to be built.
        case building(Int)
        /// A try at a sample began.
        case trying(sample: String, machine: String, isControl: Bool)
    }

    /// What to show after a change.
    public struct Update: Sendable, Hashable {
        /// Lines that stay, each with its end; empty for none.
        public var lines: String
        /// What is going on now; empty where there is nothing to say.
        public var now: String
    }

    private let line: ProgressLine
    private let total: Int
    private let repetitions: Int
    private let sparseAfter: Double?
    private var ended = 0
    private var running: [Running] = []
    private var objects: (built: Int, total: Int) = (0, 0)
    /// When the last line was told, or else the first change.
    private var lastLine: Double?

    private struct Running {
        var sample: String
        var machine: String
        var tries = 0
        var isControl = false
    }

    /// Creates the teller of a run.
    ///
    /// - Parameters:
    ///   - total: How many samples are planned.
    ///   - repetitions: How often each of them runs.
    ///   - colour: Whether escape sequences for colours may be written.
    ///   - sparseAfter: After how many seconds without a line what is going on becomes one; `nil` where it is shown all the
    ///     time, as on a terminal.
    public init(total: Int, repetitions: Int = 1, colour: Bool = false, sparseAfter: Double? = nil) {
        line = ProgressLine(colour: colour)
        self.total = total
        self.repetitions = repetitions
        self.sparseAfter = sparseAfter
    }

    /// Takes a change in.
    ///
    /// - Parameters:
    ///   - change: What happened.
    ///   - seconds: When, on a clock that never goes back.
    /// - Returns: What to show now.
    public mutating func take(_ change: Change, at seconds: Double) -> Update {
        var lines = ""
        let begin = lastLine ?? seconds
        lastLine = begin
        switch change {
        case .building(let count): objects = (0, count)
        case .trying(let sample, let machine, let isControl):
            guard let index = running.firstIndex(where: { $0.sample == sample && $0.machine == machine }) else { break }
            running[index].tries += isControl ? 0 : 1
            running[index].isControl = isControl
        case .event(let event): lines = take(event)
        }
        if lines.isEmpty, let sparseAfter, seconds - begin >= sparseAfter, !now.isEmpty { lines = "\(now)\n" }
        if !lines.isEmpty { lastLine = seconds }
        return Update(lines: lines, now: now)
    }

    private mutating func take(_ event: RunEvent) -> String {
        switch event {
        case .built(let result):
            objects.built += 1
            guard result.verdict != .pass else { return "" }
            return "\(result.verdict.rawValue.uppercased()) building \(ForeignText.line(result.object))\n"
                + result.diagnostics.map { "    \(ForeignText.line($0))\n" }.joined()
        case .sampleStarted(let cell):
            objects = (0, 0)
            running.append(Running(sample: cell.sample, machine: cell.machine))
            return ""
        case .sampleEnded(let result):
            // A second result of a cell says what happened after the first: it ends nothing more.
            if let index = running.firstIndex(where: { $0.sample == result.sample && $0.machine == result.machine }) {
                running.remove(at: index)
                ended += 1
            }
            return line.lines(for: result, number: ended, of: total).map { "\($0)\n" }.joined()
        case .runEnded:
            running = []
            return ""
        case .runStarted, .checked, .guestStarted: return ""
        }
    }

    private var now: String {
        if objects.total > objects.built { return "building kern objects: \(objects.built)/\(objects.total)" }
        if running.isEmpty { return "" }
        return "\(ended)/\(total) running: " + running.map(words).joined(separator: ", ")
    }

    private func words(_ running: Running) -> String {
        if running.isControl { return "\(running.sample) (control run)" }
        if repetitions > 1, (1...repetitions).contains(running.tries) {
            return "\(running.sample) (repeat \(running.tries)/\(repetitions))"
        }
        return running.tries > 1 ? "\(running.sample) (try \(running.tries))" : running.sample
    }
}
