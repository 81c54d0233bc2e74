public import RunModel

/// Objects and kernels: which would load where, and why not.
public struct FitTable: Sendable {
    /// One object on one kernel.
    public struct Cell: Sendable {
        /// The object's path.
        public let object: String
        /// The kernel's name in the table, such as `6.1.0-56-amd64`.
        public let kernel: String
        /// What is predicted, or what came of it.
        public let prediction: LoadPrediction
        /// Whether it was loaded for real.
        public let isTried: Bool
        /// What the prediction rests on; empty for an object that cannot be read.
        public let checks: [CheckResult]

        /// Creates a cell.
        public init(
            object: String,
            kernel: String,
            prediction: LoadPrediction,
            checks: [CheckResult],
            isTried: Bool = false
        ) {
            self.object = object
            self.kernel = kernel
            self.prediction = prediction
            self.checks = checks
            self.isTried = isTried
        }
    }

    /// The name of the JSON form of a cell.
    public static let schema = "bpf-assay/object-fit/1"

    /// The cells, an object after the other, each with its kernels in their order.
    public let cells: [Cell]

    /// Creates a table.
    public init(_ cells: [Cell]) { self.cells = cells }

    /// What the cells come to: one that does not load before one of which it is not known.
    public var conclusion: CheckConclusion {
        let answers = Set(cells.map(\.prediction.answer))
        return answers.contains(.refused) ? .unmet : answers.contains(.unknown) ? .inconclusive : .met
    }

    /// The table for a person, and under it the reasons in words.
    public func text() -> String {
        let objects = Self.unique(cells.map(\.object))
        let kernels = Self.unique(cells.map(\.kernel))
        let words = Dictionary(cells.map { ("\($0.object)\n\($0.kernel)", $0.prediction.word) }) { first, _ in first }
        let first = max(6, objects.map(\.count).max() ?? 0)
        let widths = kernels.map { max($0.count, LoadPrediction(.refused, because: []).word.count) }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, [first] + widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
            return String(padded.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        var lines = [line(["object"] + kernels)]
        for object in objects {
            lines.append(line([object] + kernels.map { words["\(object)\n\($0)"] ?? "-" }))
        }
        for cell in cells where !cell.prediction.reasons.isEmpty && cell.prediction.answer == .loads {
            lines += ["", "\(cell.object) loads on \(cell.kernel) after"] + cell.prediction.reasons.map { "  \($0)" }
        }
        for cell in cells where cell.prediction.answer != .loads {
            let refusal = cell.isTried ? "does not load" : "would not load"
            let head =
                cell.prediction.answer == .refused
                ? "\(refusal) on \(cell.kernel) because" : "may or may not load on \(cell.kernel):"
            lines += ["", "\(cell.object) \(head)"] + cell.prediction.reasons.map { "  \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The cells for programs, a JSON object a line.
    public func json() -> String {
        cells.map { cell in
            JSONValue.object([
                "schema": .string(Self.schema), "object": .string(cell.object), "kernel": .string(cell.kernel),
                "basis": .string(cell.isTried ? "tried" : "predicted"),
                "loads": .string(cell.prediction.answer.rawValue),
                "reasons": .array(cell.prediction.reasons.map { .string($0) }),
                "checks": .array(cell.checks.map(Self.json)),
            ]).text + "\n"
        }.joined()
    }

    private static func json(_ check: CheckResult) -> JSONValue {
        .object([
            "feature": .string(check.feature), "level": .string(check.level.rawValue),
            "verdict": .string(check.verdict.rawValue), "evidence": .array(check.evidence.map { .string($0) }),
        ])
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
