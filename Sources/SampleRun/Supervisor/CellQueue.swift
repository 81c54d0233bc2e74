import Synchronization

/// Cells that wait for a slot.
final class CellQueue: Sendable {
    private let state: Mutex<(cells: ArraySlice<RunPlan.Cell>, stopped: Bool)>

    init(_ cells: [RunPlan.Cell]) {
        state = Mutex((cells[...], false))
    }

    func next() -> RunPlan.Cell? {
        state.withLock { $0.stopped ? nil : $0.cells.popFirst() }
    }

    func stop() {
        state.withLock { $0.stopped = true }
    }

    var isStopped: Bool { state.withLock { $0.stopped } }
}
