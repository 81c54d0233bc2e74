extension ProbeReport {
    /// The report for a person: how many types there are, those that are not, and the helpers counted by type.
    ///
    /// - Returns: Lines without trailing blanks.
    public func text() -> String {
        let lines =
            [
                summary("program types", programTypes), summary("map types", mapTypes),
                summary("attach points", attachPoints), summary("link types", linkTypes),
                summary("effects", effects),
            ]
            + (programTypes + mapTypes + attachPoints + linkTypes + effects).filter { $0.answer != .supported }.map {
                type in
                "  \(type.answer.word.rawValue.padded(12))  \(type.title)\(type.answer.reason.map { ": \($0)" } ?? "")"
            }
        return (lines + [""] + table).joined(separator: "\n") + "\n"
    }

    private func summary(_ name: String, _ types: [ProbedType]) -> String {
        let count = types.count { $0.answer == .supported }
        return "probe    \(name): \(count) of \(types.count) supported"
    }

    /// A row for each type that helpers were asked of.
    private var table: [String] {
        let rows = helpers.filter { $0.notAskedBecause == nil }.map { column in
            [
                column.attachType.map { "\(column.programType)/\($0)" } ?? column.programType,
                "\(column.supported.count)", "\(column.sleepableOnly.count)", "\(column.absent.count)",
                "\(column.inconclusive.count)", "\(column.notAsked.count)",
            ]
        }
        guard !rows.isEmpty else { return ["probe    helpers: no program type could be asked"] }
        let header = ["HELPERS OF", "SUPPORTED", "SLEEPABLE", "ABSENT", "UNKNOWN", "NOT ASKED"]
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        return ([header] + rows).map { cells in
            zip(cells, widths).enumerated().map { column, cell in
                column == 0 ? cell.0.padded(cell.1) : String(repeating: " ", count: cell.1 - cell.0.count) + cell.0
            }.joined(separator: "  ")
        }
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
