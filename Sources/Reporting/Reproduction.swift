import RunModel

/// The command line that runs a record's failures again.
struct Reproduction {
    /// The command, quoted for a shell.
    let command: String

    /// The run's own command with its choice of samples replaced by those that failed.
    ///
    /// - Returns: `nil` where nothing failed unexpectedly, or the record does not say how it was run.
    init?(_ record: RunRecord) {
        var seen: Set<String> = []
        let failed = record.results.filter { $0.standing == .fail && seen.insert($0.sample).inserted }.map(\.sample)
        guard !failed.isEmpty, !record.run.command.isEmpty else { return nil }
        let words = Self.withoutSamples(record.run.command) + failed.flatMap { ["--sample", $0] }
        command = words.map(Self.quoted).joined(separator: " ")
    }

    /// The options of `run` that take no value, as they are written in a command line.
    ///
    /// Behind any other option stands its value, which is no sample.
    static let flags: Set<String> = [
        "--last-failed", "--fail-fast", "--list", "--dry-run", "--no-control", "--shell", "--quiet", "-q", "--verbose",
        "-v",
        "--help", "-h", "--version",
    ]

    private static func withoutSamples(_ command: [String]) -> [String] {
        // The program and its subcommand.
        var words = Array(command.prefix(2))
        var rest = command.dropFirst(2)
        while let word = rest.popFirst() {
            switch word {
            case "--": return words
            case "--sample": _ = rest.popFirst()
            case "--last-failed": break
            case _ where word.hasPrefix("--sample="): break
            case _ where !word.hasPrefix("-"): break
            case "-j", "-o": words += [word] + [rest.popFirst()].compactMap(\.self)
            case _ where !word.hasPrefix("--") || word.contains("=") || flags.contains(word): words.append(word)
            default: words += [word] + [rest.popFirst()].compactMap(\.self)
            }
        }
        return words
    }

    /// A word as a POSIX shell takes it literally.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "=", ",", "+", "@", "%": true
            default: false
            }
        }
        if isPlain && !word.isEmpty { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
