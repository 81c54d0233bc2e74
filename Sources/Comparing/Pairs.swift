/// Entries of two lists that stand for the same thing, in the second list's order with what is gone behind.
struct Pairs<Entry> {
    /// A pair; one of the two is `nil` where only one list has it.
    typealias Pair = (before: Entry?, after: Entry?)

    private(set) var pairs: [Pair] = []

    /// Pairs entries by a key; the n-th entry of a key belongs to the n-th entry of that key in the other list.
    init(_ before: [Entry], _ after: [Entry], by key: (Entry) -> some Hashable) {
        self.init(before, after, by: key, and: key)
    }

    /// Pairs entries by keys that the two lists form in ways of their own.
    init<Key: Hashable>(_ before: [Entry], _ after: [Entry], by oldKey: (Entry) -> Key, and key: (Entry) -> Key) {
        let positions = Dictionary(grouping: before.indices) { oldKey(before[$0]) }
        var waiting = positions.mapValues { Array($0.reversed()) }
        var isPaired = Array(repeating: false, count: before.count)
        for entry in after {
            let partner = waiting[key(entry)]?.popLast()
            if let partner { isPaired[partner] = true }
            pairs.append((partner.map { before[$0] }, entry))
        }
        for (index, entry) in before.enumerated() where !isPaired[index] { pairs.append((entry, nil)) }
    }

    /// How many entries both lists have.
    var common: Int { pairs.count { $0.before != nil && $0.after != nil } }
}

extension Sequence {
    /// The elements by a number, those of one number in their order.
    func stablySorted(by number: (Element) -> Int) -> [Element] {
        enumerated().sorted { (number($0.element), $0.offset) < (number($1.element), $1.offset) }.map(\.element)
    }
}
