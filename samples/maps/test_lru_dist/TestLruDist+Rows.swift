import SampleLab

extension TestLruDist {
    /// Keys in the order in which they are used.
    enum Row: CaseIterable, Sendable {
        /// As many as fit beside the entries that a processor may hold free, three times.
        case fitting
        /// More than fit, twice, and then new ones.
        case passing
        /// A quarter of what fits, again and again, each between two keys that never come again.
        case hot
        /// Few keys often, and many seldom.
        case skewed

        /// The keys.
        var keys: [UInt64] { Self.rows[self] ?? [] }
        /// How many different ones there are.
        var distinct: Int { Set(keys).count }

        /// How many keys the longest row has.
        static let longest = rows.values.map(\.count).max() ?? 0
        /// How many keys of ``passing`` are used one by one, so that what is there can be counted after each.
        static let single = 160

        private static let rows: [Row: [UInt64]] = {
            let size = UInt64(TestLruDist.size)
            var numbers = SeededNumbers(seed: 12)
            return [
                .fitting: (0..<3).flatMap { _ in 0..<size - 128 },
                .passing: (0..<2).flatMap { _ in 10_000..<10_000 + size + 256 } + (20_000..<20_000 + UInt64(single)),
                .hot: (0..<2 * size).flatMap { [30_000 + $0, 40_000 + $0 % (size / 4)] },
                .skewed: (0..<8 * size).map { _ in
                    // The fourth power of a number below one.
                    let square = { (part: UInt64) in (part * part) >> 32 }
                    return 50_000 + (square(square(numbers.next() >> 32)) * 4 * size) >> 32
                },
            ]
        }()

        /// How often a hash of so many entries misses a key that forgets the one least recently used, or the one written first.
        func misses(size: Int, renews: Bool = true) -> Int { Self.misses(of: keys, size: size, renews: renews) }

        static func misses(of keys: some Sequence<UInt64>, size: Int, renews: Bool) -> Int {
            // When each key that is there was used; a place of the queue with another time was left behind.
            var times: [UInt64: Int] = [:]
            var queue: [UInt64] = []
            var (misses, oldest) = (0, 0)
            for key in keys {
                let isMiss = times[key] == nil
                guard isMiss || renews else { continue }
                if isMiss { misses += 1 }
                while isMiss, times.count == size {
                    if times[queue[oldest]] == oldest { times[queue[oldest]] = nil }
                    oldest += 1
                }
                times[key] = queue.count
                queue.append(key)
            }
            return misses
        }
    }
}
