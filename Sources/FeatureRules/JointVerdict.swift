import RunModel

/// What a kernel's options and its own answer come to together.
///
/// Both are evidence, and neither is believed blindly: a config may be another kernel's, and a refusal may be a policy's.
struct JointVerdict: Sendable {
    let verdict: CheckVerdict
    let evidence: [String]

    /// An answer without a promise beside it.
    init(_ answer: ProbeAnswer) {
        verdict =
            switch answer {
            case .supported: .met
            case .absent: .unmet
            case .denied: .denied
            case .inconclusive: .unknown
            }
        evidence = [Self.words(answer)]
    }

    /// Joins a promise and an answer.
    ///
    /// - Parameters:
    ///   - promise: What the options promise.
    ///   - answer: What the kernel answered, `nil` where it was not asked.
    ///   - excuse: Why the two may differ, where that is known: then the kernel is believed.
    init(_ promise: Promise, _ answer: ProbeAnswer?, _ excuse: [String]) {
        guard let answer else {
            verdict = promise.verdict
            evidence = promise.reasons
            return
        }
        evidence = [Self.words(answer)] + promise.reasons + excuse
        let believed = JointVerdict(answer).verdict
        switch (promise.verdict, answer) {
        case (_, .supported) where !excuse.isEmpty, (_, .absent) where !excuse.isEmpty: verdict = believed
        // Newer features come to older kernels: a version never contradicts what the kernel does.
        case (.met, .supported), (.metModule, .supported), (.unknown, .supported), (.notApplicable, .supported):
            verdict = .met
        case (.unmet, .supported), (.denied, .supported), (.conflict, .supported): verdict = .conflict
        case (.met, .absent): verdict = .conflict
        // A module that is not loaded, or not installed, is not there.
        case (.metModule, .absent), (.unmet, .absent), (.unknown, .absent), (.denied, .absent), (.conflict, .absent):
            verdict = .unmet
        case (.notApplicable, .absent): verdict = .notApplicable
        // What is off is off, whoever refuses it first.
        case (.unmet, .denied), (.unmet, .inconclusive): verdict = .unmet
        case (.notApplicable, .denied), (.notApplicable, .inconclusive): verdict = .notApplicable
        case (_, .denied): verdict = .denied
        case (_, .inconclusive): verdict = .unknown
        }
    }

    private static func words(_ answer: ProbeAnswer) -> String {
        "kernel: \(answer.word.rawValue)\(answer.reason.map { ": \($0)" } ?? "")"
    }
}
