import CommandInput
import Dispatch
import Glibc
import Reporting
import RunModel
import SampleRun
import Synchronization

/// The events of a run: kept, written to the journal and shown as they come.
final class EventLog: Sendable {
    private struct State {
        var events: [RunEvent] = []
        var display: ProgressDisplay
        var failure: (any Error)?
        var slow = SlowSamples()
    }

    private let journal: JournalFile
    private let verbosity: Verbosity
    /// Cells that were announced together, as `MACHINE SAMPLE`, and are not shown one by one.
    private let announced: Set<String>
    private let state: Mutex<State>
    private let start = ContinuousClock.now

    /// Creates a log.
    ///
    /// - Parameters:
    ///   - journal: Where the events are written.
    ///   - total: How many samples were planned.
    ///   - repetitions: How often each is to run.
    ///   - announced: Planned skips that were announced together, as `MACHINE SAMPLE`.
    ///   - talk: Whether events are shown, and in what colours.
    init(_ journal: JournalFile, total: Int, repetitions: Int, announced: Set<String>, _ talk: TalkOptions) {
        self.journal = journal
        self.announced = announced
        verbosity = talk.verbosity
        let display = ProgressDisplay(
            total: total - announced.count,
            repetitions: repetitions,
            colour: talk.usesColour(on: STDERR_FILENO)
        )
        state = Mutex(State(display: display))
    }

    /// Shows what is going on and no event tells.
    func show(_ change: RunProgress.Change) {
        guard verbosity > .quiet else { return }
        state.withLock { $0.display.show(change) }
    }

    /// Takes an event in.
    ///
    /// A journal that cannot be written ends the run: what is not recorded did not happen.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - isShown: Whether it is news to who watches.
    func add(_ event: RunEvent, isShown: Bool = true) {
        state.withLock { state in
            state.events.append(event)
            var cell = ""
            switch event {
            case .sampleStarted(let planned):
                cell = "\(planned.machine) \(planned.sample)"
                state.slow.start(cell, at: seconds)
            case .sampleEnded(let result):
                cell = "\(result.machine) \(result.sample)"
                state.slow.end(cell)
            default: break
            }
            if isShown, verbosity > .quiet, !announced.contains(cell) { state.display.show(.event(event)) }
            guard state.failure == nil else { return }
            do {
                try journal.append(event)
            } catch {
                state.failure = error
                InterruptionPipe.raise()
            }
        }
    }

    /// Says of samples that run for long that they do, until the returned timer is cancelled.
    func watchSlowSamples() -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + 1, repeating: 1)
        timer.setEventHandler { [self] in
            let due = state.withLock { $0.slow.due(at: seconds) }
            guard verbosity > .quiet else { return }
            // On a terminal the line below the results goes; the next event writes it again.
            let start = isatty(STDERR_FILENO) == 1 ? "\r\u{1b}[K" : ""
            for (name, seconds) in due { Console.say("\(start)SLOW [> \(Int(seconds)) s] \(name)") }
        }
        timer.resume()
        return timer
    }

    private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    var events: [RunEvent] { state.withLock { $0.events } }
    var failure: (any Error)? { state.withLock { $0.failure } }
}
