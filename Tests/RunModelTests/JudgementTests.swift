import RunModel
import Testing

@Suite struct `a judgement` {
    static let held = Check.equal("packets", expected: 980, observed: 980)
    static let broken = Check.equal("bytes", expected: 7, observed: 8)

    @Test func `passes only where it looked at something and all of it held`() {
        #expect(Judgement([Self.held]).isPass)
        #expect(!Judgement([Self.held, Self.broken]).isPass)
        #expect(!Judgement([]).isPass)
        #expect(!Judgement([], notReached: ["no CPU 1"]).isPass)
    }

    @Test func `names its first objection`() {
        #expect(Judgement([Self.held, Self.broken]).firstObjection == "bytes: expected 7, found 8")
        #expect(Judgement([]).firstObjection == "the oracle looked at nothing")
        #expect(Judgement([Self.held]).firstObjection == nil)
    }

    @Test func `compares at the bounds`() {
        #expect(Check.atLeast("n", bound: 3, observed: 3).held)
        #expect(!Check.atLeast("n", bound: 3, observed: 2).held)
        #expect(Check.atMost("n", bound: 3, observed: 3).held)
        #expect(!Check.atMost("n", bound: 3, observed: 4).held)
        #expect(Check.within("n", 3...5, observed: 5).held)
        #expect(!Check.within("n", 3...5, observed: 6).held)
    }
}
