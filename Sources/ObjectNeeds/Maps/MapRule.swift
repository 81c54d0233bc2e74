/// What the kernel demands of a map's definition by its type: `map_alloc_check` and `map_alloc` of each type in kernel/bpf,
/// net/core and net/xdp.
///
/// What hangs on the machine (memory, processors, the size of a page) is no rule.
struct MapRule: Sendable {
    /// The type's name in the kernel, without `BPF_MAP_TYPE_`.
    let name: String
    /// `key_size`.
    let key: Size
    /// `value_size`.
    let value: Size
    /// `max_entries`.
    let entries: Size
    /// The flags that it may have.
    let flags: UInt32
    /// The flags that it must have.
    let required: UInt32
    /// Whether such a map may stand in a map of maps (`map_meta_equal`).
    let canBeInner: Bool
    /// The types of keys and values must be given, the key's being an integer of 32 bits.
    let needsTypes: Bool

    private init(
        _ name: String,
        key: Size = .only([4]),
        value: Size,
        entries: Size = .some,
        flags: UInt32 = 0,
        required: UInt32 = 0,
        canBeInner: Bool = true,
        needsTypes: Bool = false
    ) {
        (self.name, self.key, self.value, self.entries) = (name, key, value, entries)
        (self.flags, self.required) = (flags | required, required)
        (self.canBeInner, self.needsTypes) = (canBeInner, needsTypes)
    }

    /// What a number may be.
    enum Size: Sendable {
        /// One of these.
        case only([UInt32])
        /// Not 0.
        case some
        /// Within these bounds.
        case within(ClosedRange<UInt32>)
        /// A multiple of 8 bytes, at least one.
        case words

        func allows(_ number: UInt32) -> Bool {
            switch self {
            case .only(let numbers): numbers.contains(number)
            case .some: number > 0
            case .within(let range): range.contains(number)
            case .words: number >= 8 && number % 8 == 0
            }
        }

        /// In words, to follow the name of the number.
        var words: String {
            switch self {
            case .only(let numbers): numbers.map(String.init).joined(separator: " or ")
            case .some: "greater than 0"
            case .within(let range): "from \(range.lowerBound) to \(range.upperBound)"
            case .words: "that is a multiple of 8, at least 8"
            }
        }
    }

    /// The most bytes of a per-CPU value (`PCPU_MIN_UNIT_SIZE`).
    private static let perCPU = Size.within(1...32768)
    /// The most bytes of a value in local storage (`BPF_LOCAL_STORAGE_MAX_VALUE_SIZE`), up to what surrounds it there.
    private static let storage = Size.within(1...65535)
    private static let hash = MapFlag.noPrealloc | MapFlag.numaNode | MapFlag.access | MapFlag.zeroSeed
    private static let ends = MapFlag.readOnly | MapFlag.writeOnly
    private static let array = MapFlag.numaNode | MapFlag.access

    /// The rules by the types' numbers; none for types that came after Linux 6.18.
    static let all: [UInt32: MapRule] = [
        1: MapRule("HASH", key: .some, value: .some, flags: hash),
        2: MapRule("ARRAY", value: .some, flags: array | MapFlag.mappable | MapFlag.innerMap),
        3: MapRule("PROG_ARRAY", value: .only([4]), flags: MapFlag.numaNode | ends, canBeInner: false),
        4: MapRule("PERF_EVENT_ARRAY", value: .only([4]), flags: MapFlag.numaNode | ends | MapFlag.preserveElements),
        5: MapRule("PERCPU_HASH", key: .some, value: perCPU, flags: hash & ~MapFlag.numaNode),
        6: MapRule("PERCPU_ARRAY", value: perCPU, flags: MapFlag.access),
        7: MapRule("STACK_TRACE", value: .words, flags: MapFlag.numaNode | ends | MapFlag.stackBuildID),
        8: MapRule("CGROUP_ARRAY", value: .only([4]), flags: MapFlag.numaNode | ends),
        9: MapRule(
            "LRU_HASH",
            key: .some,
            value: .some,
            flags: hash & ~MapFlag.noPrealloc | MapFlag.noCommonLRU
        ),
        10: MapRule(
            "LRU_PERCPU_HASH",
            key: .some,
            value: perCPU,
            flags: hash & ~MapFlag.noPrealloc & ~MapFlag.numaNode | MapFlag.noCommonLRU
        ),
        11: MapRule(
            "LPM_TRIE",
            key: .within(5...260),
            value: .some,
            flags: MapFlag.numaNode | MapFlag.access,
            required: MapFlag.noPrealloc
        ),
        12: MapRule("ARRAY_OF_MAPS", value: .only([4]), flags: MapFlag.numaNode | ends, canBeInner: false),
        13: MapRule("HASH_OF_MAPS", key: .some, value: .only([4]), flags: hash, canBeInner: false),
        14: MapRule("DEVMAP", value: .only([4, 8]), flags: MapFlag.numaNode | ends),
        15: MapRule("SOCKMAP", value: .only([4, 8]), flags: MapFlag.numaNode | ends),
        16: MapRule("CPUMAP", value: .only([4, 8]), flags: MapFlag.numaNode),
        17: MapRule("XSKMAP", value: .only([4]), flags: MapFlag.numaNode | ends),
        18: MapRule("SOCKHASH", key: .within(1...512), value: .only([4, 8]), flags: MapFlag.numaNode | ends),
        19: MapRule(
            "CGROUP_STORAGE",
            key: .only([8, 16]),
            value: storage,
            entries: .only([0]),
            flags: array,
            canBeInner: false
        ),
        20: MapRule("REUSEPORT_SOCKARRAY", value: .only([4, 8]), flags: array),
        21: MapRule(
            "PERCPU_CGROUP_STORAGE",
            key: .only([8, 16]),
            value: perCPU,
            entries: .only([0]),
            flags: array,
            canBeInner: false
        ),
        22: MapRule("QUEUE", key: .only([0]), value: .some, flags: array),
        23: MapRule("STACK", key: .only([0]), value: .some, flags: array),
        24: localStorage("SK_STORAGE"),
        25: MapRule("DEVMAP_HASH", value: .only([4, 8]), flags: MapFlag.numaNode | ends),
        27: MapRule(
            "RINGBUF",
            key: .only([0]),
            value: .only([0]),
            flags: MapFlag.numaNode | MapFlag.overwrite
        ),
        28: localStorage("INODE_STORAGE"),
        29: localStorage("TASK_STORAGE"),
        30: MapRule("BLOOM_FILTER", key: .only([0]), value: .some, flags: array | MapFlag.zeroSeed),
        31: MapRule("USER_RINGBUF", key: .only([0]), value: .only([0]), flags: MapFlag.numaNode),
        32: localStorage("CGRP_STORAGE"),
        33: MapRule(
            "ARENA",
            key: .only([0]),
            value: .only([0]),
            flags: MapFlag.segmentFault | MapFlag.noUserConversion,
            required: MapFlag.mappable
        ),
    ]

    private static func localStorage(_ name: String) -> MapRule {
        MapRule(
            name,
            value: storage,
            entries: .only([0]),
            flags: MapFlag.clone,
            required: MapFlag.noPrealloc,
            needsTypes: true
        )
    }
}
