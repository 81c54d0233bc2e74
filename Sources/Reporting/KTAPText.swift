/// The lines of KTAP, with foreign text made harmless in them.
enum KTAPText {
    /// A result line; the description and the note must have been escaped.
    static func result(_ isOK: Bool, _ number: Int, _ description: String, _ note: String?) -> String {
        "\(isOK ? "ok" : "not ok") \(number) \(description)" + (note.map { " # \($0)" } ?? "")
    }

    /// A test's description: one line without `#`, never empty, and the same to a reader that trims it.
    static func description(_ text: String) -> String {
        var scalars = Substring(data(text)).unicodeScalars
        while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
        while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
        if scalars.isEmpty { return "unnamed" }
        // "- " before a description is TAP's punctuation: readers drop it in one place and keep it in another.
        return scalars.first == "-" ? "\\x2d" + String(scalars.dropFirst()) : String(scalars)
    }

    /// What stands behind a directive: one line without `#`, which kunit.py would read a second directive from.
    static func data(_ text: String) -> String { withoutEndOfLog(ForeignText.line(text, forbidden: ["#"])) }

    /// A diagnostic line.
    static func diagnostic(_ text: String) -> String {
        let line = withoutEndOfLog(ForeignText.line(text))
        // "# Subtest: " is the one diagnostic that kunit.py gives a meaning.
        return line.utf8.starts(with: "Subtest: ".utf8) ? "# \\x53" + line.dropFirst() : "# " + line
    }

    /// kunit.py ends its reading where a line holds one of these, wherever in the line.
    private static func withoutEndOfLog(_ line: String) -> String {
        var line = line
        for mark in ["List of all partitions:", "Kernel panic - not syncing: VFS:", "reboot: System halted"]
        where line.contains(mark) {
            line.replace(mark, with: mark.replacing(":", with: "\\x3a"))
        }
        return line
    }
}
