import RunModel
import SampleKit
import SampleLab
import Testing

/// Three steps, of which the last counts nothing.
private struct Counter: SteppedSample {
    static let manifest = Manifest(summary: "", oracle: "", programTypes: [], needs: .bpf)
    static let steps = ["first", "second", "quiet"]
    static let exampleFacts: [Tallies] = [["processors": 1], ["processors": 2]]

    static func expected(_ step: String, _ facts: Tallies) -> Tallies {
        step == "quiet" ? [:] : ["packets": (step == "first" ? 2 : 5) * facts["processors"]]
    }

    static func notReached(_ facts: Tallies) -> [String] { facts["processors"] > 1 ? [] : ["a second processor"] }

    func prepare(in arena: borrowing Arena) throws {}

    func perform(_ step: String, on bench: Void, in arena: borrowing Arena) throws -> Tallies { [:] }
}

struct SteppedSampleTests {
    private static func judge(_ steps: [String: Tallies], processors: Int = 1) -> Judgement {
        Counter().judge(SteppedObservation(facts: ["processors": processors], steps: steps))
    }

    @Test func `the examples that are made of the steps are answered right, and are of both kinds`() {
        for example in Counter.examples {
            #expect(Counter().judge(example.observation).isPass == example.passes, "\(example.title)")
        }
        #expect(Counter.examples.count { $0.passes } == 2)
        let titles = Counter.examples.map(\.title)
        #expect(Set(titles).count == titles.count)
        for part in [
            "'quiet' not performed", "one less of packets", "'first' and 'second' exchanged", "nothing observed",
        ] {
            #expect(titles.contains { $0.contains(part) }, "\(part)")
        }
    }

    @Test func `every count must be equal, and nothing else may be counted`() {
        #expect(Self.judge(["first": ["packets": 2], "second": ["packets": 5], "quiet": [:]]).isPass)
        #expect(Self.judge(["first": ["packets": 4], "second": ["packets": 10], "quiet": [:]], processors: 2).isPass)
        #expect(!Self.judge(["first": ["packets": 2], "second": ["packets": 5], "quiet": ["packets": 1]]).isPass)
        #expect(!Self.judge(["first": ["packets": 2], "second": ["packets": 5], "quiet": [:], "more": [:]]).isPass)
        #expect(!Self.judge(["first": ["packets": 2], "second": ["packets": 5]]).isPass)
    }

    @Test func `what one processor cannot show is said`() {
        #expect(Self.judge([:]).notReached == ["a second processor"])
        #expect(Self.judge([:], processors: 2).notReached == [])
    }
}
