public import RunModel

/// What a kernel has of each feature of BPF: what its options promise, and what it answered when it was asked itself.
///
/// A pure function: equal inputs give equal reports.
public struct FeatureReport: Sendable {
    /// A finding a feature: those that somebody asked for first, then the others.
    public let checks: [CheckResult]

    /// Judges every feature that is known, that the kernel was asked about or that somebody asked for.
    ///
    /// - Parameters:
    ///   - kernel: What is known of the kernel's version and options.
    ///   - answers: What the kernel answered itself; empty where it was not asked.
    ///   - requests: What is asked for; what is not is only informative.
    ///   - remedy: The lines of a config that bring an option.
    public init(
        of kernel: KernelAccount,
        answers: [ProbedType] = [],
        requests: [FeatureRequest] = [],
        remedy: (String) -> [String] = { ["\($0)=y"] }
    ) {
        self.init(
            of: kernel,
            answers: answers,
            requests: requests,
            remedy: remedy,
            rules: .builtIn,
            exceptions: .builtIn
        )
    }

    /// Whether rules know a feature of this name, so that a profile can ask for it.
    public static func knows(_ feature: String) -> Bool { RuleTable.builtIn.feature(feature) != nil }

    /// Every option that some feature needs.
    public static let allOptions: [String] = Set(RuleTable.builtIn.features.flatMap(\.options).flatMap(\.anyOf))
        .sorted()

    /// The options that a feature needs, each as a list of which one must be on; empty for a feature that is not known.
    ///
    /// - Parameters:
    ///   - feature: The feature's name.
    ///   - version: The version that is asked; `nil` leaves out what only some versions need.
    /// - Returns: The options, with their `CONFIG_` prefix.
    public static func options(of feature: String, in version: KernelVersion?) -> [[String]] {
        let options = RuleTable.builtIn.feature(feature)?.options ?? []
        return options.filter { demand in
            // A word in a string option is no option that a fragment could switch on.
            demand.word == nil && (version.map { demand.isAsked(of: $0) } ?? !demand.hasRange)
        }.map(\.anyOf)
    }

    init(
        of kernel: KernelAccount,
        answers: [ProbedType],
        requests: [FeatureRequest],
        remedy: (String) -> [String],
        rules: RuleTable,
        exceptions: ExceptionTable
    ) {
        var answered = Dictionary(answers.map { ($0.title, $0.answer) }) { first, _ in first }
        // A type that is asked for by attach type is there where one of its forms is.
        for answer in answers where answer.attachType != nil {
            answered[answer.name] = Self.better(answered[answer.name], answer.answer)
        }
        var names: [String] = []
        var seen: Set<String> = []
        let forms = Set(answers.filter { $0.attachType != nil }.map(\.name))
        // A type that was asked for by attach type is not one feature.
        let ruled = rules.features.map(\.name).filter { !forms.contains($0) }
        for name in requests.map(\.name) + answers.map(\.title) + ruled where seen.insert(name).inserted {
            names.append(name)
        }
        let asked = Dictionary(requests.map { ($0.name, $0) }) { $1.weight.outranks($0.weight) ? $1 : $0 }
        checks = names.map { name in
            let request = asked[name] ?? FeatureRequest(name, weight: .informative)
            guard let rule = rules.feature(name) else { return Self.unruled(request, answered[name]) }
            let promise = kernel.promise(of: rule)
            let joint = JointVerdict(promise, answered[name], exceptions.reasons(for: name, promise, answered[name]))
            return Self.finding(request, rule, promise, joint, answered[name], remedy)
        }
    }

    private static func better(_ first: ProbeAnswer?, _ second: ProbeAnswer) -> ProbeAnswer {
        let order: [ProbeAnswer.Word] = [.supported, .denied, .inconclusive, .absent]
        guard let first, let one = order.firstIndex(of: first.word), let other = order.firstIndex(of: second.word)
        else { return second }
        return one <= other ? first : second
    }

    /// A feature that only the kernel knows, or nobody.
    private static func unruled(_ request: FeatureRequest, _ answer: ProbeAnswer?) -> CheckResult {
        guard let answer else { return request.result(.config, .unknown, ["no such feature is known"]) }
        if let place = Self.mountPlaces[request.name], answer == .absent {
            // Nobody refuses it: it has not been mounted.
            let type = request.name.dropFirst("mount:".count)
            return request.result(.config, .unmet, ["not mounted"], "mount -t \(type) \(type) \(place)")
        }
        let joint = JointVerdict(answer)
        let level: CheckResult.Level = request.name.hasPrefix("attach:") ? .attach : .load
        let remedy = answer.reason.flatMap { joint.verdict == .denied ? Refusal.remedy(for: $0) : nil }
        return request.result(level, joint.verdict, joint.evidence, remedy)
    }

    /// Where the file systems belong that programs and their loaders use.
    private static let mountPlaces = [
        "mount:bpf": "/sys/fs/bpf", "mount:tracefs": "/sys/kernel/tracing", "mount:cgroup2": "/sys/fs/cgroup",
    ]

    private static func finding(
        _ request: FeatureRequest,
        _ rule: FeatureRule,
        _ promise: Promise,
        _ joint: JointVerdict,
        _ answer: ProbeAnswer?,
        _ remedy: (String) -> [String]
    ) -> CheckResult {
        // Whoever asks for a feature without a range of versions is not served by a kernel that is too old for it.
        let isTooOld = joint.verdict == .notApplicable && request.weight != .informative
        let verdict = isTooOld ? .unmet : joint.verdict
        var advice: String?
        if verdict == .denied, let reason = answer?.reason {
            advice = Refusal.remedy(for: reason)
        } else if verdict == .unmet {
            var seen: Set<String> = []
            let lines = promise.missingOptions.flatMap(remedy).filter { seen.insert($0).inserted }
            advice =
                lines.isEmpty ? promise.neededVersion.map { "Linux \($0) or later" } : lines.joined(separator: "\n")
        }
        return request.result(rule.level, verdict, joint.evidence, advice)
    }
}

extension FeatureRequest {
    fileprivate func result(
        _ level: CheckResult.Level,
        _ verdict: CheckVerdict,
        _ evidence: [String],
        _ remedy: String? = nil
    ) -> CheckResult {
        CheckResult(
            feature: name,
            level: level,
            weight: weight,
            verdict: verdict,
            blocks: blocks,
            evidence: evidence,
            remedy: remedy
        )
    }
}
