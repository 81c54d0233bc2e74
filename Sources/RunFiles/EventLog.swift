public import Reporting
public import RunModel
import SampleRun
import Synchronization

/// The events of a run: kept, written to the journal and shown as they come.
public final class EventLog: Sendable {
    private struct State {
        var events: [RunEvent] = []
        var failure: (any Error)?
        var slow = SlowSamples()
    }

    private let journal: JournalFile
    /// Cells that were announced together, as `MACHINE SAMPLE`, and are not shown one by one.
    private let announced: Set<String>
    private let display: @Sendable (RunProgress.Change) -> Void
    private let onLoss: @Sendable () -> Void
    private let state = Mutex(State())
    private let start = ContinuousClock.now

    /// Creates a log.
    ///
    /// - Parameters:
    ///   - journal: Where the events are written.
    ///   - announced: Planned skips that were announced together, as `MACHINE SAMPLE`.
    ///   - display: Shows what happens, one call after another; it must not use the log.
    ///   - onLoss: Called once where the journal cannot be written: what is not recorded did not happen.
    public init(
        _ journal: JournalFile,
        announced: Set<String>,
        display: @escaping @Sendable (RunProgress.Change) -> Void,
        onLoss: @escaping @Sendable () -> Void
    ) {
        self.journal = journal
        self.announced = announced
        self.display = display
        self.onLoss = onLoss
    }

    /// Shows what is going on and no event tells.
    public func show(_ change: RunProgress.Change) { state.withLock { _ in display(change) } }

    /// Takes an event in.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - isShown: Whether it is news to who watches.
    public func add(_ event: RunEvent, isShown: Bool = true) {
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
            if isShown, !announced.contains(cell) { display(.event(event)) }
            guard state.failure == nil else { return }
            do {
                try journal.append(event)
            } catch {
                state.failure = error
                onLoss()
            }
        }
    }

    /// The samples that run for so long that it is time to say so again, as `MACHINE SAMPLE`, with the seconds.
    public func dueSlowSamples() -> [(name: String, seconds: Double)] {
        state.withLock { $0.slow.due(at: seconds).map { (name: $0.0, seconds: $0.1) } }
    }

    private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// All that has happened.
    public var events: [RunEvent] { state.withLock { $0.events } }
    /// Why the journal could not be written; `nil` where it could.
    public var failure: (any Error)? { state.withLock { $0.failure } }
}
