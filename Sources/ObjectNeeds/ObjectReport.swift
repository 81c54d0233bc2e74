public import FeatureRules
public import RunModel

/// What an object needs and what a kernel has of it.
public struct ObjectReport: Sendable {
    /// The object's path or name.
    public let object: String
    /// What the object holds and needs.
    public let needs: ObjectNeeds
    /// A finding a need, in the order of the needs.
    public let findings: [Finding]

    /// What came of one need.
    public struct Finding: Sendable, Hashable {
        /// The need.
        public let need: ObjectNeed
        /// The finding as a run's record carries it.
        public let result: CheckResult
    }

    /// Judges an object's needs.
    ///
    /// No I/O and no privileges: equal inputs give equal reports.
    ///
    /// - Parameters:
    ///   - object: The object's path or name.
    ///   - needs: What it needs.
    ///   - kernel: What is known of the kernel.
    public init(of object: String, needs: ObjectNeeds, on kernel: KernelAccount) {
        self.object = object
        self.needs = needs
        findings = needs.needs.map { Self.finding(for: $0, on: kernel) }
    }

    private static func finding(for need: ObjectNeed, on kernel: KernelAccount) -> Finding {
        var (verdict, reason) = kernel.judge(need.demand)
        var notes: [String] = []
        if verdict == .unmet || verdict == .unknown, need.isOptional {
            verdict = .notApplicable
            notes.append("only programs that are not loaded by default need it")
        } else if verdict == .unmet, need.isGuarded {
            verdict = .unknown
            notes.append("the program may test for it and leave it out: only loading tells")
        }
        var remedy: String?
        if verdict == .unmet {
            switch need.demand {
            case .option(let option): remedy = kernel.name(for: option).map { "\($0)=y" }
            case .kernel(let version): remedy = "Linux \(version) or later"
            case .setting(let setting) where setting.isLetter && kernel.state(of: setting.option) == .off:
                remedy = "\(setting.option)=y"
            case .attach, .impossible, .fact, .unknown, .setting: break
            }
        }
        return Finding(
            need: need,
            result: CheckResult(
                feature: need.need.map { "\($0)" } ?? need.feature,
                level: need.level,
                verdict: verdict,
                evidence: ["for \(need.feature)", reason] + notes + need.evidence,
                remedy: remedy
            )
        )
    }

    /// The findings as a run's record carries them.
    public var checks: [CheckResult] { findings.map(\.result) }

    /// What the findings come to.
    public var conclusion: CheckConclusion { CheckConclusion(of: checks) }
}
