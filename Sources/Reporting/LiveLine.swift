import FileBytes

/// A line at the bottom of a terminal that is written anew as things go on, below lines that stay.
public struct LiveLine: Sendable, Hashable {
    /// What stands there, without a line's end; empty where nothing does.
    public private(set) var text = ""

    /// Creates an empty line.
    public init() {}

    /// What to write so that lines appear above and a new text stands in the line.
    ///
    /// The terminal may have become narrower since the line was written, which then takes several rows: the rows are counted
    /// by the width of now, and all of them are erased.
    ///
    /// - Parameters:
    ///   - lines: What stays, each line with its end; may be empty.
    ///   - next: What is to stand in the line; it is cut to the width. Empty for nothing.
    ///   - width: The terminal's columns now.
    /// - Returns: Text and escape sequences; empty where nothing changes.
    public mutating func update(lines: String, next: String, width: Int) -> String {
        let cut = Self.cut(next, to: width - 1)
        if lines.isEmpty, cut == text { return "" }
        var output = ""
        if !text.isEmpty {
            let rowsAbove = (Self.columns(of: text) - 1) / max(1, width)
            output += "\r" + (rowsAbove > 0 ? "\u{1B}[\(rowsAbove)A" : "") + "\u{1B}[J"
        }
        text = cut
        return output + lines + cut
    }

    /// A text of at most so many columns; one that is cut ends in three dots.
    ///
    /// Control characters come out escaped, since each of them would move the cursor.
    static func cut(_ text: String, to width: Int) -> String {
        let line = ForeignText.line(text)
        if columns(of: line) <= width { return line }
        var kept = ""
        var used = 0
        for character in line {
            let size = columns(of: character)
            guard used + size <= width - 3 else { break }
            kept.append(character)
            used += size
        }
        return kept + String(repeating: ".", count: max(0, min(3, width)))
    }

    /// How many columns a text takes.
    static func columns(of text: String) -> Int { text.reduce(0) { $0 + columns(of: $1) } }

    private static func columns(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x300...0x36F, 0x200B...0x200F: return 0
        // What East Asian scripts and pictures take, roughly; too many columns only cut a line earlier.
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F000...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
