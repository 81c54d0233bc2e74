/// The exit codes of `bpf-assay`.
public enum ExitStatus: Int32, Sendable, CaseIterable {
    /// At least one pass, and nothing worse than a skip.
    case passed = 0
    /// A FAIL.
    case failed = 1
    /// No FAIL, but an ERROR or a MISS.
    case broken = 2
    /// Nothing was selected.
    case nothingSelected = 3
    /// Everything was skipped.
    case allSkipped = 4
    /// The command line or an input is wrong.
    case usage = 64
    /// The harness could not do its work.
    case unavailable = 69
}

extension RunRecord {
    /// What `bpf-assay run` exits with for this record.
    ///
    /// An expected failure (`expected: fail`) that did fail counts as a skip would: it neither passes nor fails the run.
    public var exitStatus: ExitStatus { status { _ in false } }

    /// What `bpf-assay run --baseline` exits with for this record.
    ///
    /// A failure that the baseline has too is known, and counts as an expected one does. One that the baseline did not see
    /// is no known one: the sample was skipped, lost or not there, and fails now. What the harness lost counts whatever the
    /// baseline says, since nothing was learned.
    ///
    /// - Parameter comparison: The comparison of the baseline with this record.
    /// - Returns: ``ExitStatus/failed`` only for a failure that the baseline does not have.
    public func exitStatus(comparedBy comparison: RunComparison) -> ExitStatus {
        let known = KnownFailures(comparison)
        return status { known.contains($0) }
    }

    private func status(knowing isKnown: (SampleResult) -> Bool) -> ExitStatus {
        let counted = results.filter { $0.verdict != .fail || ($0.expected != .fail && !isKnown($0)) }
        if results.isEmpty { return .nothingSelected }
        if counted.contains(where: { $0.verdict == .fail }) { return .failed }
        if counted.contains(where: { $0.verdict == .error || $0.verdict == .miss }) { return .broken }
        if counted.contains(where: { $0.verdict == .pass }) { return .passed }
        return .allSkipped
    }
}

/// The failures of a second run that the first one has too.
public struct KnownFailures: Sendable {
    /// Whether the first run failed, for each cell that changed.
    private let changes: [Cell: Bool]

    private struct Cell: Hashable {
        var sample: String
        var variant: SampleResult.Variant
        var machine: String
    }

    /// Takes them from a comparison.
    public init(_ comparison: RunComparison) {
        let pairs = comparison.changes.map { change in
            (
                Cell(sample: change.sample, variant: change.variant, machine: change.machine),
                change.before?.verdict == .fail
            )
        }
        changes = Dictionary(pairs) { first, _ in first }
    }

    /// Whether a result of the second run is such a failure.
    public func contains(_ result: SampleResult) -> Bool {
        guard result.verdict == .fail else { return false }
        // What is in no change came out alike in both.
        return changes[Cell(sample: result.sample, variant: result.variant, machine: result.machine)] ?? true
    }
}
