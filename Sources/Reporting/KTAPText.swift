import FileBytes

/// The lines of KTAP, with foreign text made harmless in them.
enum KTAPText {
    /// A result line; the description and the note must have been escaped.
    static func result(_ isOK: Bool, _ number: Int, _ description: String, _ note: String?) -> String {
        "\(isOK ? "ok" : "not ok") \(number) \(description)" + (note.map { " # \($0)" } ?? "")
    }

    /// A test's description: one line without `#`, never empty, and the same to a reader that trims it.
    static func description(_ text: String) -> String {
        if isPlain(text) { return text }
        var scalars = Substring(data(text)).unicodeScalars
        while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
        while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
        if scalars.isEmpty { return "unnamed" }
        // "- " before a description is TAP's punctuation: readers drop it in one place and keep it in another.
        return scalars.first == "-" ? "\\x2d" + String(scalars.dropFirst()) : String(scalars)
    }

    /// What follows a directive: one line without `#`, which kunit.py would read a second directive from.
    static func data(_ text: String) -> String { withoutEndOfLog(ForeignText.line(text, forbidden: marks)) }

    private static let marks: Set<Unicode.Scalar> = ["#"]

    /// Whether a text stands for itself as a description, as nearly all do.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= ForeignText.limit else {
            return false
        }
        guard first != UInt8(ascii: " "), first != UInt8(ascii: "-"), last != UInt8(ascii: " ") else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "#"), UInt8(ascii: ":"): false
            case 0x20..<0x7F: true
            default: false
            }
        }
    }

    /// A diagnostic line.
    static func diagnostic(_ text: String) -> String {
        let line = withoutEndOfLog(ForeignText.line(text))
        // "# Subtest: " is the one diagnostic that kunit.py gives a meaning.
        return line.utf8.starts(with: "Subtest: ".utf8) ? "# \\x53" + line.dropFirst() : "# " + line
    }

    /// kunit.py ends its reading where a line holds one of these, wherever in the line.
    private static func withoutEndOfLog(_ line: String) -> String {
        // Each of them holds a colon, and most lines hold none.
        guard line.utf8.contains(UInt8(ascii: ":")) else { return line }
        var line = line
        for mark in ["List of all partitions:", "Kernel panic - not syncing: VFS:", "reboot: System halted"]
        where Self.holds(line, mark) {
            line.replace(mark, with: mark.replacing(":", with: "\\x3a"))
        }
        return line
    }

    /// Whether a text holds another, byte by byte: the general search takes a hundred times as long.
    private static func holds(_ text: String, _ mark: String) -> Bool {
        var (text, mark) = (text, mark)
        return text.withUTF8 { bytes in
            mark.withUTF8 { mark in
                guard bytes.count >= mark.count else { return false }
                return (0...(bytes.count - mark.count)).contains { start in
                    bytes[start] == mark[0] && bytes[start..<(start + mark.count)].elementsEqual(mark)
                }
            }
        }
    }
}
