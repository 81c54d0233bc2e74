extension JSONParser {
    /// Reads any value.
    package mutating func value() throws(JSONFault) -> JSONValue { try value(depth: 0) }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        guard let next = peek() else { throw fault(.end) }
        switch next {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default:
            if take(word: "true") { return .bool(true) }
            if take(word: "false") { return .bool(false) }
            if take(word: "null") { return .null }
            throw fault(.unexpected)
        }
    }

    private mutating func members(depth: Int) throws(JSONFault) -> [String: JSONValue] {
        if depth > Self.depthLimit { throw fault(.depth) }
        position += 1
        var isFirst = true
        var pairs: [(String, JSONValue)] = []
        while let key = try nextKey(&isFirst) { pairs.append((try text(of: key), try value(depth: depth))) }
        var members = [String: JSONValue](minimumCapacity: pairs.count)
        for (key, value) in pairs where members.updateValue(value, forKey: key) != nil { throw fault(.duplicate) }
        return members
    }

    private mutating func elements(depth: Int) throws(JSONFault) -> [JSONValue] {
        if depth > Self.depthLimit { throw fault(.depth) }
        position += 1
        var isFirst = true
        var elements: [JSONValue] = []
        while try hasElement(&isFirst) { elements.append(try value(depth: depth)) }
        return elements
    }

    /// A key's text.
    package mutating func text(of key: Key) throws(JSONFault) -> String {
        let behind = position
        position = key.start - 1
        let text = try string()
        position = behind
        return text
    }

    /// Goes past any value, with its syntax looked at; keys may repeat.
    package mutating func skipValue() throws(JSONFault) { try skipValue(depth: 0) }

    private mutating func skipValue(depth: Int) throws(JSONFault) {
        if depth > Self.depthLimit { throw fault(.depth) }
        guard let next = peek() else { throw fault(.end) }
        var isFirst = true
        switch next {
        case UInt8(ascii: "\""): _ = try skipString()
        case UInt8(ascii: "{"):
            position += 1
            while try nextKey(&isFirst) != nil { try skipValue(depth: depth + 1) }
        case UInt8(ascii: "["):
            position += 1
            while try hasElement(&isFirst) { try skipValue(depth: depth + 1) }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try number()
        default:
            guard take(word: "true") || take(word: "false") || take(word: "null") else { throw fault(.unexpected) }
        }
    }

    /// Reads a number; a whole one is an integer however it is written, as `JSONValue` has it.
    mutating func number() throws(JSONFault) -> JSONValue {
        let start = position
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var digits = Digits()
        let first = position
        try digits.take(&self)
        if bytes[first] == UInt8(ascii: "0"), position - first > 1 { throw fault(.unexpected) }
        var isWhole = true
        var exponent = 0
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            let begin = position
            try digits.take(&self)
            exponent = begin - position
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            position += 1
            var isDown = false
            if position < bytes.count, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
                isDown = bytes[position] == UInt8(ascii: "-")
                position += 1
            }
            var power = Digits()
            try power.take(&self)
            let size = power.overflows ? 1_000_000 : Int(min(power.value, 1_000_000))
            exponent += isDown ? -size : size
        }
        if isWhole, !digits.overflows {
            if !isNegative { return Int64(exactly: digits.value).map { .integer($0) } ?? .unsigned(digits.value) }
            if digits.value <= UInt64(Int64.max) + 1 { return .integer(Int64(truncatingIfNeeded: 0 &- digits.value)) }
        }
        let double: Double
        if !digits.overflows, digits.value <= 1 << 53, abs(exponent) <= 22 {
            // Both are doubles without error, so the quotient or product is the nearest double.
            let magnitude = Double(digits.value)
            let power = Self.powers[abs(exponent)]
            double = (isNegative ? -1 : 1) * (exponent < 0 ? magnitude / power : magnitude * power)
        } else {
            guard let found = Double(String(decoding: slice(start, position), as: UTF8.self)), found.isFinite else {
                throw fault(.number)
            }
            double = found
        }
        if let whole = Int64(exactly: double) { return .integer(whole) }
        if let whole = UInt64(exactly: double) { return .unsigned(whole) }
        return .number(double)
    }

    /// A number as a double; `nil` where another value is next.
    package mutating func double() throws(JSONFault) -> Double? {
        guard let next = peek(), next == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next)
        else { return nil }
        switch try number() {
        case .integer(let value): return Double(value)
        case .unsigned(let value): return Double(value)
        case .number(let value): return value
        case .null, .bool, .string, .array, .object: return nil
        }
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// Digits taken together as one number.
    private struct Digits {
        var value: UInt64 = 0
        var overflows = false

        /// Takes all digits that follow, at least one.
        @inline(__always)
        mutating func take(_ parser: inout JSONParser) throws(JSONFault) {
            let start = parser.position
            while parser.position < parser.bytes.count {
                let digit = parser.bytes[parser.position] &- UInt8(ascii: "0")
                guard digit <= 9 else { break }
                let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
                let (sum, isTooLargeNow) = tenfold.addingReportingOverflow(UInt64(digit))
                overflows = overflows || isTooLarge || isTooLargeNow
                value = sum
                parser.position += 1
            }
            guard parser.position > start else {
                throw parser.fault(parser.position < parser.bytes.count ? .unexpected : .end)
            }
        }
    }
}

extension JSONValue {
    /// Reads a JSON text (RFC 8259).
    ///
    /// - Parameter bytes: The whole text, in UTF-8.
    /// - Throws: ``JSONFault`` for what is no JSON, an object with a key twice included.
    public init(parsing bytes: [UInt8]) throws(JSONFault) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONFault) in
            var parser = JSONParser(buffer)
            let value = try parser.value()
            try parser.expectEnd()
            return value
        }
    }
}
