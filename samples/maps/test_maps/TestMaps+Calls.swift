import LibBPF
import LinuxHost
import SampleLab

extension TestMaps.Call {
    /// What is called, as counts of it are named.
    var name: String {
        switch self {
        case .put(_, _, let demand): "put \(demand)"
        case .get: "get"
        case .take: "take"
        case .drop: "drop"
        case .next: "next"
        case .walk: "walk"
        case .bump: "walk and change"
        case .freeze: "freeze"
        case .putMany: "put many"
        case .dropMany: "drop many"
        case .readMany: "read all"
        case .takeMany: "take all"
        }
    }
}

extension TestMaps.Answer {
    /// What is answered, as counts of it are named.
    var name: String {
        switch self {
        case .said(let text): text
        case .value: "the right value"
        case .keys: "the right keys"
        case .entries, .bumped: "the right entries"
        case .some(let count, let text): "\(count) and \(text)"
        case .first: "the first key"
        }
    }
}

extension TestMaps {
    /// What a list of calls must be answered.
    static func expected(_ plan: Plan) -> Tallies {
        var found: Tallies = [:]
        for (call, answer) in plan { found.add("\(call.name): \(answer.name)") }
        return found
    }

    /// What a list of calls is answered; what is right has the name that it has in ``expected(_:)``.
    static func answers(_ plan: Plan, on map: MapCalls) -> Tallies {
        var found: Tallies = [:]
        for (call, answer) in plan { found.add("\(call.name): \(answered(call, answer, on: map))") }
        return found
    }

    private static func answered(_ call: Call, _ answer: Answer, on map: MapCalls) -> String {
        let keySize = Int(map.shape.keySize)
        func value(_ found: MapCalls.Answer) -> String {
            guard found.text == "ok" else { return found.text }
            guard case .value(let number) = answer else { return "a value" }
            return found.bytes == TestMaps.value(number, of: map) ? answer.name : "another value"
        }
        switch call {
        case .put(let key, let number, let demand):
            return map.settle(key, TestMaps.value(number, of: map), flags: demand.rawValue)
        case .get(let key): return value(map.lookup(key))
        case .take(let key): return value(map.take(key))
        case .drop(let key): return map.delete(key)
        case .next(let key):
            let next = map.next(after: key)
            if answer == .first { return next == map.next(after: nil) ? answer.name : "another key" }
            return next.text == "ok" && answer == .keys([next.bytes]) ? answer.name : next.text
        case .walk:
            let walk = map.walk()
            guard walk.end == "ENOENT" else { return walk.end }
            return answer == .keys(inOrder(walk.keys, map.shape)) ? answer.name : "other keys"
        case .bump: return bump(map, answer)
        case .freeze: return map.freeze()
        case .putMany(let keys, let number):
            let values = keys.flatMap { _ in TestMaps.value(number, of: map) }
            let batch = map.update(keys: keys.flatMap(\.self), values: values)
            return "\(batch.count) and \(batch.text)"
        case .dropMany(let keys):
            let batch = map.delete(keys: keys.flatMap(\.self))
            return "\(batch.text == unsupported ? 0 : batch.count) and \(batch.text)"
        case .readMany, .takeMany:
            guard case .entries(var missing) = answer else { return map.read(64, removes: true).text }
            var part = map.read(64, removes: call.name == "take all")
            while true {
                let count = part.keys.count / keySize
                let valueSize = part.values.count / max(1, count)
                for place in 0..<count {
                    let key = Array(part.keys[place * keySize..<(place + 1) * keySize])
                    let bytes = part.values[place * valueSize..<(place + 1) * valueSize]
                    let number = missing.removeValue(forKey: key)
                    guard let number, bytes.elementsEqual(self.value(number, of: map)) else { return "another entry" }
                }
                guard part.text == "ok" else { break }
                part = map.read(64, from: part.place, removes: call.name == "take all")
            }
            return part.text == "ENOENT" && missing.isEmpty ? answer.name : "\(missing.count) missing, \(part.text)"
        }
    }

    /// Only arrays have an order of their own.
    private static func inOrder(_ keys: [[UInt8]], _ shape: MapShape) -> [[UInt8]] {
        guard ![.array, .perCPUArray].contains(shape.type) else { return keys }
        return keys.sorted { $0.reversed().lexicographicallyPrecedes($1.reversed()) }
    }

    /// Writes each entry on a walk anew; what comes next is asked for first, for a changed entry has another place.
    private static func bump(_ map: MapCalls, _ answer: Answer) -> String {
        guard case .bumped(let entries) = answer else { return "no keys" }
        var missing = entries
        var at = map.next(after: nil)
        while at.text == "ok" {
            let next = map.next(after: at.bytes)
            guard let number = missing.removeValue(forKey: at.bytes) else { return "another key" }
            let written = map.settle(at.bytes, value(number, of: map), flags: Demand.there.rawValue)
            guard written == "ok" else { return written }
            at = next
        }
        return at.text == "ENOENT" && missing.isEmpty ? answer.name : "\(missing.count) missing, \(at.text)"
    }

    /// The bytes of a value: each is another with another number, in another place and of another processor; zeros of 0.
    static func value(_ number: Int, of map: MapCalls) -> [UInt8] {
        var value = [UInt8](repeating: 0, count: map.stride * map.processors)
        guard number != 0 else { return value }
        for processor in 0..<map.processors {
            var byte = UInt8(truncatingIfNeeded: number &* 31 &+ number >> 8 &+ processor &* 101)
            for place in processor * map.stride..<processor * map.stride + Int(map.shape.valueSize) {
                value[place] = byte
                byte &+= 13
            }
        }
        return value
    }
}

extension MapCalls {
    /// Writes an entry, once more where the kernel says that it has no memory at the moment, or that a lock is held.
    ///
    /// What a map allocates when it is written to comes from a small stock, which is filled up behind its back.
    func settle(_ key: [UInt8], _ value: [UInt8], flags: UInt64 = 0) -> String {
        let deadline = Deadline(after: answerTime)
        while true {
            let answer = update(key, value, flags: flags)
            let isPassing = ["ENOMEM", "EAGAIN", "EBUSY", "EDEADLK", "ETIMEDOUT"].contains(answer)
            guard isPassing, !deadline.hasPassed else { return answer }
            deadline.pause(milliseconds: 1)
        }
    }
}
