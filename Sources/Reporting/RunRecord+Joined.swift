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
    /// Two runs as one, such as those of one kernel each: what both have is kept once, and nothing is lost.
    ///
    /// The identity is that of this run; the join has ended when both have.
    ///
    /// - Throws: ``JoinError`` where a result would have to win over another.
    public func joined(with other: RunRecord) throws(JoinError) -> RunRecord {
        var joined = self
        for machine in other.machines {
            if let index = joined.machines.firstIndex(where: { $0.id == machine.id }) {
                // The same kernel starts anew in each run.
                var (known, same) = (joined.machines[index], machine)
                (known.boot, same.boot) = (nil, nil)
                guard known == same else { throw .differentMachines(id: machine.id) }
                if let boot = machine.boot {
                    joined.machines[index].boot = joined.machines[index].boot?.joined(with: boot) ?? boot
                }
            } else {
                joined.machines.append(machine)
            }
        }
        let cells = Set(results.map { [$0.sample, $0.machine] })
        for result in other.results where cells.contains([result.sample, result.machine]) {
            throw .sameCell(sample: result.sample, machine: result.machine)
        }
        joined.results += other.results
        // A finding that names no machine is of its own record's first one, which may not be the first of the join.
        joined.checks = checks.map { $0.of(machine: $0.machine ?? machines.first?.id) }
        for check in other.checks.map({ $0.of(machine: $0.machine ?? other.machines.first?.id) })
        where !joined.checks.contains(check) {
            joined.checks.append(check)
        }
        joined.builds += other.builds.filter { !builds.contains($0) }
        joined.summary = Summary(of: joined.results)
        if let ended = run.ended, let otherEnded = other.run.ended {
            joined.run.ended = max(ended, otherEnded)
        } else {
            joined.run.ended = nil
        }
        return joined
    }
}
