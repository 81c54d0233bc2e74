import RunModel

extension JSONLayout {
    /// Writes a result as its `Encodable` would, without the detour over an encoder.
    mutating func result(_ result: SampleResult) {
        begin("{")
        key("attempts")
        list(result.attempts) { $0.attempt($1) }
        key("checks")
        list(result.checks) { $0.check($1) }
        member("control", result.control.rawValue)
        member("details", result.details)
        key("duration_s")
        number(result.duration)
        member("expected", result.expected.rawValue)
        key("leaks")
        list(result.leaks) { $0.leak($1) }
        member("machine", result.machine)
        member("message", result.message)
        if let need = result.need { member("need", need.description) }
        if let needs = result.needs { member("needs", needs.map(\.description)) }
        member("not_reached", result.notReached)
        if let observation = result.observation {
            key("observation")
            value(observation)
        }
        if let reason = result.reason { member("reason", reason.rawValue) }
        member("sample", result.sample)
        member("variant", result.variant.rawValue)
        member("verdict", result.verdict.rawValue)
        end("}")
    }

    private mutating func attempt(_ attempt: SampleResult.Attempt) {
        begin("{")
        key("duration_s")
        number(attempt.duration)
        member("message", attempt.message)
        if let reason = attempt.reason { member("reason", reason.rawValue) }
        member("verdict", attempt.verdict.rawValue)
        end("}")
    }

    private mutating func check(_ check: Check) {
        begin("{")
        member("claim", check.claim)
        member("expected", check.expected)
        key("held")
        bool(check.held)
        member("observed", check.observed)
        end("}")
    }

    private mutating func leak(_ leak: SampleResult.Leak) {
        begin("{")
        member("kind", leak.kind)
        member("subject", leak.subject)
        end("}")
    }

    private mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    private mutating func member(_ name: String, _ texts: [String]) {
        key(name)
        list(texts) { $0.string($1) }
    }

    /// Whether ``result(_:)`` writes all members that results have.
    ///
    /// A member that was added since would be lost in silence; where there is one, results go through their `Encodable`.
    static let knowsAllMembers: Bool = {
        func names(_ value: Any) -> Set<String> { Set(Mirror(reflecting: value).children.compactMap(\.label)) }
        let result = names(SampleResult(sample: "", machine: "", verdict: .miss))
        let attempt = names(SampleResult.Attempt(verdict: .miss, reason: nil, message: "", duration: 0))
        let check = names(Check(claim: "", expected: "", observed: "", held: true))
        let leak = names(SampleResult.Leak(kind: "", subject: ""))
        return result == [
            "attempts", "checks", "control", "details", "duration", "expected", "leaks", "machine", "message", "need",
            "needs", "notReached", "observation", "reason", "sample", "variant", "verdict",
        ] && attempt == ["duration", "message", "reason", "verdict"]
            && check == ["claim", "expected", "held", "observed"] && leak == ["kind", "subject"]
    }()
}
