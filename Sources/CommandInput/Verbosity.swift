/// How much a command says besides what it was asked for.
public enum Verbosity: Sendable, Hashable, Comparable {
    /// Results and errors only.
    case quiet
    /// Progress and notes as well.
    case normal
    /// Also what was chosen and why, and every line of a tool's output.
    case verbose

    /// What two flags say.
    public init(quiet: Bool, verbose: Bool) {
        self = quiet ? .quiet : verbose ? .verbose : .normal
    }
}
