import LibBPF

extension TestMaps {
    /// A map that is asked for, and what the kernel must say.
    struct Refusal: Sendable {
        var name: String
        var map: RawMap
        var answer = "EINVAL"
    }

    /// Maps that there cannot be, and the smallest that there can.
    static let refusals: [Refusal] = {
        let (hash, array, trie) = (MapType.hash.rawValue, MapType.array.rawValue, MapType.prefixTrie.rawValue)
        let (lru, queue, stack) = (MapType.lruHash.rawValue, MapType.queue.rawValue, MapType.stack.rawValue)
        var all: [Refusal] = [
            .init(name: "no type", map: RawMap(type: 0)),
            .init(name: "a type that nobody has", map: RawMap(type: 10_000)),
            .init(name: "a hash", map: RawMap(type: hash, keySize: 1, valueSize: 1), answer: "ok"),
            .init(name: "an array", map: RawMap(type: array, valueSize: 1), answer: "ok"),
            .init(name: "a trie", map: RawMap(type: trie, keySize: 5, valueSize: 1, flags: 1), answer: "ok"),
            .init(name: "an LRU hash", map: RawMap(type: lru, keySize: 1, valueSize: 1), answer: "ok"),
            .init(name: "an LRU hash with lists of each processor", map: RawMap(type: lru, flags: 2), answer: "ok"),
            .init(name: "an array with keys of 8 bytes", map: RawMap(type: array, keySize: 8)),
            .init(name: "an array with keys of 2 bytes", map: RawMap(type: array, keySize: 2)),
            // BPF_F_NO_PREALLOC is 1, BPF_F_NO_COMMON_LRU 2.
            .init(name: "an array that allocates", map: RawMap(type: array, flags: 1)),
            .init(name: "a trie that does not allocate", map: RawMap(type: trie, keySize: 8)),
            .init(name: "a trie without address", map: RawMap(type: trie, keySize: 4, flags: 1)),
            .init(name: "a trie of more than 2048 bits", map: RawMap(type: trie, keySize: 261, flags: 1)),
            .init(name: "a hash with lists of each processor", map: RawMap(type: hash, flags: 2)),
            .init(name: "an LRU hash that allocates", map: RawMap(type: lru, flags: 1), answer: unsupported),
            .init(name: "a flag that nobody has", map: RawMap(type: hash, flags: 1 << 31)),
            // BPF_F_RDONLY and BPF_F_WRONLY, and the same for programs.
            .init(name: "a hash that nobody reads or writes", map: RawMap(type: hash, flags: 8 | 16)),
            .init(name: "a hash that no program reads or writes", map: RawMap(type: hash, flags: 128 | 256)),
            .init(name: "a huge value", map: RawMap(type: hash, valueSize: 1 << 30), answer: "E2BIG"),
        ]
        for (name, type) in [("hash", hash), ("array", array), ("LRU hash", lru)] {
            all.append(.init(name: "\(name) of no entries", map: RawMap(type: type, maxEntries: 0)))
            all.append(.init(name: "\(name) of no values", map: RawMap(type: type, valueSize: 0)))
            all.append(.init(name: "\(name) of no keys", map: RawMap(type: type, keySize: 0)))
        }
        for (name, type) in [("queue", queue), ("stack", stack)] {
            all += [
                .init(name: "a \(name)", map: RawMap(type: type, keySize: 0), answer: "ok"),
                .init(name: "a \(name) with keys", map: RawMap(type: type)),
                .init(name: "a \(name) that allocates", map: RawMap(type: type, keySize: 0, flags: 1)),
                .init(name: "a \(name) of no entries", map: RawMap(type: type, keySize: 0, maxEntries: 0)),
                .init(name: "a \(name) of no values", map: RawMap(type: type, keySize: 0, valueSize: 0)),
            ]
        }
        return all
    }()
}
