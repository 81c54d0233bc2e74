import RunModel

extension NumberChange {
    /// The checks of a cell that found something else.
    ///
    /// Where a claim held in both runs, its oracle accepted both values; the difference is often just noise: a bound that was kept,
    /// the idle state of a processor.
    static func changes(from before: SampleResult?, to after: SampleResult?) -> [NumberChange] {
        guard let before, let after, !(before.checks.allSatisfy(\.held) && after.checks.allSatisfy(\.held)) else {
            return []
        }
        return Pairs(before.checks, after.checks) { $0.claim }.pairs.compactMap { pair in
            guard let claim = (pair.after ?? pair.before)?.claim, isWorthTelling(pair.before, pair.after) else {
                return nil
            }
            return NumberChange(
                claim: claim,
                before: pair.before.map(Reading.init),
                after: pair.after.map(Reading.init)
            )
        }
    }

    private static func isWorthTelling(_ before: Check?, _ after: Check?) -> Bool {
        before != after && (before?.held == false || after?.held == false)
    }
}
