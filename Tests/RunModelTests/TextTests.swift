import FoundationEssentials
import RunModel
import Testing

/// Text for people: lines that fit, lists of names, what is wrong with JSON.
struct TextTests {
    @Test func `text is broken at blanks, and a word that is too long stays whole`() {
        #expect(LineWrap.lines("one two three", width: 8) == ["one two", "three"])
        #expect(LineWrap.lines("one two three", width: 9, first: "- ") == ["- one two", "  three"])
        #expect(LineWrap.lines("a /very/long/path b", width: 6) == ["a", "/very/long/path", "b"])
        #expect(LineWrap.lines("", width: 9, first: "config   ") == ["config"])
        let long = Array(repeating: "BPF_MAP_TYPE_ARRAY", count: 150).joined(separator: ", ")
        #expect(LineWrap.lines(long, width: 80, first: "  ").allSatisfy { $0.count <= 80 })
    }

    @Test func `of many names the first few are told`() {
        #expect(NameList.text([]) == "")
        #expect(NameList.text(["a"]) == "a")
        #expect(NameList.text(["a", "b", "a"]) == "a and b")
        #expect(NameList.text(["a", "b", "c", "d", "e"]) == "a, b, c, d and e")
        #expect(NameList.text(["a", "b", "c", "d", "e", "f"]) == "a, b, c, d and 2 more")
    }

    @Test func `a refusal has one cause, and its remedy can be told from the cause`() {
        #expect(Refusal(missing: ["CAP_BPF"], lockdown: "integrity") == .capabilities(["CAP_BPF"]))
        #expect(Refusal(missing: [], lockdown: "integrity", isBounded: true) == .lockdown(mode: "integrity"))
        #expect(Refusal(missing: [], lockdown: "none", isBounded: true) == .lockedMemory)
        #expect(Refusal(missing: [], lockdown: nil) == .policy)
        let all: [Refusal] = [.capabilities(["CAP_BPF"]), .lockdown(mode: "integrity"), .lockedMemory, .policy]
        for refusal in all {
            #expect(Refusal.remedy(for: refusal.cause) == refusal.remedy)
            #expect(refusal.cause.contains("ulimit") == false)
        }
        #expect(Refusal.remedy(for: "errno 7") == nil)
    }

    private struct Sample: Codable {
        var verdict: Verdict
        var count: Int
        var names: [String]
    }

    @Test func `what is wrong with JSON is never said in Swift's words`() {
        func failure(_ json: String) -> String {
            do {
                _ = try JSONDecoder().decode(Sample.self, from: Data(json.utf8))
                return "none"
            } catch {
                // Of what was parsed before the same is said.
                if let value = try? JSONValue(parsing: Array(json.utf8)) {
                    let same = #expect(throws: DecodingError.self) { try value.decoded(as: Sample.self) }
                    #expect(same.map { DecodingFailure.text(of: $0) } == DecodingFailure.text(of: error))
                }
                return DecodingFailure.text(of: error)
            }
        }
        #expect(failure("{}") == "it lacks 'verdict'")
        #expect(failure("{\"verdict\": \"x\"}") == "verdict has a value that is not known here")
        #expect(failure("{\"verdict\": \"pass\", \"count\": \"1\"}") == "count is not a number that fits")
        #expect(failure("{\"verdict\": \"pass\", \"count\": 1, \"names\": 1}") == "names is not an array")
        #expect(failure("{\"verdict\": \"pass\", \"count\": 1, \"names\": [\"a\", 1]}") == "names[1] is not a string")
        #expect(failure("{\"verdict\": \"pass\", \"count\": 1, \"names\": [null]}") == "names[0] is null")
        #expect(failure("[1]") == "it is not of the form that is expected")
        #expect(failure("null") == "it is null")
        #expect(failure("{\"verdict\": null}") == "verdict is null")
        #expect(failure("[") == "it is not valid JSON")
    }
}
