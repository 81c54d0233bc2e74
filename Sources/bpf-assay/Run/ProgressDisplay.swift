import CommandInput
import Dispatch
import Glibc
import LinuxHost
import Reporting
import RunFiles
import Synchronization

/// Shows a run on standard error: one line per event, and what is going on in a line below, on a terminal all the time and
/// elsewhere when there was nothing else to tell for a while.
final class ProgressDisplay: Sendable {
    private let progress: Mutex<RunProgress>
    private let isLive: Bool
    private let isQuiet: Bool

    /// Creates a display for a run of so many samples.
    init(total: Int, repetitions: Int, _ talk: TalkOptions) {
        let isLive = Console.abilities(of: STDERR_FILENO).movesCursor
        self.isLive = isLive
        isQuiet = talk.verbosity <= .quiet
        progress = Mutex(
            RunProgress(
                total: total,
                repetitions: repetitions,
                colour: talk.usesColour(on: STDERR_FILENO),
                sparseAfter: isLive ? nil : 10
            )
        )
    }

    /// Shows a change.
    func show(_ change: RunProgress.Change) {
        guard !isQuiet else { return }
        progress.withLock { progress in
            let update = progress.take(change, at: Double(Deadline.now) / 1e9)
            if isLive {
                Console.say(text: update.lines, above: update.now.isEmpty ? "" : "  \(update.now)")
            } else if !update.lines.isEmpty {
                Console.say(text: update.lines)
            }
        }
    }

    /// Says of samples that run for long that they do, until the returned timer is cancelled.
    func watchSlowSamples(of log: EventLog) -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + 1, repeating: 1)
        timer.setEventHandler { [self] in
            let due = log.dueSlowSamples()
            guard !isQuiet else { return }
            // On a terminal the line below the results goes; the next event writes it again.
            let start = isatty(STDERR_FILENO) == 1 ? "\r\u{1b}[K" : ""
            for (name, seconds) in due { Console.say("\(start)SLOW [> \(Int(seconds)) s] \(name)") }
        }
        timer.resume()
        return timer
    }
}
