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

    private static func withoutSamples(_ command: [String]) -> [String] {
        var words: [String] = []
        var isValue = false
        for word in command {
            if isValue || word.hasPrefix("--sample=") {
                isValue = false
            } else if word == "--sample" {
                isValue = true
            } else {
                words.append(word)
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
