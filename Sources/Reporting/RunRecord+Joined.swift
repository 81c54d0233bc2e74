import FileBytes
public import RunModel

/// Why runs cannot be shown as one.
public enum JoinError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Two runs hold the same sample on the same machine.
    case sameCell(sample: String, machine: String)
    /// Two runs call different kernels by one name.
    case differentMachines(id: String)

    /// What clashes, and what to do about it.
    public var description: String {
        switch self {
        case .sameCell(let sample, let machine):
            "both hold '\(ForeignText.line(sample))' on '\(ForeignText.line(machine))'; report them one by one"
        case .differentMachines(let id):
            "'\(ForeignText.line(id))' is another kernel in each; report them one by one"
        }
    }
}

extension RunRecord {
    /// Two runs as one; see ``RunJoin``.
    ///
    /// - Throws: ``JoinError`` where a result would have to win over another.
    public func joined(with other: RunRecord) throws(JoinError) -> RunRecord {
        var join = RunJoin(self)
        try join.add(other)
        return join.record
    }
}

/// Several runs as one, such as those of one kernel each: what all have is kept once, and nothing is lost.
///
/// The identity is that of the first run; the join has ended when all have.
public struct RunJoin: Sendable {
    private var joined: RunRecord
    private var machines: [String: Int]
    private var cells: Set<Cell>
    private var checks: Set<CheckResult>
    private var builds: Set<BuildResult>

    private struct Cell: Hashable {
        var sample: String
        var machine: String
    }

    /// Begins with a run.
    public init(_ record: RunRecord) {
        joined = record
        machines = Dictionary(record.machines.enumerated().map { ($1.id, $0) }) { first, _ in first }
        cells = Set(record.results.map { Cell(sample: $0.sample, machine: $0.machine) })
        // A finding that names no machine is of its own record's first one, which may not be the first of the join.
        joined.checks = record.checks.map { $0.of(machine: $0.machine ?? record.machines.first?.id) }
        checks = Set(joined.checks)
        builds = Set(record.builds)
    }

    /// The runs so far as one.
    public var record: RunRecord {
        var record = joined
        record.summary = RunRecord.Summary(of: record.results)
        return record
    }

    /// Adds a run; the work grows with that run alone.
    ///
    /// - Throws: ``JoinError`` where a result would have to win over another.
    public mutating func add(_ other: RunRecord) throws(JoinError) {
        for machine in other.machines { try add(machine) }
        let theirs = other.results.map { Cell(sample: $0.sample, machine: $0.machine) }
        if let cell = theirs.first(where: cells.contains) {
            throw .sameCell(sample: cell.sample, machine: cell.machine)
        }
        cells.formUnion(theirs)
        joined.results += other.results
        for check in other.checks.map({ $0.of(machine: $0.machine ?? other.machines.first?.id) })
        where checks.insert(check).inserted {
            joined.checks.append(check)
        }
        for build in other.builds where builds.insert(build).inserted { joined.builds.append(build) }
        if let ended = joined.run.ended, let otherEnded = other.run.ended {
            joined.run.ended = max(ended, otherEnded)
        } else {
            joined.run.ended = nil
        }
    }

    private mutating func add(_ machine: Machine) throws(JoinError) {
        guard let index = machines[machine.id] else {
            machines[machine.id] = joined.machines.count
            joined.machines.append(machine)
            return
        }
        // The same kernel starts anew in each run.
        var (known, same) = (joined.machines[index], machine)
        (known.boot, same.boot) = (nil, nil)
        guard known == same else { throw .differentMachines(id: machine.id) }
        if let boot = machine.boot {
            joined.machines[index].boot = joined.machines[index].boot?.joined(with: boot) ?? boot
        }
    }
}
