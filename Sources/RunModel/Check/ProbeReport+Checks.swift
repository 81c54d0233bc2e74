extension ProbeReport {
    /// The answers as findings of a check: types at the level `load`, attach points and link types at `attach`.
    ///
    /// A helper is no finding of its own; ``helpers`` holds them.
    public var checks: [CheckResult] {
        (programTypes + mapTypes).map { Self.check($0.title, .load, $0.answer) }
            + (attachPoints + linkTypes).map { Self.check($0.title, .attach, $0.answer) }
            + effects.map { Self.check($0.title, .effect, $0.answer) }
    }

    private static func check(_ feature: String, _ level: CheckResult.Level, _ answer: ProbeAnswer) -> CheckResult {
        let verdict: CheckVerdict =
            switch answer {
            case .supported: .met
            case .absent: .unmet
            case .denied: .denied
            case .inconclusive: .unknown
            }
        return CheckResult(
            feature: feature,
            level: level,
            verdict: verdict,
            evidence: [answer.reason ?? "the kernel was asked: \(answer.word.rawValue)"]
        )
    }
}
