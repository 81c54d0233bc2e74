import SampleKit
import Synchronization
import WorkerWire

/// Lanes of one machine that work at the same time, and the cells that they take from each other.
final class Crew: Sendable {
    let assignment: Supervisor.Assignment
    /// How many lanes there are.
    let size: Int
    private let firstNumber: Int
    private let makeLane: @Sendable (Int) -> any SampleLane
    private let cells: Mutex<ArraySlice<RunPlan.Cell>>

    /// Creates a crew; `nil` where it would have nothing to do.
    ///
    /// - Parameters:
    ///   - assignment: The machine and its plan.
    ///   - isAlone: Whether the cells are those that must run alone on this machine, one at a time, or all others.
    ///   - most: How many lanes there may be.
    ///   - makeLane: Makes a lane of a number.
    init?(
        _ assignment: Supervisor.Assignment,
        alone isAlone: Bool,
        most: Int,
        makeLane: @escaping @Sendable (Int) -> any SampleLane
    ) {
        let cells = assignment.plan.cells.filter { assignment.runsAlone($0) == isAlone }
        guard !cells.isEmpty else { return nil }
        self.assignment = assignment
        self.cells = Mutex(cells[...])
        self.makeLane = makeLane
        size = isAlone ? 1 : max(1, min(most, cells.count { $0.action == .run }))
        // No two lanes of a machine have one number: what the first leaves behind would be in the other's way.
        firstNumber = isAlone ? most : 0
    }

    /// The next cell that nobody has taken.
    func nextCell() -> RunPlan.Cell? { cells.withLock { $0.popFirst() } }

    /// Makes a lane, from 0 to ``size``.
    func lane(_ index: Int) -> any SampleLane { makeLane(firstNumber + index) }
}

extension Supervisor.Assignment {
    /// Whether something of it is to be run; saying that nothing can be run must need no rights.
    var isRunnable: Bool { plan.cells.contains { $0.action == .run } }

    /// Whether nothing else may run on the machine beside a cell.
    ///
    /// A virtual machine runs one sample at a time anyway.
    func runsAlone(_ cell: RunPlan.Cell) -> Bool {
        lanes.sharesKernel && cell.action == .run && cell.entry.manifest.runsAlone
    }
}
