import LibBPF
import LinuxHost
import SampleKit
import SampleLab

extension TestLruDist {
    /// A new hash, and the tasks that use it.
    final class Bench {
        private let (kind, round): (Kind, Round)
        private let processors: [CInt]
        private let loaded: LoadedInstructions
        private let state: MapCalls
        private let hash: MapCalls
        private let program: CInt

        init(_ kind: Kind, _ round: Round, _ processors: [CInt], _ arena: borrowing Arena) throws {
            // A list of one processor has its part of the entries: there is one for each that there may be.
            let shares =
                kind == .separate ? try MapCalls.possibleProcessors() : round.isOfMany ? processors.count : 1
            loaded = try arena.loadInstructions(capacities: ["\(kind)": UInt32(TestLruDist.size * shares)])
            (state, hash) = (try MapCalls(try loaded.map("state")), try MapCalls(try loaded.map("\(kind)")))
            program = try loaded.program("\(kind)").descriptor
            self.processors = processors
            (self.kind, self.round) = (kind, round)
        }

        private static func bytes<Number: FixedWidthInteger>(_ numbers: some Sequence<Number>) -> [UInt8] {
            Array(numbers).withUnsafeBytes(Array.init)
        }

        private static func numbers(_ bytes: [UInt8]) -> [UInt64] {
            bytes.withUnsafeBytes { bytes in
                (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
            }
        }

        /// What is added to the keys of a task, and once more to their values.
        private static func offset(_ task: Int) -> UInt64 { UInt64(task + 1) << 32 }

        /// Lets all tasks begin a row.
        private func begin(_ row: Row) throws {
            let places = Self.bytes(UInt32(0)..<UInt32(row.keys.count))
            let written = try MapCalls(try loaded.map("keys")).update(keys: places, values: Self.bytes(row.keys)).text
            guard written == "ok" else { throw ObjectMismatch("the map of keys does not take them: \(written)") }
            let fields = (0..<state.processors).flatMap { processor in
                let task = processors.firstIndex(of: CInt(processor)) ?? processors.count
                return [0, Self.offset(task)] + [UInt64](repeating: 0, count: Field.size / 8 - 2)
            }
            _ = state.update([], Self.bytes(fields))
        }

        /// Uses the next keys of the row in a task.
        private func use(_ count: Int, task: Int = 0) throws {
            try Processors.pinned(to: processors[task]) {
                _ = RawProgram.testRun(program, packetOf: 64, times: count)
            }
        }

        /// Uses all keys, each task in its turn some of them, in the same way in every run.
        private func takeTurns(_ row: Row) throws {
            for _ in stride(from: 0, to: row.keys.count, by: 256) {
                for task in processors.indices { try use(256, task: task) }
            }
        }

        /// What a task has counted.
        private func counts(of task: Int) -> Tallies {
            let all = Self.numbers(state.lookup([]).bytes)
            let start = Int(processors[task]) * state.stride / 8
            guard all.count >= start + Field.size / 8 else { return [:] }
            let field = { (field: Field) in Int(truncatingIfNeeded: all[start + Int(field.rawValue)]) }
            return [
                "task \(task): accesses": field(.hits) &+ field(.misses), "task \(task): misses": field(.misses),
                "task \(task): refused": field(.refused), "task \(task): of a wrong value": field(.wrong),
            ]
        }

        /// The hash's entries: as many as there may be, and more if they came.
        private func entries() -> [(key: UInt64, value: UInt64)] {
            let batch = hash.read(2 * TestLruDist.size * processors.count)
            return Array(zip(Self.numbers(batch.keys), Self.numbers(batch.values))).map { ($0, $1) }
        }

        /// Uses keys as the round says, and counts what is there in the end.
        func play() throws -> Tallies {
            try begin(round.row)
            let all = round.row.keys.count
            var found: Tallies = [:]
            switch round {
            case .fitting, .hot, .skewed: try use(all)
            case .passing: found = try usePassing(all)
            case .hotInTurns, .skewedInTurns: try takeTurns(round.row)
            case .fittingAtOnce, .hotAtOnce:
                let program = program
                try Crowd.run(on: processors) { { _ = RawProgram.testRun(program, packetOf: 64, times: all) } }
            case .neighbour: found = try meetNeighbour(all)
            }
            if round != .neighbour {
                for task in processors.indices.prefix(round.isOfMany ? .max : 1) { found = found + counts(of: task) }
            }
            return withExtendedLifetime(loaded) { found + look() + shape() }
        }

        /// Counts the entries, and those that nobody wrote.
        private func look() -> Tallies {
            let rows = round == .neighbour ? [round.row, .passing] : [round.row]
            let known = Set(rows.flatMap(\.keys))
            var keys: Set<UInt64> = []
            var found: Tallies = [:]
            for (key, value) in entries() {
                let (number, offset) = (key & 0xffff_ffff, key & ~0xffff_ffff)
                let isKnown = known.contains(number) && value == key &+ offset && keys.insert(key).inserted
                let isOfTask = processors.indices.contains { Self.offset($0) == offset }
                found.add(isKnown && isOfTask ? "entries" : "strangers")
            }
            return found
        }

        private func shape() -> Tallies {
            guard let shape = Pins.shape(of: hash.descriptor) else { return [:] }
            return ["type": Int(shape.type.rawValue), "flags": Int(shape.flags), "capacity": Int(shape.capacity)]
        }

        /// Uses the last keys one by one, and looks at the hash after each.
        private func usePassing(_ all: Int) throws -> Tallies {
            try use(all - Row.single)
            // This marks nothing as used.
            for entry in entries() { _ = hash.lookup(Self.bytes([entry.key])) }
            var (most, fewest) = (0, Int.max)
            for _ in 0..<Row.single {
                try use(1)
                let count = hash.read(2 * TestLruDist.size).keys.count / 8
                (most, fewest) = (max(most, count), min(fewest, count))
            }
            let there = Set(entries().map { $0.key &- Self.offset(0) })
            let newest = Set(round.row.keys.suffix(there.count))
            return ["most entries": most, "fewest entries": fewest, "old ones": there.subtracting(newest).count]
        }

        /// One task writes what fits and never uses it again, another one passes by, and what the first has left is counted.
        private func meetNeighbour(_ all: Int) throws -> Tallies {
            try use(all / 3)
            let first = counts(of: 0)
            try begin(.passing)
            let last = processors.count - 1
            try use(Row.passing.keys.count, task: last)
            let left = entries().count { $0.key & ~0xffff_ffff == Self.offset(0) }
            return first + counts(of: last) + ["left of the first": left]
        }
    }
}
