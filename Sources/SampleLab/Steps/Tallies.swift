/// How often each of several things was seen, by what it is.
///
/// What was not seen and what was seen 0 times are the same.
public struct Tallies: Codable, Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// The counts that are not 0.
    public private(set) var counts: [String: Int]

    /// Takes counts.
    public init(_ counts: [String: Int] = [:]) { self.counts = counts.filter { $0.value != 0 } }

    /// Takes counts as they are written down.
    ///
    /// - Precondition: No name stands twice.
    public init(dictionaryLiteral elements: (String, Int)...) {
        self.init(Dictionary(uniqueKeysWithValues: elements))
    }

    /// Takes counts by a number, such as the key of a map, whose names begin with a text.
    public init<Key: BinaryInteger>(_ counts: [Key: Int], prefix: String) {
        self.init(Dictionary(uniqueKeysWithValues: counts.map { ("\(prefix)\($0.key)", $0.value) }))
    }

    /// How often something was seen.
    public subscript(name: String) -> Int {
        get { counts[name, default: 0] }
        set { counts[name] = newValue == 0 ? nil : newValue }
    }

    /// Counts something once more, or so many times.
    public mutating func add(_ name: String, _ count: Int = 1) { self[name] &+= count }

    /// The same things with other names: each behind a text.
    public func named(_ prefix: String) -> Tallies {
        Tallies(Dictionary(uniqueKeysWithValues: counts.map { (prefix + $0.key, $0.value) }))
    }

    /// Both together.
    public static func + (left: Tallies, right: Tallies) -> Tallies {
        // A broken program may count anything: a sum wraps around, as counters do.
        Tallies(left.counts.merging(right.counts, uniquingKeysWith: &+))
    }

    /// So many times as much.
    public static func * (tallies: Tallies, factor: Int) -> Tallies {
        Tallies(tallies.counts.mapValues { $0 &* factor })
    }

    /// Reads the counts, an object of numbers.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([String: Int].self))
    }

    /// Writes the counts.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(counts)
    }
}
