public import RunModel

extension FitTable {
    /// The table for a person: the answer in one sentence, the table, and under it the reasons in words.
    ///
    /// - Parameter width: The most columns of a line, except rows of the table and longer words.
    /// - Returns: Lines, the first of them the answer.
    public func text(width: Int = LineWrap.usualWidth) -> String {
        var lines = LineWrap.lines(answer, width: width) + [""] + table(width)
        for cell in cells where !cell.prediction.reasons.isEmpty && cell.prediction.answer == .loads {
            lines += paragraph("\(cell.object) loads on \(cell.kernel) after", cell.prediction.reasons, width)
        }
        for cell in cells where cell.prediction.answer != .loads {
            let head =
                cell.prediction.answer == .refused
                ? "\(Self.refusal(of: cell)) on \(cell.kernel) because" : "may or may not load on \(cell.kernel):"
            lines += paragraph("\(cell.object) \(head)", cell.prediction.reasons, width)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Whether the objects load, why not and what to do, in one sentence.
    public var answer: String {
        let refused = cells.filter { $0.prediction.answer == .refused }
        let open = cells.filter { $0.prediction.answer == .unknown }
        if let cell = cells.first, cells.count == 1 {
            let reason = Self.reason(of: cell)
            switch cell.prediction.answer {
            case .loads:
                return cell.isTried
                    ? "yes: \(cell.object) loads on \(cell.kernel)"
                    : "yes: \(cell.object) would load on \(cell.kernel), as far as its types and options tell; "
                        + "only loading it shows what the verifier says"
            case .refused: return "no: \(cell.object) \(Self.refusal(of: cell)) on \(cell.kernel)\(reason)"
            case .unknown: return "not known: whether \(cell.object) loads on \(cell.kernel)\(reason)"
            }
        }
        if cells.isEmpty { return "not known: there is no object" }
        let isTried = cells.allSatisfy(\.isTried)
        let all = "\(cells.count) \(Self.count(of: cells.map(\.kernel)) == 1 ? "objects" : "objects and kernels")"
        if refused.isEmpty, open.isEmpty { return "yes: all \(all) \(isTried ? "load" : "would load")" }
        var parts: [String] = []
        if !refused.isEmpty {
            let verb = refused.count == 1 ? "does not load" : "do not load"
            let names = NameList.text(refused.map(\.object))
            parts.append(
                "\(refused.count) of \(all) \(isTried ? verb : "would not load") (\(names))\(Self.shared(refused))"
            )
        }
        if !open.isEmpty {
            parts.append("of \(open.count) it is not known (\(NameList.text(open.map(\.object))))")
        }
        return "\(refused.isEmpty ? "not known" : "no"): \(parts.joined(separator: "; "))"
    }

    /// A row an object and a column a kernel; a line an object and kernel where that is too wide.
    private func table(_ width: Int) -> [String] {
        let objects = Self.unique(cells.map(\.object))
        let kernels = Self.unique(cells.map(\.kernel))
        let words = Dictionary(cells.map { ("\($0.object)\n\($0.kernel)", $0.prediction.word) }) { first, _ in first }
        let first = max(6, objects.map(\.count).max() ?? 0)
        let widths = kernels.map { max($0.count, LoadPrediction(.refused, because: []).word.count) }
        guard first + widths.reduce(0, { $0 + $1 + 2 }) <= width || kernels.count < 2 else {
            return kernels.flatMap { kernel in
                ["\(kernel):"]
                    + objects.map { "  \(words["\($0)\n\(kernel)"] ?? "-")  \($0)" }
            }
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, [first] + widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
            return String(padded.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        return [line(["object"] + kernels)]
            + objects.map { object in line([object] + kernels.map { words["\(object)\n\($0)"] ?? "-" }) }
    }

    private func paragraph(_ head: String, _ reasons: [String], _ width: Int) -> [String] {
        [""] + LineWrap.lines(head, width: width, rest: "  ")
            + reasons.flatMap { LineWrap.lines($0, width: width, first: "  ", rest: "    ") }
    }

    private static func refusal(of cell: Cell) -> String { cell.isTried ? "does not load" : "would not load" }

    /// A policy's cause with its remedy where there is one: it says more than what was refused for it.
    private static func reason(of cell: Cell) -> String {
        let reasons = cell.prediction.reasons
        let told = reasons.last { Refusal.remedy(for: $0) != nil } ?? reasons.first
        return told.map { ": \($0)" } ?? ""
    }

    /// The reason, where all have the same.
    private static func shared(_ cells: [Cell]) -> String {
        let reasons = Set(cells.map(reason))
        return reasons.count == 1 ? reasons.first ?? "" : ""
    }

    private static func count(of names: [String]) -> Int { Set(names).count }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
