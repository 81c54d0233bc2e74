import FoundationEssentials
import RunFiles
import RunModel
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// The events of a run, with what is shown of them.
struct EventLogTests {
    private final class Counter: Sendable {
        private let state = Mutex((shown: 0, lost: 0))
        var shown: Int { state.withLock { $0.shown } }
        var lost: Int { state.withLock { $0.lost } }
        func show() { state.withLock { $0.shown += 1 } }
        func lose() { state.withLock { $0.lost += 1 } }
    }

    private func started(_ sample: String) -> RunEvent {
        .sampleStarted(PlannedSample(sample: sample, machine: "host", expected: .pass))
    }

    @Test func `an event is kept and written, and shown unless it was announced or is no news`() throws {
        let scratch = try ScratchFolder()
        let folder = try ResultsFolder(under: scratch.path.string, started: Date(timeIntervalSince1970: 0))
        let counter = Counter()
        let log = EventLog(
            try JournalFile(in: folder),
            announced: ["host a/announced"],
            display: { _ in counter.show() },
            onLoss: { counter.lose() }
        )
        log.add(started("a/announced"))
        log.add(started("a/plain"))
        log.add(.runEnded(at: "now", interrupted: false), isShown: false)
        #expect(counter.shown == 1 && counter.lost == 0 && log.failure == nil)
        #expect(log.events.count == 3 && log.dueSlowSamples().isEmpty)
        let text = try String(contentsOfFile: "\(folder.path)/journal.jsonl", encoding: .utf8)
        #expect(text.split(separator: "\n").count == 3)
    }
}
