public import RunModel

extension Check {
    /// Checks that things were seen exactly as often as they ought to have been, and nothing else was.
    ///
    /// - Parameters:
    ///   - claim: What was counted.
    ///   - expected: How often each thing must have been seen, by what it says.
    ///   - observed: How often each was.
    /// - Returns: A check that shows the differences, three at most; where there are none, how many were seen.
    public static func tally(_ claim: String, expected: [String: Int], observed: [String: Int]) -> Check {
        let differing = Set(expected.keys).union(observed.keys)
            .filter { expected[$0, default: 0] != observed[$0, default: 0] }
        guard !differing.isEmpty else {
            let text = "\(observed.values.reduce(0, +)) of \(observed.count { $0.value != 0 }) kinds"
            return Check(claim: claim, expected: text, observed: text, held: true)
        }
        let shown = differing.sorted().prefix(3)
        let text = { (counts: [String: Int]) in
            shown.map { "\(counts[$0, default: 0]) of '\($0)'" }.joined(separator: "; ")
                + (differing.count > 3 ? "; \(differing.count - 3) more differ" : "")
        }
        return Check(claim: claim, expected: text(expected), observed: text(observed), held: false)
    }
}
