import LibBPF
import SampleLab
import Synchronization

extension TestMaps {
    /// What threads must be answered that use the same hash at once.
    static func met(_ shape: MapShape, _ threads: Int) -> Tallies {
        let (all, others) = (Int(shape.capacity), Int(shape.capacity) * (threads - 1))
        return [
            "own keys written: ok": all, "one more: E2BIG": 2, "walked": all * 2, "own keys changed: ok": all,
            "read: ok": all * 2, "all keys removed: ok": all, "all keys removed: ENOENT": others,
            "all keys written: ok": all, "all keys written: EEXIST": others,
            "all keys taken: ok": all, "all keys taken: ENOENT": others, "nothing left: ENOENT": 1,
        ]
    }

    /// Runs work in a thread of each processor at once, each with its number.
    private static func together(on processors: [CInt], _ work: @escaping @Sendable (Int) -> Tallies) throws -> Tallies
    {
        let state = Mutex<(next: Int, found: Tallies)>((0, [:]))
        try Crowd.run(on: processors) {
            let number = state.withLock { state in
                defer { state.next += 1 }
                return state.next
            }
            return {
                let found = work(number)
                state.withLock { $0.found = $0.found + found }
            }
        }
        return state.withLock { $0.found }
    }

    /// Threads write, change, remove and take entries, each its own ones, or all the same.
    static func meet(_ map: MapCalls, on processors: [CInt]) throws -> Tallies {
        let (all, threads) = (Int(map.shape.capacity), processors.count)
        let keys = (0..<all).map { bytes(UInt64($0), 4) }
        let value = { @Sendable (place: Int, round: Int) in TestMaps.value(1000 * round + place + 1, of: map) }
        var found: Tallies = [:]
        /// Each thread counts what it is answered.
        func each(own: Bool, _ claim: String, _ body: @escaping @Sendable (Int) -> String) throws {
            let counted = try together(on: processors) { thread in
                var counted: Tallies = [:]
                for place in 0..<all where !own || place % threads == thread {
                    counted.add("\(claim): \(body(place))")
                }
                return counted
            }
            found = found + counted
        }
        func look(_ round: Int) {
            found.add("one more: \(map.settle(bytes(UInt64(all), 4), []))")
            for key in map.walk().keys { found.add(number(key) < UInt64(all) ? "walked" : "walked to another key") }
            for place in 0..<all {
                let answer = map.lookup(keys[place])
                found.add("read: \(answer.bytes == value(place, round) ? "ok" : "another value, \(answer.text)")")
            }
        }
        try each(own: true, "own keys written") { map.settle(keys[$0], value($0, 0), flags: Demand.new.rawValue) }
        try each(own: true, "own keys changed") { map.settle(keys[$0], value($0, 1), flags: Demand.there.rawValue) }
        look(1)
        try each(own: false, "all keys removed") { map.delete(keys[$0]) }
        try each(own: false, "all keys written") { map.settle(keys[$0], value($0, 2), flags: Demand.new.rawValue) }
        look(2)
        try each(own: false, "all keys taken") {
            let answer = map.take(keys[$0])
            return answer.text != "ok" || answer.bytes == value($0, 2) ? answer.text : "another value"
        }
        found.add("nothing left: \(map.next(after: nil).text)")
        return found
    }

    /// What threads must be answered that push to the same queue, and pop from it.
    static func queued(_ threads: Int) -> Tallies {
        let all = Int(queue.shape.capacity)
        return [
            "pushed: ok": all * 2, "one more: E2BIG": 2, "popped in the order of their threads": all, "popped": all,
            "one popped too many: ENOENT": threads + 1,
        ]
    }

    /// Threads push to a queue, which one thread empties, and then all of them do.
    static func useQueue(_ map: MapCalls, on processors: [CInt]) throws -> Tallies {
        let (all, threads) = (Int(map.shape.capacity), processors.count)
        var found: Tallies = [:]
        func push() throws {
            let pushed = try together(on: processors) { thread in
                var pushed: Tallies = [:]
                for number in stride(from: thread, to: all, by: threads) {
                    pushed.add("pushed: \(map.settle([], bytes(UInt64(number), 4)))")
                }
                return pushed
            }
            found = found + pushed
            found.add("one more: \(map.settle([], []))")
        }
        @Sendable func pop(_ body: (Int) -> String) -> Tallies {
            var popped: Tallies = [:]
            for _ in 0...all {
                let answer = map.take([])
                guard answer.text == "ok" else {
                    popped.add("one popped too many: \(answer.text)")
                    break
                }
                popped.add(body(Int(number(answer.bytes))))
            }
            return popped
        }
        try push()
        var last: [Int: Int] = [:]
        found =
            found
            + pop { value in
                defer { last[value % threads] = value }
                let isNext = value == last[value % threads].map { $0 + threads } ?? value % threads
                return isNext ? "popped in the order of their threads" : "popped in another order"
            }
        try push()
        let seen = Mutex<Set<Int>>([])
        let popped = try together(on: processors) { _ in
            pop { value in
                let isFirst = seen.withLock { $0.insert(value).inserted }
                return isFirst && value < all ? "popped" : "popped twice"
            }
        }
        return found + popped
    }
}
