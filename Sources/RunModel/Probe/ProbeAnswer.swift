/// What the kernel answered to a probe.
public enum ProbeAnswer: Sendable, Hashable {
    /// The kernel has it, and this process may use it.
    case supported
    /// The kernel does not have it.
    case absent
    /// The kernel refuses it to this process; the reason names the missing capability, or the lockdown.
    case denied(String)
    /// The answer cannot be told from others; the reason holds what the kernel said.
    case inconclusive(String)

    /// The answer's word.
    public var word: Word {
        switch self {
        case .supported: .supported
        case .absent: .absent
        case .denied: .denied
        case .inconclusive: .inconclusive
        }
    }

    /// Why it was denied or is inconclusive.
    public var reason: String? {
        switch self {
        case .supported, .absent: nil
        case .denied(let reason), .inconclusive(let reason): reason
        }
    }

    /// The four answers without their reasons.
    public enum Word: String, Sendable, Hashable, Codable, CaseIterable {
        /// See ``ProbeAnswer/supported``.
        case supported
        /// See ``ProbeAnswer/absent``.
        case absent
        /// See ``ProbeAnswer/denied(_:)``.
        case denied
        /// See ``ProbeAnswer/inconclusive(_:)``.
        case inconclusive
    }
}

extension ProbeAnswer: Codable {
    private enum CodingKeys: String, CodingKey {
        case answer, reason
    }

    /// Reads the word and, where there is one, the reason.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let reason = try container.decodeIfPresent(String.self, forKey: .reason) ?? ""
        switch try container.decode(Word.self, forKey: .answer) {
        case .supported: self = .supported
        case .absent: self = .absent
        case .denied: self = .denied(reason)
        case .inconclusive: self = .inconclusive(reason)
        }
    }

    /// Writes the word and, where there is one, the reason.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(word, forKey: .answer)
        try container.encodeIfPresent(reason, forKey: .reason)
    }
}

/// A program type or map type and what the kernel answered.
public struct ProbedType: Sendable, Hashable, Codable {
    /// The type as linux/bpf.h spells it, such as `BPF_PROG_TYPE_TRACING`.
    public let name: String
    /// The attach type that was asked for, where the answer depends on it, such as `BPF_TRACE_ITER`.
    public let attachType: String?
    /// The answer.
    public let answer: ProbeAnswer

    /// Creates an entry.
    public init(name: String, attachType: String? = nil, answer: ProbeAnswer) {
        self.name = name
        self.attachType = attachType
        self.answer = answer
    }

    /// The type, with the attach type behind it where one was asked for.
    public var title: String { attachType.map { "\(name)/\($0)" } ?? name }
}
