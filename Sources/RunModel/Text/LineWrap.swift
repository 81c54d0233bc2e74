/// Breaking of text into lines that fit a terminal.
public enum LineWrap {
    /// The columns of a line where no terminal says how many there are.
    public static let usualWidth = 80
    /// The fewest columns that text is laid out for.
    public static let leastWidth = 40

    /// Breaks a text at its blanks.
    ///
    /// A word that is longer than a line stays whole, so that it can be copied.
    ///
    /// - Parameters:
    ///   - text: One line.
    ///   - width: The most columns of a line.
    ///   - first: What the first line begins with.
    ///   - rest: What the other lines begin with; as many blanks as `first` has characters where it is `nil`.
    /// - Returns: At least one line, none of which ends in blanks.
    public static func lines(_ text: String, width: Int, first: String = "", rest: String? = nil) -> [String] {
        let rest = rest ?? String(repeating: " ", count: first.count)
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = rest
                isEmpty = true
            }
            line += isEmpty ? String(word) : " \(word)"
            isEmpty = false
        }
        lines.append(line)
        return lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
    }
}

/// Names of which a sentence tells the first few.
public enum NameList {
    /// Joins names as a sentence does: `a`, `a and b`, `a, b and 3 more`.
    ///
    /// - Parameters:
    ///   - names: The names; what is named twice is given once.
    ///   - limit: The most names that are told.
    /// - Returns: The text; empty for no names.
    public static func text(_ names: [String], limit: Int = 4) -> String {
        var seen: Set<String> = []
        let names = names.filter { seen.insert($0).inserted }
        // One more name is no longer than the words that would stand in its place.
        let told = names.count <= limit + 1 ? names : Array(names.prefix(limit))
        let last = told.count < names.count ? "\(names.count - told.count) more" : told.last ?? ""
        let others = told.count < names.count ? told[...] : told.dropLast()
        return others.isEmpty ? last : "\(others.joined(separator: ", ")) and \(last)"
    }
}
