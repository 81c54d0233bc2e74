import LibBPF

extension TestMaps {
    /// What a written key must be.
    enum Demand: UInt64, CaseIterable, Sendable {
        /// Anything (`BPF_ANY`), new (`BPF_NOEXIST`), or there (`BPF_EXIST`).
        case any, new, there
        /// Both, which is no flag; and `BPF_F_LOCK`, which needs a lock in the value.
        case both, locked
    }

    /// A call; values are numbers that bytes are made of, and queues have no keys.
    enum Call: Sendable {
        case put([UInt8], Int, Demand)
        case get([UInt8])
        case take([UInt8])
        case drop([UInt8])
        case next([UInt8])
        /// All keys, also while each value becomes one more.
        case walk, bump
        case freeze
        /// Many entries by one call.
        case putMany([[UInt8]], Int)
        case dropMany([[UInt8]])
        case readMany, takeMany
    }

    /// What a call is answered.
    enum Answer: Sendable, Equatable {
        /// `ok`, or an errno.
        case said(String)
        case value(Int)
        case keys([[UInt8]])
        case entries([[UInt8]: Int])
        /// The entries as they are changed on a walk.
        case bumped([[UInt8]: Int])
        /// How many entries were worked on, and why no more.
        case some(Int, String)
        /// The key that comes first, for one that is not there.
        case first
    }

    /// What a map must do.
    struct Model {
        let shape: MapShape
        /// The entries of all but queues and stacks; 0 is a value of zeros, as arrays begin with.
        private(set) var entries: [[UInt8]: Int] = [:]
        private var row: [Int] = []
        private var isFrozen = false

        init(_ shape: MapShape) {
            self.shape = shape
            guard isArray else { return }
            for index in 0..<Int(shape.capacity) { entries[TestMaps.bytes(UInt64(index), 4)] = 0 }
        }

        var isArray: Bool { shape.type == .array || shape.type == .perCPUArray }
        var isTrie: Bool { shape.type == .prefixTrie }
        var isRow: Bool { shape.type == .queue || shape.type == .stack }
        var isFull: Bool { max(entries.count, row.count) == Int(shape.capacity) }
        private var canRead: Bool { shape.flags & Flag.writeOnly == 0 }
        private var canWrite: Bool { shape.flags & Flag.readOnly == 0 && !isFrozen }

        /// The keys, in their order where they have one.
        private var keys: [[UInt8]] {
            entries.keys.sorted { $0.reversed().lexicographicallyPrecedes($1.reversed()) }
        }

        private func isTooLong(_ key: [UInt8]) -> Bool { isTrie && Prefix(key).length > 8 * (key.count - 4) }

        /// Makes a call.
        mutating func answer(_ call: Call) -> Answer {
            switch call {
            case .put(let key, let value, let demand): return .said(put(key, value, demand))
            case .get(let key): return get(key)
            case .take(let key): return take(key)
            case .drop(let key): return .said(drop(key))
            case .next(let key):
                guard canRead else { return .said("EPERM") }
                if isRow { return .said("EINVAL") }
                guard isArray else { return .first }
                let index = TestMaps.number(key)
                if index + 1 == shape.capacity { return .said("ENOENT") }
                return .keys([TestMaps.bytes(index < shape.capacity ? index + 1 : 0, 4)])
            case .walk: return !canRead ? .said("EPERM") : isRow ? .said("EINVAL") : .keys(keys)
            case .bump:
                for key in entries.keys { entries[key]? += 1 }
                return .bumped(entries)
            case .freeze:
                isFrozen = true
                return .said("ok")
            case .putMany(let keys, let value):
                return many(keys) { map, key in map.put(key, value, .any) }
            case .dropMany(let keys):
                return isArray ? .some(0, TestMaps.unsupported) : many(keys) { map, key in map.drop(key) }
            case .readMany: return .entries(entries)
            case .takeMany:
                guard !isArray else { return .said(TestMaps.unsupported) }
                defer { entries = [:] }
                return .entries(entries)
            }
        }

        private mutating func many(_ keys: [[UInt8]], _ body: (inout Model, [UInt8]) -> String) -> Answer {
            for (place, key) in keys.enumerated() {
                let said = body(&self, key)
                guard said == "ok" else { return .some(place, said) }
            }
            return .some(keys.count, "ok")
        }

        private mutating func put(_ key: [UInt8], _ value: Int, _ demand: Demand) -> String {
            guard canWrite else { return "EPERM" }
            guard demand.rawValue < Demand.both.rawValue, !isTooLong(key) else { return "EINVAL" }
            if isRow {
                guard demand != .new else { return "EINVAL" }
                guard !isFull || demand == .there else { return "E2BIG" }
                // In the place of the oldest.
                if isFull { row.removeFirst() }
                row.append(value)
                return "ok"
            }
            let isThere = entries[key] != nil
            if isArray, !isThere { return "E2BIG" }
            if isThere, demand == .new { return "EEXIST" }
            if !isThere, demand == .there { return "ENOENT" }
            if !isThere, isFull { return isTrie ? "ENOSPC" : "E2BIG" }
            entries[key] = value
            return "ok"
        }

        private func get(_ key: [UInt8]) -> Answer {
            guard canRead else { return .said("EPERM") }
            var found = isRow ? shape.type == .queue ? row.first : row.last : entries[key]
            if isTrie {
                let longest = entries.keys.filter { Prefix($0).contains(Prefix(key)) }
                    .max { Prefix($0).length < Prefix($1).length }
                found = longest.flatMap { entries[$0] }
            }
            return found.map { .value($0) } ?? .said("ENOENT")
        }

        private mutating func take(_ key: [UInt8]) -> Answer {
            guard canRead, canWrite else { return .said("EPERM") }
            guard !isArray else { return .said(TestMaps.unsupported) }
            let found = get(key)
            if isRow, !row.isEmpty { row.remove(at: shape.type == .queue ? 0 : row.count - 1) }
            entries[key] = nil
            return found
        }

        private mutating func drop(_ key: [UInt8]) -> String {
            guard canWrite else { return "EPERM" }
            guard !isArray, !isRow, !isTooLong(key) else { return "EINVAL" }
            return entries.removeValue(forKey: key) == nil ? "ENOENT" : "ok"
        }
    }

    /// `ENOTSUPP`, which has no name outside of the kernel.
    static let unsupported = "errno 524"

    /// A key of a trie: how many bits count, and the bits.
    struct Prefix {
        let length: Int
        let bits: ArraySlice<UInt8>

        init(_ key: [UInt8]) {
            length = Int(TestMaps.number(key.prefix(4)))
            bits = key.dropFirst(4)
        }

        /// Whether another one begins with it.
        func contains(_ other: Prefix) -> Bool {
            guard length <= other.length else { return false }
            let whole = length / 8
            guard bits.prefix(whole).elementsEqual(other.bits.prefix(whole)) else { return false }
            return length % 8 == 0 || (bits[4 + whole] ^ other.bits[4 + whole]) >> UInt8(8 - length % 8) == 0
        }
    }

    /// A number, the lowest byte first.
    static func bytes(_ number: UInt64, _ size: Int) -> [UInt8] {
        (0..<size).map { $0 < 8 ? UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) : 0 }
    }

    static func number(_ bytes: some Collection<UInt8>) -> UInt64 {
        bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
