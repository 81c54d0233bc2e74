import FeatureRules

/// What the definitions of an object's maps need of libbpf and of the kernel.
extension Inference {
    /// Adds what the types, flags and values of maps need.
    mutating func addMaps(_ maps: [MapDefinition]) {
        for map in maps {
            let origin = Origin(place: "map '\(map.name)'")
            if let row = collector.table.row(.map, id: map.type) {
                add(
                    row,
                    for: "map type \(row.name)",
                    origin,
                    isThere: target?.enumeration("bpf_map_type", has: UInt64(map.type))
                )
            } else {
                collector.add(.unknown("no such type is known"), for: "map type \(map.type)", origin)
            }
            for feature in map.valueFeatures { collector.add(feature: feature, origin) }
            addFlags(of: map, origin)
        }
    }

    /// The flags that came after the kernels that nobody runs any more.
    private mutating func addFlags(of map: MapDefinition, _ origin: Origin) {
        for flag in MapFlag.all where map.flags & flag.bit != 0 && flag.bit >= MapFlag.clone {
            let feature = "map flag \(flag.name)"
            guard let target else {
                collector.add(.kernel(flag.since), for: feature, origin)
                continue
            }
            guard let isThere = target.mapFlags.map({ $0.contains(flag.name) }) else { continue }
            let reason = isThere ? "\(target.kernel) has it" : "\(target.kernel) has no \(flag.name)"
            collector.add(.fact(isThere, reason), for: feature, origin)
        }
    }

    /// Adds map definitions that libbpf or the kernel refuses as they stand.
    ///
    /// What whoever loads an object has to add to it is only said of a chosen kernel.
    mutating func addMapShapes(_ reader: MapReader) {
        for (name, demand) in reader.flaws { addShape(name, demand) }
        for map in reader.maps where !reader.isRefused(map.name) {
            for demand in map.objections { addShape(map.name, demand) }
            for demand in slots(of: map, reader) { addShape(map.name, demand) }
        }
    }

    /// Adds that libbpf reads maps and operations from types that are not there.
    mutating func addMissingTypes() {
        for name in [".maps", ".struct_ops", ".struct_ops.link"] where file.section(named: name) != nil {
            let reason = "types (BTF), from which libbpf reads SEC(\"\(name)\"): compile with -g"
            collector.add(.impossible(reason), for: "SEC(\"\(name)\")", Origin(place: "section '\(name)'"))
        }
    }

    private mutating func addShape(_ map: String, _ demand: ObjectNeed.Demand) {
        if case .unknown = demand, target == nil { return }
        collector.add(demand, for: "map \(map)", Origin(place: "map '\(map)'"))
    }

    /// What stands against the maps or programs that a definition puts into a map (`.values = { [0] = &other }`), by libbpf's
    /// rules (`bpf_object__collect_map_relos`) and by those of the kernel for what it may hold.
    private func slots(of map: MapDefinition, _ reader: MapReader) -> [ObjectNeed.Demand] {
        guard let section = file.sections.firstIndex(where: { $0.name == ".maps" }),
            let variable = file.symbols.first(where: { $0.section == section && $0.name == map.name && $0.kind == 1 })
        else { return [] }
        let range = variable.value..<(variable.value &+ max(variable.size, 1))
        guard range.lowerBound < range.upperBound else { return [] }
        let places = (file.references[section] ?? [:]).filter { range.contains($0.key) }.sorted { $0.key < $1.key }
        guard let first = places.first else { return [] }
        guard map.hasContents else { return [.impossible("a definition without initial values, its type having none")] }
        var found: [ObjectNeed.Demand] = []
        if map.type == 13, map.keySize != 4 {
            found.append(.impossible("key_size 4 for a HASH_OF_MAPS with initial values; it is \(map.keySize)"))
        }
        // `values` is the last field, so that the array of the first slot begins behind all other pointers.
        let start = contentsOffset(of: map).map { range.lowerBound &+ $0 } ?? first.key
        let last = places.last.map { ($0.key &- start) / 8 } ?? 0
        let count = map.type == 13 ? UInt64(places.count) : last &+ 1
        if map.capacity > 0, count > UInt64(map.capacity) {
            found.append(.impossible("max_entries \(count) for its initial values; it is \(map.capacity)"))
        }
        for (_, symbol) in places {
            if map.type == 3 {
                let isProgram = bodies.contains { $0.isProgram && $0.name == symbol.name }
                if !isProgram { found.append(.impossible("a program in each slot; '\(symbol.name)' is not a program")) }
            } else if let inside = reader.maps.first(where: { $0.name == symbol.name && !$0.isInner }) {
                let model = reader.maps.first { $0.name == "\(map.name).inner" }
                if let model, !inside.isLike(model) {
                    found.append(.impossible("maps like its 'values' in each slot; '\(symbol.name)' is another"))
                }
            } else {
                found.append(.impossible("a map in each slot; '\(symbol.name)' is not a map"))
            }
        }
        return found
    }

    /// Where the array of a map's initial values begins in its definition.
    private func contentsOffset(of map: MapDefinition) -> UInt64? {
        guard let types, let variable = types.variables(ofSection: ".maps").first(where: { $0.name == map.name }),
            let record = types.stripped(variable.type), record.count > 0,
            let member = types.member(record.count - 1, of: record)
        else { return nil }
        return UInt64(member.bitOffset / 8)
    }
}

extension MapDefinition {
    /// Whether a map of maps that holds maps like another may hold this one (`bpf_map_meta_equal`, `array_map_meta_equal`).
    fileprivate func isLike(_ other: MapDefinition) -> Bool {
        guard type == other.type, keySize == other.keySize, valueSize == other.valueSize, flags == other.flags else {
            return false
        }
        return type != 2 || flags & MapFlag.innerMap != 0 || capacity == other.capacity
    }
}
