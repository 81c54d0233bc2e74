import RunModel

/// What a kernel's version and options promise of a feature.
struct Promise: Sendable {
    /// The promise, with the words of the config's side: met, met-module, unmet, not-applicable or unknown.
    let verdict: CheckVerdict
    /// What it rests on, one per line.
    let reasons: [String]
    /// The demands that are not fulfilled.
    var missing: [OptionDemand] = []
    /// The options that would fulfil them, as this version calls them.
    var missingOptions: [String] = []
    /// The version that would have the feature, where this one has not.
    var neededVersion: KernelVersion?
}

extension KernelAccount {
    /// What is promised of a feature by a rule.
    func promise(of rule: FeatureRule) -> Promise {
        var doubt: String?
        if case .version(let since) = rule.since {
            let (verdict, reason) = judge(since)
            // Options that are older than the feature do not tell whether it was brought to this version.
            if verdict == .unknown, version != nil, !bears(out: since, by: rule.options) {
                doubt = "Linux \(since) introduced it; \(reason)"
            }
            // Without a version the options still tell.
            if verdict == .unmet {
                return Promise(
                    verdict: .notApplicable,
                    reasons: ["Linux \(since) introduced it; \(reason)"],
                    neededVersion: since
                )
            }
        }
        if case .after(let last) = rule.since, let version, (version.major, version.minor) <= (last.major, last.minor) {
            return Promise(verdict: .notApplicable, reasons: ["Linux \(last) had it not yet; this is Linux \(version)"])
        }
        let judged = rule.options.map { ($0, judge($0)) }.filter { $0.1.verdict != .notApplicable }
        let worst = judged.map(\.1.verdict).max { Self.rank($0) < Self.rank($1) } ?? .met
        let speaking = judged.filter { $0.1.verdict == worst }
        var reasons = speaking.map { "options: \($0.1.reason)" }
        if worst == .met { reasons = ["options: " + judged.map { $0.1.reason }.joined(separator: ", ")] }
        let isDated =
            switch rule.since {
            case .always, .version: true
            case .unknown, .after: false
            }
        if let doubt { reasons.append(doubt) }
        let isPromised = isDated && doubt == nil
        return Promise(
            verdict: (worst == .met || worst == .metModule) && !isPromised ? .unknown : worst,
            reasons: isDated ? reasons : reasons + ["it is not known since which kernel"],
            missing: worst == .unmet ? speaking.map(\.0) : [],
            missingOptions: worst == .unmet ? speaking.compactMap { name(for: $0.0) } : []
        )
    }
}
