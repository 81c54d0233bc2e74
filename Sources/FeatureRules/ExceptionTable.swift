import RunModel

/// Known differences between what options promise and what kernels answer (`kconfig/exceptions.tsv`).
struct ExceptionTable: Sendable {
    struct Row: Sendable, Hashable {
        let feature: String
        let options: CheckVerdict
        let kernel: ProbeAnswer.Word
        let reason: String

        /// `nil` unless the line is an exception.
        init?(_ line: Substring) {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard cells.count == 4, let options = CheckVerdict(rawValue: cells[1]),
                let kernel = ProbeAnswer.Word(rawValue: cells[2]), !cells[3].isEmpty
            else { return nil }
            (feature, self.options, self.kernel, reason) = (cells[0], options, kernel, cells[3])
        }
    }

    let rows: [Row]
    /// Lines that are neither a comment, the heading nor a row; a test demands that there are none.
    let strayLines: [String]

    static let builtIn = ExceptionTable(String(decoding: PackageResources.exceptions_tsv, as: UTF8.self))

    init(_ text: String) {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
        rows = lines.compactMap { Row($0) }
        strayLines = lines.filter { Row($0) == nil }.map(String.init)
    }

    /// Why a promise and an answer may differ here; empty where nobody knows.
    func reasons(for feature: String, _ promise: Promise, _ answer: ProbeAnswer?) -> [String] {
        rows.filter { $0.feature == feature && $0.options == promise.verdict && $0.kernel == answer?.word }.map(
            \.reason
        )
    }
}
