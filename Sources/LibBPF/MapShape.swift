import CLibbpf

/// A map's type, by its number in `enum bpf_map_type` (include/uapi/linux/bpf.h).
public struct MapType: RawRepresentable, Sendable, Hashable, Codable {
    /// The number.
    public var rawValue: UInt32

    /// A type by its number, which need not be one that any kernel has.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The name that libbpf has for it, such as `PERCPU_ARRAY`, or else its number.
    public var name: String {
        libbpf_bpf_map_type_str(bpf_map_type(rawValue: rawValue)).map { String(cString: $0).uppercased() }
            ?? "\(rawValue)"
    }

    /// `BPF_MAP_TYPE_HASH`.
    public static let hash = MapType(rawValue: 1)
    /// `BPF_MAP_TYPE_ARRAY`.
    public static let array = MapType(rawValue: 2)
    /// `BPF_MAP_TYPE_PROG_ARRAY`.
    public static let programArray = MapType(rawValue: 3)
    /// `BPF_MAP_TYPE_PERF_EVENT_ARRAY`.
    public static let perfEventArray = MapType(rawValue: 4)
    /// `BPF_MAP_TYPE_PERCPU_HASH`.
    public static let perCPUHash = MapType(rawValue: 5)
    /// `BPF_MAP_TYPE_PERCPU_ARRAY`.
    public static let perCPUArray = MapType(rawValue: 6)
    /// `BPF_MAP_TYPE_CGROUP_ARRAY`.
    public static let cgroupArray = MapType(rawValue: 8)
    /// `BPF_MAP_TYPE_LRU_HASH`.
    public static let lruHash = MapType(rawValue: 9)
    /// `BPF_MAP_TYPE_LRU_PERCPU_HASH`.
    public static let lruPerCPUHash = MapType(rawValue: 10)
    /// `BPF_MAP_TYPE_LPM_TRIE`.
    public static let prefixTrie = MapType(rawValue: 11)
    /// `BPF_MAP_TYPE_DEVMAP`.
    public static let deviceMap = MapType(rawValue: 14)
    /// `BPF_MAP_TYPE_CPUMAP`.
    public static let processorMap = MapType(rawValue: 16)
    /// `BPF_MAP_TYPE_XSKMAP`.
    public static let socketMap = MapType(rawValue: 17)
    /// `BPF_MAP_TYPE_CGROUP_STORAGE`.
    public static let cgroupStorage = MapType(rawValue: 19)
    /// `BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE`.
    public static let perCPUCgroupStorage = MapType(rawValue: 21)
    /// `BPF_MAP_TYPE_QUEUE`.
    public static let queue = MapType(rawValue: 22)
    /// `BPF_MAP_TYPE_STACK`.
    public static let stack = MapType(rawValue: 23)
    /// `BPF_MAP_TYPE_DEVMAP_HASH`.
    public static let deviceHash = MapType(rawValue: 25)
}

/// What a map is: its type, and the sizes of what it holds.
public struct MapShape: Sendable, Hashable, Codable {
    /// Its type.
    public var type: MapType
    /// Bytes of a key.
    public var keySize: UInt32
    /// Bytes of a value; of one processor's, where there is one for each.
    public var valueSize: UInt32
    /// The most entries.
    public var capacity: UInt32
    /// Flags such as `BPF_F_NO_PREALLOC`.
    public var flags: UInt32

    /// Describes a map; sizes are in bytes.
    public init(_ type: MapType, key: UInt32 = 4, value: UInt32, capacity: UInt32, flags: UInt32 = 0) {
        self.type = type
        keySize = key
        valueSize = value
        self.capacity = capacity
        self.flags = flags
    }
}
