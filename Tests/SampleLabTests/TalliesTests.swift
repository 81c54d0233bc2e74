import RunModel
import SampleLab
import Testing

struct TalliesTests {
    @Test func `what was not seen and what was seen 0 times are the same`() {
        #expect(["a": 1, "b": 0] as Tallies == ["a": 1])
        #expect((["a": 2] as Tallies) + ["a": -2, "b": 3] == ["b": 3])
        #expect((["a": 2] as Tallies)["b"] == 0)
    }

    @Test func `names can be put behind a text, and counts multiplied`() {
        #expect(Tallies([17: 3, 6: 1], prefix: "protocol ") == ["protocol 17": 3, "protocol 6": 1])
        #expect((["x": 2] as Tallies).named("left ") * 3 == ["left x": 6])
    }

    @Test func `they travel as an object of numbers`() throws {
        let tallies: Tallies = ["a": 1, "b": -7]
        let value = try JSONValue(encoding: tallies)
        #expect(value == .object(["a": .integer(1), "b": .integer(-7)]))
        #expect(try value.decoded(as: Tallies.self) == tallies)
    }
}
