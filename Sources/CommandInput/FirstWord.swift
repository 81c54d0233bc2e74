/// What the first word behind a program's name means, where it is no subcommand.
public enum FirstWord: Sendable, Hashable {
    /// Whatever it is, the parser of the command line deals with it.
    case asWritten
    /// The version is asked for, in a way that other programs have; with what the program was built of, where all is asked for.
    case version(isVerbose: Bool)
    /// A subcommand that there is not; the hint begins with `;` or is empty.
    case unknown(String, hint: String)

    /// Looks at a command line.
    ///
    /// - Parameters:
    ///   - arguments: The words behind the program's name.
    ///   - subcommands: The subcommands.
    ///   - samples: What names samples: somebody may have left out `run`.
    public init(_ arguments: [String], subcommands: [String], samples: [String] = []) {
        guard let first = arguments.first else {
            self = .asWritten
            return
        }
        let asking = arguments.filter { !["-v", "--verbose"].contains($0) }
        let isVerbose = asking.count < arguments.count
        if ["version", "-V"].contains(first) && !subcommands.contains(first)
            || isVerbose && asking.count == 1 && ["version", "-V", "--version"].contains(asking[0])
        {
            self = .version(isVerbose: isVerbose)
            return
        }
        // `help NAME` asks about NAME.
        let word = first == "help" && arguments.count > 1 ? arguments[1] : first
        guard !word.hasPrefix("-"), word != "help", !subcommands.contains(word) else {
            self = .asWritten
            return
        }
        let hint =
            samples.contains(word)
            ? "; it is a sample: 'bpf-assay run \(word)' runs it" : NearestName.hint(for: word, among: subcommands)
        self = .unknown(word, hint: hint)
    }
}
