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
}
