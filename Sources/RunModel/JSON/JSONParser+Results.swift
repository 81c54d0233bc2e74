/// Results in the shape in which this version writes them, without the detour over `Decoder`.
///
/// Each function gives `nil` for any other shape, and is back at the value's begin then: the caller reads it by its `Decodable`,
/// which knows the format's whole freedom and says what is wrong. A key that is not known here is another shape, so that a
/// member that a later version adds is not lost.
extension JSONParser {
    /// Reads a result.
    ///
    /// - Parameter keepsObservation: Whether its observation is wanted; it is the larger part, and only JSON repeats it.
    /// - Returns: The result, or `nil` for another shape.
    /// - Throws: ``JSONFault`` for what is no JSON, or has a member twice.
    package mutating func result(keepsObservation: Bool) throws(JSONFault) -> SampleResult? {
        let start = position
        var result = SampleResult(sample: "", machine: "", verdict: .miss)
        var seen: UInt32 = 0
        guard try fill(&result, &seen, keepsObservation), seen & Self.requiredMembers == Self.requiredMembers else {
            position = start
            return nil
        }
        return result
    }

    /// Bits of the members that every result has.
    private static let requiredMembers: UInt32 = 0x1FFF

    private mutating func fill(
        _ result: inout SampleResult,
        _ seen: inout UInt32,
        _ keepsObservation: Bool
    ) throws(JSONFault) -> Bool {
        guard enter("{") else { return false }
        var isFirst = true
        while let key = try nextKey(&isFirst) {
            let bit: UInt32
            if isKey(key, "sample") {
                bit = 0
                guard let text = try plainString() else { return false }
                result.sample = text
            } else if isKey(key, "variant") {
                bit = 1
                guard let word: SampleResult.Variant = try word() else { return false }
                result.variant = word
            } else if isKey(key, "machine") {
                bit = 2
                guard let text = try plainString() else { return false }
                result.machine = text
            } else if isKey(key, "verdict") {
                bit = 3
                guard let word: Verdict = try word() else { return false }
                result.verdict = word
            } else if isKey(key, "message") {
                bit = 4
                guard let text = try plainString() else { return false }
                result.message = text
            } else if isKey(key, "details") {
                bit = 5
                guard let list = try strings() else { return false }
                result.details = list
            } else if isKey(key, "expected") {
                bit = 6
                guard let word: SampleResult.Expectation = try word() else { return false }
                result.expected = word
            } else if isKey(key, "checks") {
                bit = 7
                guard let list = try checkList() else { return false }
                result.checks = list
            } else if isKey(key, "not_reached") {
                bit = 8
                guard let list = try strings() else { return false }
                result.notReached = list
            } else if isKey(key, "control") {
                bit = 9
                guard let word: SampleResult.Control = try word() else { return false }
                result.control = word
            } else if isKey(key, "leaks") {
                bit = 10
                guard let list = try list({ parser throws(JSONFault) in try parser.leak() }) else { return false }
                result.leaks = list
            } else if isKey(key, "attempts") {
                bit = 11
                guard let list = try list({ parser throws(JSONFault) in try parser.attempt() }) else { return false }
                result.attempts = list
            } else if isKey(key, "duration_s") {
                bit = 12
                guard let number = try double() else { return false }
                result.duration = number
            } else if isKey(key, "reason") {
                bit = 13
                guard let word: Reason = try word() else { return false }
                result.reason = word
            } else if isKey(key, "need") {
                bit = 14
                guard let text = try plainString(), let need = Need(text) else { return false }
                result.need = need
            } else if isKey(key, "needs") {
                bit = 15
                guard let list = try needs() else { return false }
                result.needs = list
            } else if isKey(key, "observation") {
                bit = 16
                result.observation = try observation(isKept: keepsObservation)
            } else {
                return false
            }
            if seen & (1 << bit) != 0 { throw fault(.duplicate) }
            seen |= 1 << bit
        }
        return true
    }

    /// Reads a planned cell.
    package mutating func plannedSample() throws(JSONFault) -> PlannedSample? {
        let start = position
        var cell = PlannedSample(sample: "", machine: "")
        var seen: UInt32 = 0
        guard try fill(&cell, &seen), seen & 7 == 7 else {
            position = start
            return nil
        }
        return cell
    }

    private mutating func fill(_ cell: inout PlannedSample, _ seen: inout UInt32) throws(JSONFault) -> Bool {
        guard enter("{") else { return false }
        var isFirst = true
        while let key = try nextKey(&isFirst) {
            let bit: UInt32
            if isKey(key, "sample") {
                bit = 0
                guard let text = try plainString() else { return false }
                cell.sample = text
            } else if isKey(key, "machine") {
                bit = 1
                guard let text = try plainString() else { return false }
                cell.machine = text
            } else if isKey(key, "expected") {
                bit = 2
                guard let word: SampleResult.Expectation = try word() else { return false }
                cell.expected = word
            } else if isKey(key, "needs") {
                bit = 3
                guard let list = try needs() else { return false }
                cell.needs = list
            } else {
                return false
            }
            if seen & (1 << bit) != 0 { throw fault(.duplicate) }
            seen |= 1 << bit
        }
        return true
    }

    private mutating func check() throws(JSONFault) -> Check? {
        guard enter("{") else { return nil }
        var (claim, expected, observed): (String?, String?, String?) = (nil, nil, nil)
        var held: Bool?
        var isFirst = true
        while let key = try nextKey(&isFirst) {
            if isKey(key, "claim"), claim == nil {
                guard let next = try plainString() else { return nil }
                claim = next
            } else if isKey(key, "expected"), expected == nil {
                guard let next = try plainString() else { return nil }
                expected = next
            } else if isKey(key, "observed"), observed == nil {
                guard let next = try plainString() else { return nil }
                observed = next
            } else if isKey(key, "held"), held == nil {
                held = take(word: "true") ? true : take(word: "false") ? false : nil
                if held == nil { return nil }
            } else {
                return nil
            }
        }
        guard let claim, let expected, let observed, let held else { return nil }
        return Check(claim: claim, expected: expected, observed: observed, held: held)
    }

    private mutating func leak() throws(JSONFault) -> SampleResult.Leak? {
        guard enter("{") else { return nil }
        var (kind, subject): (String?, String?) = (nil, nil)
        var isFirst = true
        while let key = try nextKey(&isFirst) {
            if isKey(key, "kind"), kind == nil {
                guard let next = try plainString() else { return nil }
                kind = next
            } else if isKey(key, "subject"), subject == nil {
                guard let next = try plainString() else { return nil }
                subject = next
            } else {
                return nil
            }
        }
        guard let kind, let subject else { return nil }
        return SampleResult.Leak(kind: kind, subject: subject)
    }

    private mutating func attempt() throws(JSONFault) -> SampleResult.Attempt? {
        guard enter("{") else { return nil }
        var (verdict, reason): (Verdict?, Reason?) = (nil, nil)
        var (message, duration): (String?, Double?) = (nil, nil)
        var isFirst = true
        while let key = try nextKey(&isFirst) {
            if isKey(key, "verdict"), verdict == nil {
                guard let next: Verdict = try word() else { return nil }
                verdict = next
            } else if isKey(key, "reason"), reason == nil {
                guard let next: Reason = try word() else { return nil }
                reason = next
            } else if isKey(key, "message"), message == nil {
                guard let next = try plainString() else { return nil }
                message = next
            } else if isKey(key, "duration_s"), duration == nil {
                guard let next = try double() else { return nil }
                duration = next
            } else {
                return nil
            }
        }
        guard let verdict, let message, let duration else { return nil }
        return SampleResult.Attempt(verdict: verdict, reason: reason, message: message, duration: duration)
    }

    private mutating func needs() throws(JSONFault) -> [Need]? {
        guard peek() == UInt8(ascii: "[") else { return nil }
        let start = position
        if let known = needLists.value(at: start, in: bytes) {
            position = known.end
            return known.value
        }
        let list = try list { parser throws(JSONFault) in try parser.plainString().flatMap { Need($0) } }
        if let list { needLists.remember(list, start..<position, in: bytes) }
        return list
    }

    private mutating func checkList() throws(JSONFault) -> [Check]? {
        guard peek() == UInt8(ascii: "[") else { return nil }
        let start = position
        if let known = checks.value(at: start, in: bytes) {
            position = known.end
            return known.value
        }
        let list = try list { parser throws(JSONFault) in try parser.check() }
        if let list { checks.remember(list, start..<position, in: bytes) }
        return list
    }

    /// What a sample observed; `nil` where it is not wanted, or is `null`.
    private mutating func observation(isKept: Bool) throws(JSONFault) -> JSONValue? {
        if take(word: "null") { return nil }
        let start = position
        let hasEnd = peek() == UInt8(ascii: "{") || peek() == UInt8(ascii: "[")
        if hasEnd, let known = observations.value(at: start, in: bytes) {
            position = known.end
            return known.value
        }
        var observation: JSONValue?
        if isKept { observation = try value() } else { try skipValue() }
        if hasEnd { observations.remember(observation, start..<position, in: bytes) }
        return observation
    }

    private mutating func strings() throws(JSONFault) -> [String]? {
        try list { parser throws(JSONFault) in try parser.plainString() }
    }

    /// A string; `nil` where another value is next.
    @inline(__always)
    private mutating func plainString() throws(JSONFault) -> String? {
        peek() == UInt8(ascii: "\"") ? try string() : nil
    }

    /// One of a closed list of words; `nil` where anything else is next.
    @inline(__always)
    private mutating func word<Word: RawRepresentable>() throws(JSONFault) -> Word? where Word.RawValue == String {
        try plainString().flatMap { Word(rawValue: $0) }
    }

    /// A list of values of one shape; `nil` where it is none, or an element has another shape.
    @inline(__always)
    private mutating func list<Element>(
        _ element: (inout JSONParser) throws(JSONFault) -> Element?
    ) throws(JSONFault) -> [Element]? {
        guard enter("[") else { return nil }
        var elements: [Element] = []
        var isFirst = true
        while try hasElement(&isFirst) {
            guard let next = try element(&self) else { return nil }
            elements.append(next)
        }
        return elements
    }
}
