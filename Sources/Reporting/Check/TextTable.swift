/// Rows of cells under one another.
struct TextTable {
    private let rows: [[String]]
    private let numbers: Bool

    /// Takes a heading, if there is one, and rows of as many cells.
    ///
    /// - Parameters:
    ///   - header: The heading's cells.
    ///   - rows: The rows.
    ///   - numbers: Whether all columns but the first hold numbers, which stand at the right.
    init(_ header: [String]?, _ rows: [[String]], numbers: Bool = false) {
        self.rows = (header.map { [$0] } ?? []) + rows
        self.numbers = numbers
    }

    /// The lines, none of which ends in blanks.
    ///
    /// - Parameter decorate: Takes a cell's column, its text and the text with its padding, and gives what is printed.
    /// - Returns: A line a row.
    func lines(_ decorate: (Int, String, String) -> String) -> [String] {
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { cells in
            let last = cells.lastIndex { !$0.isEmpty } ?? 0
            return cells.prefix(last + 1).enumerated().map { column, cell in
                let blanks = String(repeating: " ", count: widths[column] - cell.count)
                let isNumber = numbers && column > 0
                let padded = isNumber ? blanks + cell : column == last ? cell : cell + blanks
                return decorate(column, cell, padded)
            }.joined(separator: "  ")
        }
    }
}
