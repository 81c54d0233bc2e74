import Foundation
import RunModel
import Testing

@Suite struct `the JSON parser` {
    @Test(arguments: [
        ("null", JSONValue.null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
        ("-0", .integer(0)), ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .unsigned(1 << 63)),
        ("18446744073709551615", .unsigned(.max)), ("18446744073709551616", .number(18_446_744_073_709_551_616)),
        ("1.0", .integer(1)), ("1e3", .integer(1000)), ("0.22", .number(0.22)), ("-1.5E-3", .number(-0.0015)),
        ("123456789012345678901234567890", .number(1.2345678901234568e29)), ("5e-324", .number(.leastNonzeroMagnitude)),
        (#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\udc1d""#, .string("a\"\\/\u{8}\u{C}\n\r\té🐝")),
        ("\"é🐝\"", .string("é🐝")), (#""\u0000""#, .string("\0")), ("[]", .array([])), ("{}", .object([:])),
        ("\u{FEFF}[1]", .array([.integer(1)])),
        (#" [ 1 , {"a" : [ ] , "\u0062" : null } ] "#, .array([.integer(1), .object(["a": .array([]), "b": .null])])),
    ])
    func `reads`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
    }

    @Test(arguments: [
        ("", JSONFault.Cause.end), ("  ", .end), ("[", .end), ("[1", .end), ("[1,", .end), ("{", .end),
        ("{\"a\"", .end),
        ("{\"a\":", .end), ("\"a", .end), ("\"\\", .end), ("\"\\u12", .end), ("-", .end), ("1.", .end), ("1e+", .end),
        ("tru", .unexpected), ("nul", .unexpected), ("[1,]", .unexpected), ("[,1]", .unexpected),
        ("{\"a\":1,}", .unexpected),
        ("{a:1}", .unexpected), ("{1:2}", .unexpected), ("'a'", .unexpected), ("01", .unexpected), ("-01", .unexpected),
        ("+1", .unexpected), (".5", .unexpected), ("1.e1", .unexpected), ("NaN", .unexpected),
        ("Infinity", .unexpected),
        ("[1 2]", .unexpected), ("{\"a\" 1}", .unexpected), ("\u{0}", .unexpected), ("\u{A0}1", .unexpected),
        ("1 2", .trailing), ("[] x", .trailing), ("1x", .trailing), ("\"\u{1}\"", .control), ("\"a\nb\"", .control),
        (#""\x""#, .escape), (#""\u12g4""#, .escape), (#""\ud800""#, .escape), (#""\udc00""#, .escape),
        (#""\ud800\u0041""#, .escape), ("1e999", .number), ("-1e999", .number),
        (#"{"a":1,"a":1}"#, .duplicate), (#"{"a":1,"\u0061":2}"#, .duplicate),
    ])
    func `refuses`(text: String, cause: JSONFault.Cause) {
        let fault = #expect(throws: JSONFault.self) { try JSONValue(parsing: Array(text.utf8)) }
        #expect(fault?.cause == cause, "\(fault.map(String.init(describing:)) ?? "")")
    }

    @Test(arguments: [[0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xFF]])
    func `refuses bytes that are not UTF-8`(bytes: [UInt8]) {
        for text in [[0x22] + bytes + [0x22], [0x22, 0x5C, 0x6E] + bytes + [0x22]] {
            let fault = #expect(throws: JSONFault.self) { try JSONValue(parsing: text) }
            #expect(fault?.cause == .encoding)
        }
    }

    @Test func `has an end to how deep it goes`() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(512)) }
        for depth in [513, 1_000_000] {
            let fault = #expect(throws: JSONFault.self) { try JSONValue(parsing: nested(depth)) }
            #expect(fault?.cause == .depth)
        }
    }

    /// SplitMix64, so that a failure can be seen again.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    static func value(_ generator: inout Generator, depth: Int = 0) -> JSONValue {
        let texts = [
            "", "a", "claim", "\u{1F41D}e\u{301}", "\"\\/\u{8}\u{0}\n", String(repeating: "x", count: 40), "\u{FFFF}",
        ]
        switch Int.random(in: 0..<(depth > 3 ? 6 : 8), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2:
            return .integer(
                Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...63, using: &generator)
            )
        case 3: return .unsigned(UInt64.random(in: (1 << 63)...(.max), using: &generator))
        case 4:
            let double = Double(bitPattern: UInt64.random(in: .min ... .max, using: &generator))
            return double.isFinite && abs(double) < 1e18 && Int64(exactly: double) == nil
                ? .number(double) : .number(0.1)
        case 5: return .string(texts.randomElement(using: &generator) ?? "")
        case 6:
            return .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in value(&generator, depth: depth + 1) }
            )
        default:
            let pairs = (0..<Int.random(in: 0...4, using: &generator)).map {
                ("k\($0)", value(&generator, depth: depth + 1))
            }
            return .object(Dictionary(uniqueKeysWithValues: pairs))
        }
    }

    @Test func `agrees with Foundation on what Foundation wrote`() throws {
        var generator = Generator(state: 20_261_129)
        for round in 0..<1000 {
            let value = Self.value(&generator)
            let bytes = Array(try JSONEncoder().encode([value]))
            try #require(
                try JSONValue(parsing: bytes) == .array([value]),
                "round \(round): \(String(decoding: bytes, as: UTF8.self))"
            )
            try #require(
                try JSONDecoder().decode(JSONValue.self, from: Data(bytes)) == .array([value]),
                "round \(round)"
            )
        }
    }

    /// A value with its large whole numbers as doubles: readers differ in which of them they call whole.
    static func rounded(_ value: JSONValue) -> JSONValue {
        switch value {
        case .integer(let number): abs(Double(number)) > 0x1p53 ? .number(Double(number)) : value
        case .unsigned(let number): .number(Double(number))
        case .array(let values): .array(values.map(rounded))
        case .object(let members): .object(members.mapValues(rounded))
        case .null, .bool, .number, .string: value
        }
    }

    @Test func `agrees with Foundation on whether damaged text is JSON`() throws {
        var generator = Generator(state: 7)
        let marks = Array("{}[]\",:\\u0-1e.5 tfn\u{0}".utf8)
        var refused = 0
        for round in 0..<4000 {
            var bytes = Array(try JSONEncoder().encode([Self.value(&generator)]))
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = marks.randomElement(using: &generator) ?? 0
                case 1: bytes.remove(at: place)
                default: bytes.insert(marks.randomElement(using: &generator) ?? 0, at: place)
                }
            }
            let theirs = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
            do {
                let ours = try JSONValue(parsing: bytes)
                try #require(
                    theirs.map(Self.rounded) == Self.rounded(ours),
                    "round \(round): \(String(decoding: bytes, as: UTF8.self))"
                )
            } catch let fault as JSONFault {
                refused += 1
                // Foundation takes one of two values of a key, a comma behind the last element, and no number that is too large.
                let isClosing = fault.offset < bytes.count && [0x5D, 0x7D].contains(bytes[fault.offset])
                let isComma = bytes[..<fault.offset].last { $0 != 0x20 } == UInt8(ascii: ",")
                let isStricter = fault.cause == .duplicate || fault.cause == .number || (isClosing && isComma)
                try #require(
                    theirs == nil || isStricter,
                    "round \(round): \(fault): \(String(decoding: bytes, as: UTF8.self))"
                )
            }
        }
        #expect(refused > 1000)
    }
}

@Suite struct `encoding to a JSON value` {
    @Test func `names the place in a list that cannot be encoded`() {
        let error = #expect(throws: EncodingError.self) { try JSONValue(encoding: ["a": [1.0, .nan]]) }
        guard case .invalidValue(_, let context)? = error else { return }
        #expect(context.codingPath.map(\.stringValue) == ["a", "1"])
    }
}
