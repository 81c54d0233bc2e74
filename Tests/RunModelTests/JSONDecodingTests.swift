import FoundationEssentials
import RunModel
import Testing

/// Values that are read out of JSON without writing it again.
struct JSONDecodingTests {
    private enum Shape: Codable, Equatable {
        case dot
        case box(width: Int, name: String)
    }

    private class Base: Codable {
        var inherited = 3
    }

    private final class Derived: Base {
        var own = "own"

        override init() { super.init() }

        private enum Keys: CodingKey { case own }

        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            try super.init(from: container.superDecoder())
            own = try container.decode(String.self, forKey: .own)
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try super.encode(to: container.superEncoder())
            try container.encode(own, forKey: .own)
        }
    }

    private struct Everything: Codable, Equatable {
        var flag = true
        var text = "a\u{1}\"\\ é 😀"
        var small: UInt8 = 255
        var negative: Int64 = .min
        var large: UInt64 = .max
        var double = 0.1
        var whole = 1e15
        var float: Float = 1.5
        var lists = [[1, 2], [], [3]]
        var holes: [Int?] = [nil, 4, nil]
        var named = ["a": [1: "x", -2: "y"]]
        var pairs: [Verdict: Int] = [.pass: 1, .fail: 2]
        var missing: Int?
        var present: String? = "here"
        var verdict = Verdict.skip
        var shapes = [Shape.dot, .box(width: 3, name: "n")]
        var time = Duration.milliseconds(1500)
        var value = JSONValue.object(["n": .null, "list": .array([.number(0.5), .unsigned(.max)])])
    }

    @Test func `a value of any kind comes back, by the worker's way and by Foundation's`() throws {
        let value = Everything()
        let text = try JSONValue(encoding: value).text
        let read = try JSONValue(parsing: Array(text.utf8)).decoded(as: Everything.self)
        #expect(read == value)
        #expect(try JSONDecoder().decode(Everything.self, from: Data(text.utf8)) == value)
        let theirs = Array(try JSONEncoder().encode(value))
        #expect(try JSONValue(parsing: theirs).decoded(as: Everything.self) == value)
    }

    @Test func `a value that inherits from another comes back`() throws {
        let value = Derived()
        (value.own, value.inherited) = ("changed", 7)
        let read = try JSONValue(encoding: value).decoded(as: Derived.self)
        #expect(read.own == "changed" && read.inherited == 7)
    }

    @Test(arguments: ["\"1\"", "null", "true", "[1]", "{}"])
    func `what is no number is refused in the words that Foundation's decoder leads to`(json: String) throws {
        let bytes = Array("[\(json)]".utf8)
        let value = try JSONValue(parsing: bytes)
        let ours = #expect(throws: DecodingError.self) { try value.decoded(as: [UInt8].self) }
        let theirs = #expect(throws: DecodingError.self) { try JSONDecoder().decode([UInt8].self, from: Data(bytes)) }
        #expect(ours.map { DecodingFailure.text(of: $0) } == theirs.map { DecodingFailure.text(of: $0) })
    }

    /// Foundation does not say where such a number stands.
    @Test(arguments: ["-1", "256", "1.5", "1e3"])
    func `a number that does not fit is refused, and its place is named`(json: String) throws {
        let value = try JSONValue(parsing: Array("[\(json)]".utf8))
        let error = #expect(throws: DecodingError.self) { try value.decoded(as: [UInt8].self) }
        #expect(error.map { DecodingFailure.text(of: $0) } == "[0] has a value that is not known here")
    }

    @Test func `a number is read as any type that it fits`() throws {
        #expect(try JSONValue.integer(7).decoded(as: Double.self) == 7)
        #expect(try JSONValue.number(7).decoded(as: Int.self) == 7)
        #expect(try JSONValue.unsigned(.max).decoded(as: UInt64.self) == .max)
        #expect(throws: DecodingError.self) { try JSONValue.unsigned(.max).decoded(as: Int64.self) }
        #expect(throws: DecodingError.self) { try JSONValue.array([]).decoded(as: Everything.self) }
    }
}
