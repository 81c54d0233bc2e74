import FileBytes

/// Foreign text in GitHub's Markdown, where it can be neither markup, nor the end of a table's cell, nor a link.
enum MarkdownText {
    /// A text as code on one line; never empty, since an empty code span would not be one.
    static func code(_ text: String) -> String {
        let line = ForeignText.line(text)
        if line.isEmpty { return "(empty)" }
        // A code span takes everything as it is but its own end, a cell's end, and blanks that it would trim.
        if line.utf8.allSatisfy({ (0x21..<0x7F).contains($0) && $0 != UInt8(ascii: "`") && $0 != UInt8(ascii: "|") }) {
            return "`\(line)`"
        }
        let scalars = line.unicodeScalars
        let hasMark = scalars.contains { $0 == "`" || $0 == "|" }
        let hasEdge = [scalars.first, scalars.last].contains { $0?.properties.isWhitespace == true }
        return hasMark || hasEdge ? "<code>\(references(line))</code>" : "`\(line)`"
    }

    /// A row of a table; the cells must have been escaped.
    static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    /// A table with a heading; the cells must have been escaped.
    static func table(_ heading: [String], _ rows: [[String]]) -> [String] {
        rows.isEmpty ? [] : [row(heading), row(heading.map { _ in "---" })] + rows.map(row)
    }

    /// Punctuation as character references, which no reader of Markdown takes for markup.
    private static func references(_ line: String) -> String {
        var result = ""
        for scalar in line.unicodeScalars {
            let isPunctuation = scalar.isASCII && !scalar.properties.isAlphabetic && !("0"..."9").contains(scalar)
            if isPunctuation || scalar.properties.isWhitespace {
                result += "&#\(scalar.value);"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
