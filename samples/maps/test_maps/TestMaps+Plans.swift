import LibBPF
import SampleLab

extension TestMaps {
    /// Calls, and what each must be answered.
    typealias Plan = [(call: Call, answer: Answer)]

    /// The calls on each map, by its name.
    static let plans: [String: Plan] = Dictionary(
        uniqueKeysWithValues: called.enumerated().map { ($1.name, plan($1, seed: UInt64($0))) }
    )

    /// Some calls, then a call to write each key, many calls on the full map, and as many again after it was emptied.
    private static func plan(_ map: KernInstructions.Map, seed: UInt64) -> Plan {
        var planner = Planner(map, seed: seed)
        planner.add(40)
        for round in 0..<2 {
            for key in planner.pool.shuffled(using: &planner.numbers) { planner.add(.put(key, planner.value, .any)) }
            planner.add(.walk)
            // Once more is EBUSY, or EPERM since 6.4.
            if map.name == "frozen", round == 0 { planner.add(.freeze) }
            planner.add(2 * planner.pool.count + 200)
            planner.empty()
        }
        planner.add(20)
        planner.add(.walk)
        return planner.plan
    }

    private struct Planner {
        var plan: Plan = []
        var numbers: SeededNumbers
        /// A quarter more keys than fit.
        let pool: [[UInt8]]
        private var model: Model
        private let map: KernInstructions.Map

        init(_ map: KernInstructions.Map, seed: UInt64) {
            self.map = map
            model = Model(map.shape)
            numbers = SeededNumbers(seed: seed)
            pool = TestMaps.pool(map.shape, using: &numbers)
        }

        /// Another one for each call.
        var value: Int { plan.count + 1 }
        private var isOpen: Bool { map.name != "frozen" && map.shape.flags & (Flag.readOnly | Flag.writeOnly) == 0 }

        /// Adds a call, but for one that kernels answer in different ways.
        mutating func add(_ call: Call) {
            if model.isTrie {
                switch call {
                // Before 6.13, and fixes of older ones, a trie ignores these flags, and is too full for a key that it has.
                case .put(let key, _, let demand):
                    guard ![.new, .there].contains(demand), !model.isFull || model.entries[key] == nil else { return }
                case .get(let key): guard Prefix(key).length <= 8 * (key.count - 4) else { return }
                case .take, .next, .bump, .putMany, .takeMany: return
                default: break
                }
            }
            if case .next(let key) = call, model.entries[key] != nil, !model.isArray { return }
            plan.append((call, model.answer(call)))
        }

        /// Adds so many calls of all kinds.
        mutating func add(_ count: Int) {
            for _ in 0..<count {
                let key = pool.randomElement(using: &numbers) ?? []
                let number = Int.random(in: 0..<1000, using: &numbers)
                let demand = isOpen ? Demand.allCases.randomElement(using: &numbers) ?? .any : .any
                switch number {
                case 0..<350: add(.put(key, value, demand))
                case 350..<600: add(.get(key))
                case 600..<720: add(.take(key))
                case 720..<850: add(.drop(key))
                case 850..<900: add(.next(key))
                case 900..<930: if number % 10 == 0 || pool.count < 50 { add(.walk) }
                default: addMany(number)
                }
            }
        }

        private mutating func addMany(_ number: Int) {
            guard isOpen, !model.isRow else { return }
            let some = Array(pool.shuffled(using: &numbers).prefix(3 + number % 8))
            // What allocates may have no memory at the moment.
            let puts = map.shape.flags & Flag.allocates == 0
            switch number % 5 {
            case 0: add(puts ? .putMany(some, value) : .readMany)
            case 1: add(.dropMany(some))
            case 2, 3: add(.readMany)
            default: add(number > 985 ? .takeMany : .bump)
            }
        }

        /// Removes what there is.
        mutating func empty() {
            guard isOpen, !model.isArray else { return }
            if !model.isRow { add(.takeMany) }
            for key in model.isRow ? Array(repeating: [], count: 6) : pool.filter({ model.entries[$0] != nil }) {
                add(model.isTrie ? .drop(key) : .take(key))
            }
            add(.walk)
        }
    }

    /// Keys, with the first and the last, a quarter more than fit.
    private static func pool(_ shape: MapShape, using numbers: inout SeededNumbers) -> [[UInt8]] {
        let (size, isLRU) = (Int(shape.keySize), shape.type == .lruHash || shape.type == .lruPerCPUHash)
        let count = isLRU ? 60 : Int(shape.capacity) + Int(shape.capacity) / 4 + 2
        var keys: Set<[UInt8]> = []
        switch shape.type {
        case .queue, .stack: return Array(repeating: [], count: count)
        case .array, .perCPUArray: return (0..<UInt64(count)).map { bytes($0, 4) } + [[UInt8](repeating: 255, count: 4)]
        case .prefixTrie:
            // Prefixes that have much in common, and one that is too long.
            while keys.count < count {
                let length = Int.random(in: 0...8 * (size - 4) + (keys.count == 9 ? 1 : 0), using: &numbers)
                var key = bytes(UInt64(length), 4) + [UInt8](repeating: 0, count: size - 4)
                for place in 4..<size { key[place] = [0, 1, 0x80, 0xa1].randomElement(using: &numbers) ?? 0 }
                for bit in 0..<8 * (size - 4) where bit >= length { key[4 + bit / 8] &= ~(0x80 >> UInt8(bit % 8)) }
                keys.insert(key)
            }
            keys.insert(bytes(UInt64(8 * (size - 4) + 1), 4) + [UInt8](repeating: 1, count: size - 4))
        default:
            keys = [[UInt8](repeating: 0, count: size), [UInt8](repeating: 255, count: size)]
            for number in 1...UInt64(count) where keys.count < count {
                // Long keys differ in one byte; an odd factor gives each number another short key.
                var key = bytes(number &* 0x9e37_79b9_7f4a_7c15, size)
                if size > 8 {
                    key = [UInt8](repeating: 0, count: size)
                    key[size - Int(number) % size - 1] = 0xa5
                }
                keys.insert(key)
            }
        }
        return keys.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
