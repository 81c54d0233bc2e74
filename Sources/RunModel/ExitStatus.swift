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
    public var exitStatus: ExitStatus {
        let counted = results.filter { !($0.expected == .fail && $0.verdict == .fail) }
        if results.isEmpty { return .nothingSelected }
        if counted.contains(where: { $0.verdict == .fail }) { return .failed }
        if counted.contains(where: { $0.verdict == .error || $0.verdict == .miss }) { return .broken }
        if counted.contains(where: { $0.verdict == .pass }) { return .passed }
        return .allSkipped
    }
}
