import Glibc
import LinuxHost
import Reporting

/// Shows a run on standard error: one line per event, and what is going on in a line below, on a terminal all the time and
/// elsewhere when there was nothing else to tell for a while.
struct ProgressDisplay {
    private var progress: RunProgress
    private let isLive: Bool

    /// Creates a display for a run of so many samples.
    init(total: Int, repetitions: Int, colour: Bool) {
        isLive = Console.abilities(of: STDERR_FILENO).movesCursor
        progress = RunProgress(
            total: total,
            repetitions: repetitions,
            colour: colour,
            sparseAfter: isLive ? nil : 10
        )
    }

    /// Shows a change.
    mutating func show(_ change: RunProgress.Change) {
        let update = progress.take(change, at: Double(Deadline.now) / 1e9)
        if isLive {
            Console.say(text: update.lines, above: update.now.isEmpty ? "" : "  \(update.now)")
        } else if !update.lines.isEmpty {
            Console.say(text: update.lines)
        }
    }
}
