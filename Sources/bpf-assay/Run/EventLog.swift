import Reporting
import RunModel
import Synchronization

/// The events of a run: kept, written to the journal and shown as they come.
final class EventLog: Sendable {
    private struct State {
        var events: [RunEvent] = []
        var display: ProgressDisplay
        var failure: (any Error)?
    }

    private let journal: JournalFile
    private let state: Mutex<State>

    init(_ journal: JournalFile, total: Int, repetitions: Int) {
        self.journal = journal
        state = Mutex(State(display: ProgressDisplay(total: total, repetitions: repetitions)))
    }

    /// Shows what is going on and no event tells.
    func show(_ change: RunProgress.Change) { state.withLock { $0.display.show(change) } }

    /// Takes an event in.
    ///
    /// A journal that cannot be written ends the run: what is not recorded did not happen.
    func add(_ event: RunEvent) {
        state.withLock { state in
            state.events.append(event)
            state.display.show(.event(event))
            guard state.failure == nil else { return }
            do {
                try journal.append(event)
            } catch {
                state.failure = error
                InterruptionPipe.raise()
            }
        }
    }

    var events: [RunEvent] { state.withLock { $0.events } }
    var failure: (any Error)? { state.withLock { $0.failure } }
}
