/// What may be written to a descriptor besides text.
public struct TerminalAbilities: Sendable, Hashable {
    /// Whether words may have colours.
    public var hasColour: Bool
    /// Whether a line may be written over.
    public var movesCursor: Bool

    /// Decides by what is known of the descriptor and by what the user's environment says.
    ///
    /// `NO_COLOR` (no-color.org) takes colours away, `CLICOLOR_FORCE` gives them to files as well, and a terminal without a
    /// type, or of the type `dumb`, can do neither.
    ///
    /// - Parameters:
    ///   - isTerminal: Whether the descriptor is a terminal.
    ///   - environment: Gives a variable's value, `nil` for one that is not set.
    public init(isTerminal: Bool, environment: (String) -> String?) {
        func isSet(_ name: String) -> Bool { environment(name)?.isEmpty == false }
        movesCursor = isTerminal && isSet("TERM") && environment("TERM") != "dumb"
        let isForced = isSet("CLICOLOR_FORCE") && environment("CLICOLOR_FORCE") != "0"
        hasColour = (movesCursor || isForced) && !isSet("NO_COLOR")
    }
}
