import RunModel

/// Whether an object would load on a kernel, as far as anything but the kernel's verifier tells.
public struct LoadPrediction: Sendable, Hashable {
    /// What is predicted.
    public let answer: Answer
    /// Why, one per line: of what stands against it where it would not load, of what is not known where that is the answer; of
    /// what was done to it first, where it was loaded for real.
    public let reasons: [String]

    /// What can be predicted.
    public enum Answer: String, Sendable, CaseIterable {
        /// Nothing stands against it. The verifier may still refuse a program for what it computes.
        case loads = "yes"
        /// Something stands against it.
        case refused = "no"
        /// Something is not known that could stand against it.
        case unknown
    }

    /// Creates a prediction.
    public init(_ answer: Answer, because reasons: [String]) {
        self.answer = answer
        self.reasons = reasons
    }

    /// What an object that cannot even be read comes to.
    public init(unreadable error: ObjectReadError) {
        self.init(.refused, because: ["it \(error)"])
    }

    /// What has to be done to an object with legacy maps before libbpf loads it.
    static let convertedMaps =
        "the definitions of its maps are brought into the form that libbpf reads, as bpf-assay does; "
        + "libbpf 1.0 and later refuse them as they stand"

    /// The answer for a table: `loads`, `does not load`, `unknown`.
    public var word: String {
        switch answer {
        case .loads: "loads"
        case .refused: "does not load"
        case .unknown: "unknown"
        }
    }
}

extension ObjectReport {
    /// Whether the object would load on the kernel that was judged.
    ///
    /// What is only needed for attaching does not count.
    public var loading: LoadPrediction {
        let loads = findings.filter { $0.result.level == .load }
        for (answer, verdict) in [(LoadPrediction.Answer.refused, CheckVerdict.unmet), (.unknown, .unknown)] {
            let concerned = loads.filter { $0.result.verdict == verdict }
            if !concerned.isEmpty { return LoadPrediction(answer, because: Self.reasons(concerned)) }
        }
        return LoadPrediction(.loads, because: needs.hasOldMaps ? [LoadPrediction.convertedMaps] : [])
    }

    /// Each reason once, with the first part that it concerns.
    private static func reasons(_ findings: [Finding]) -> [String] {
        var seen: Set<String> = []
        return findings.compactMap { finding in
            let feature = finding.need.feature
            let text: String
            switch finding.need.demand {
            case .fact(_, let reason): text = feature == "CO-RE" ? reason : "\(feature): \(reason)"
            default: text = "\(feature): \(finding.result.evidence.dropFirst().first ?? "\(finding.need)")"
            }
            return seen.insert(text).inserted ? text : nil
        }
    }
}
