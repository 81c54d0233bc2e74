extension KernELF {
    /// Makes every per-CPU map a plain one of the same shape.
    mutating func shareProcessors() {
        // BPF_MAP_TYPE_PERCPU_ARRAY is 6 and _ARRAY 2, _PERCPU_HASH 5 and _HASH 1 (linux/bpf.h).
        for map in definedMaps() {
            switch word(map.type, 4) {
            case 6: put(2, map.type, 4)
            case 5: put(1, map.type, 4)
            default: break
            }
        }
    }

    /// Leaves room for half a thousand entries in every hash for some thousands.
    mutating func crowdHashes() {
        for map in definedMaps() {
            guard word(map.type, 4) == 1, let entries = map.entries, (1000...10_000).contains(word(entries, 4)) else {
                continue
            }
            put(500, entries, 4)
        }
    }

    /// Where the numbers of maps are that the type information describes, as bpf_helpers.h of libbpf has them: `__uint(type, N)`
    /// is a pointer to an array of N elements.
    private func definedMaps() -> [(type: Int, entries: Int?)] {
        guard let section = contents(of: ".BTF") else { return [] }
        let start = section.lowerBound + word(section.lowerBound + 4, 4)
        let first = start + word(section.lowerBound + 8, 4)
        let end = first + word(section.lowerBound + 12, 4)
        let strings = start + word(section.lowerBound + 16, 4)
        // Types are numbered from 1, in their order.
        var places = [0]
        var at = first
        while at + 12 <= end {
            places.append(at)
            let (kind, count) = (word(at + 4, 4) >> 24 & 31, word(at + 4, 4) & 0xffff)
            let size: Int
            switch kind {
            case 1, 14, 17: size = 4
            case 3: size = 12
            case 4, 5, 15, 19: size = 12 * count
            case 6, 13: size = 8 * count
            default: size = 0
            }
            at += 12 + size
        }
        func number(ofMember member: Int) -> Int? {
            let pointer = word(member + 4, 4)
            guard pointer < places.count, pointer > 0, word(places[pointer] + 4, 4) >> 24 & 31 == 2 else { return nil }
            let array = word(places[pointer] + 8, 4)
            guard array < places.count, array > 0, word(places[array] + 4, 4) >> 24 & 31 == 3 else { return nil }
            return places[array] + 20
        }
        return places.dropFirst().compactMap { place in
            guard word(place + 4, 4) >> 24 & 31 == 4 else { return nil }
            var numbers: [String: Int] = [:]
            for index in 0..<word(place + 4, 4) & 0xffff {
                let member = place + 12 + 12 * index
                let name = bytes[(strings + word(member, 4))...].prefix { $0 != 0 }
                if let place = number(ofMember: member) { numbers[String(decoding: name, as: UTF8.self)] = place }
            }
            return numbers["type"].map { ($0, numbers["max_entries"]) }
        }
    }
}
