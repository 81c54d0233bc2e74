import LibBPF
import SampleLab
import Testing

@testable import MapsSamples

/// The calls of `test_maps`, and the rows of keys of `test_lru_dist`.
struct MapPlanTests {
    /// What kinds of maps must be answered in a list of calls, so that no list is empty of what it is there for.
    @Test(arguments: [
        ("hash", ["put any: E2BIG", "put new: EEXIST", "put there: ENOENT", "put both: EINVAL", "put locked: EINVAL"]),
        ("hash", ["get: ENOENT", "take: the right value", "take: ENOENT", "drop: ENOENT", "next: the first key"]),
        ("hash by processor", ["walk and change: the right entries", "read all: the right entries", "put there: ok"]),
        ("LRU", ["take all: the right entries", "put new: EEXIST", "drop many: 0 and ENOENT"]),
        ("array", ["put any: E2BIG", "put new: EEXIST", "drop: EINVAL", "take: errno 524", "next: ENOENT"]),
        ("array by processor", ["next: the right keys", "drop many: 0 and errno 524", "take all: errno 524"]),
        ("queue", ["put any: E2BIG", "put new: EINVAL", "put there: ok", "take: ENOENT", "next: EINVAL"]),
        ("trie", ["put any: ENOSPC", "put any: EINVAL", "drop: EINVAL", "get: ENOENT", "get: the right value"]),
        ("read only", ["put any: EPERM", "take: EPERM", "get: ENOENT", "walk: the right keys"]),
        ("write only", ["get: EPERM", "take: EPERM", "walk: EPERM", "put any: E2BIG", "drop: ok"]),
        ("frozen", ["freeze: ok", "put any: EPERM", "drop: EPERM", "get: the right value"]),
    ])
    func `lists of calls have what they are there for`(map: String, answers: [String]) throws {
        let expected = TestMaps.expected(try #require(TestMaps.plans[map]))
        for answer in answers { #expect(expected[answer] > 0, "\(map): \(answer)") }
    }

    /// By a list that is searched from its beginning to its end.
    @Test(arguments: [(256, true), (1024, true), (1024, false), (2048, true)])
    func `an exact LRU misses what a plain one misses`(size: Int, renews: Bool) {
        let row = TestLruDist.Row.skewed
        var list: [UInt64] = []
        var misses = 0
        for key in row.keys.prefix(6000) {
            let place = list.firstIndex(of: key)
            if place == nil { misses += 1 }
            if let place, renews { list.remove(at: place) }
            if place == nil || renews { list.append(key) }
            if list.count > size { list.removeFirst() }
        }
        #expect(TestLruDist.Row.misses(of: row.keys.prefix(6000), size: size, renews: renews) == misses)
    }

    @Test func `what evicts anything, or what came first, misses more than there may be`() {
        let (hot, skewed) = (TestLruDist.Row.hot, TestLruDist.Row.skewed)
        #expect(hot.misses(size: TestLruDist.size, renews: false) > hot.distinct + 200)
        #expect(skewed.misses(size: TestLruDist.size, renews: false) > TestLruDist.skewedMisses.upperBound)
        #expect(TestLruDist.skewedMisses.contains(skewed.misses(size: TestLruDist.size)))
    }
}
