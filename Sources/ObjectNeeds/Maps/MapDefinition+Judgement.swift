/// What stands against a map by the kernel's rules for its type.
extension MapDefinition {
    typealias Demand = ObjectNeed.Demand

    /// `BPF_MAP_TYPE_STRUCT_OPS`, which only libbpf defines, out of `SEC(".struct_ops")`.
    private static let structOps: UInt32 = 26
    /// The most bytes of an entry that every kernel can allocate in one piece (`KMALLOC_MAX_SIZE` with pages of 4 KiB).
    private static let largestEntry = 4 << 20
    /// What is said to take much memory.
    private static let muchMemory = 1 << 30

    /// What the kernel refuses of the definition, and what it may refuse; empty for a type that no rule is known of.
    var objections: [Demand] {
        guard type != Self.structOps else {
            return [.impossible("a definition in SEC(\".struct_ops\"), being of type STRUCT_OPS")]
        }
        guard let rule = MapRule.all[type] else { return [] }
        var found: [Demand] = []
        for (label, number, size) in [
            ("key_size", keySize, rule.key), ("value_size", valueSize, rule.value),
            ("max_entries", capacity, rule.entries),
        ] where !size.allows(number) {
            if label == "max_entries", number == 0 {
                // libbpf says how many processors there are.
                if type != 4 { found.append(.unknown("max_entries is 0, so that who loads it must set it")) }
            } else {
                found.append(.impossible("\(label) \(size.words) for a map of type \(rule.name); it is \(number)"))
            }
        }
        found += flagObjections(rule) + typeObjections(rule) + extentObjections(rule)
        if isInner, !rule.canBeInner {
            found.append(.impossible("another type than \(rule.name), which no map of maps can hold"))
        }
        if (type == 12 || type == 13) && !hasContents {
            found.append(.unknown("it does not say what the maps in it are like, so that who loads it must"))
        }
        return found
    }

    private func flagObjections(_ rule: MapRule) -> [Demand] {
        let known = MapFlag.all.reduce(0) { $0 | $1.bit }
        var found: [Demand] = []
        if flags & ~known != 0 {
            found.append(
                .unknown("map_flags has \(MapFlag.names(of: flags & ~known)), which this program does not know")
            )
        }
        let excess = flags & known & ~rule.flags
        if excess != 0 {
            found.append(
                .impossible("map_flags without \(MapFlag.names(of: excess)) for a map of type \(rule.name)")
            )
        }
        let missing = rule.required & ~flags
        if missing != 0 {
            found.append(.impossible("map_flags with \(MapFlag.names(of: missing)) for a map of type \(rule.name)"))
        }
        for both in [
            MapFlag.readOnly | MapFlag.writeOnly, MapFlag.readOnlyProgram | MapFlag.writeOnlyProgram,
        ] where flags & both == both {
            found.append(.impossible("map_flags without one of \(MapFlag.names(of: both))"))
        }
        if flags & MapFlag.noCommonLRU != 0, flags & MapFlag.numaNode != 0, rule.flags & MapFlag.noCommonLRU != 0 {
            found.append(.impossible("map_flags without one of BPF_F_NO_COMMON_LRU, BPF_F_NUMA_NODE"))
        }
        return found
    }

    private func typeObjections(_ rule: MapRule) -> [Demand] {
        var found: [Demand] = []
        if rule.needsTypes, key != .integer || !hasValueType {
            let reason = "the types of key (an integer of 32 bits) and value (__type) for a map of type \(rule.name)"
            found.append(.impossible(reason))
        }
        switch type {
        case 30 where extra > 15:
            found.append(.impossible("map_extra up to 15, the number of hashes; it is \(extra)"))
        case 33 where extra % 4096 != 0:
            found.append(.impossible("map_extra that is an address of whole pages; it is \(extra)"))
        case 30, 33: break
        case _ where extra != 0: found.append(.impossible("map_extra 0 for a map of type \(rule.name); it is \(extra)"))
        default: break
        }
        return found
    }

    /// What is said of large maps.
    private func extentObjections(_ rule: MapRule) -> [Demand] {
        var found: [Demand] = []
        let entry = (Int(keySize) + 7) / 8 * 8 + (Int(valueSize) + 7) / 8 * 8
        switch type {
        case 1, 5, 9, 10, 13:
            if capacity > 1 << 27 { found.append(.impossible("max_entries up to 134217728; it is \(capacity)")) }
        case 7:
            if capacity > 1 << 31 { found.append(.impossible("max_entries up to 2147483648; it is \(capacity)")) }
            let slot = flags & MapFlag.stackBuildID != 0 ? 32 : 8
            if Int(valueSize) % slot != 0 {
                found.append(.impossible("value_size that is a multiple of \(slot) with BPF_F_STACK_BUILD_ID"))
            } else if Int(valueSize) / slot > 127 {
                let reason =
                    "value_size holds \(Int(valueSize) / slot) frames, and kernel.perf_event_max_stack is 127 by default"
                found.append(.unknown(reason))
            }
        case 16 where capacity > 1:
            if capacity > 8192 {
                found.append(.impossible("max_entries up to CONFIG_NR_CPUS; it is \(capacity)"))
            } else if capacity > 64 {
                found.append(.unknown("max_entries must not exceed CONFIG_NR_CPUS; it is \(capacity)"))
            }
        case 22, 23:
            if valueSize > 0, capacity >= UInt32.max / valueSize {
                found.append(.impossible("entries of less than 4 GiB together"))
            }
        case 25 where capacity > 1 << 31:
            found.append(.impossible("max_entries up to 2147483648; it is \(capacity)"))
        case 27, 31:
            if capacity > 1 << 31 { found.append(.impossible("max_entries up to 2147483648; it is \(capacity)")) }
        default: break
        }
        guard found.isEmpty else { return found }
        if entry >= Self.largestEntry - 1024, type != 27, type != 31 {
            found.append(
                .unknown("an entry takes \(entry) bytes, which is more than most kernels can allocate in one piece")
            )
        } else if memory(entry) > Self.muchMemory {
            found.append(.unknown("it takes about \(memory(entry) >> 20) MiB of memory, which the kernel may not have"))
        }
        return found
    }

    /// Bytes that are allocated when the map is made.
    private func memory(_ entry: Int) -> Int {
        let count = Int(capacity)
        return switch type {
        case 27, 31: count
        // An arena's pages come later.
        case 33: 0
        case 11: 0
        case 1, 5, 13: flags & MapFlag.noPrealloc != 0 ? count * 16 : count * (entry + 64)
        case 9, 10: count * (entry + 64)
        default: count * entry
        }
    }
}
