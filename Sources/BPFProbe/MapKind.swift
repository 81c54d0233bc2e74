import Glibc
public import LibBPF

/// A map type of linux/bpf.h, and the smallest map of it that every kernel with the type creates.
public struct MapKind: Sendable, Hashable {
    /// The type's name, such as `BPF_MAP_TYPE_HASH`.
    public let name: String
    /// The map to create; its type is the number in `enum bpf_map_type`.
    public let map: RawMap
    /// The capabilities that creating it takes since Linux 5.8 (`map_create` in kernel/bpf/syscall.c).
    public let capabilities: [Capability]
    /// What else the map is made from.
    public let ingredient: Ingredient?

    /// What a map is made from besides sizes.
    public enum Ingredient: Sendable, Hashable {
        /// A map that shows what the map's maps are like.
        case innerMap
        /// Type information for its keys and values.
        case types
        /// A kernel's struct; none is given, and the kernel that knows the type says `ENOTSUPP` (524) to that.
        case kernelStruct
    }

    init(
        _ name: String,
        _ number: UInt32,
        key: UInt32 = 4,
        value: UInt32 = 4,
        entries: UInt32 = 1,
        flags: UInt32 = 0,
        needing capabilities: [Capability] = [.bpf],
        from ingredient: Ingredient? = nil
    ) {
        self.name = "BPF_MAP_TYPE_\(name)"
        map = RawMap(
            type: number,
            keySize: key,
            valueSize: value,
            maxEntries: entries,
            flags: flags,
            kernelValueType: ingredient == .kernelStruct ? 1 : 0
        )
        self.capabilities = capabilities
        self.ingredient = ingredient
    }
}

extension MapKind {
    /// A number that is no map type on any kernel.
    static let unknownNumber: UInt32 = 0x7fff
    private static let noPreallocation: UInt32 = 1 << 0  // BPF_F_NO_PREALLOC
    private static let mappable: UInt32 = 1 << 10  // BPF_F_MMAPABLE
    /// `sizeof(struct bpf_cgroup_storage_key)`.
    private static let cgroupKey: UInt32 = 16
    /// `sizeof(struct bpf_insn_array_value)`.
    private static let instructionValue: UInt32 = 16

    private static func storage(_ name: String, _ number: UInt32) -> MapKind {
        MapKind(name, number, entries: 0, flags: noPreallocation, from: .types)
    }

    private static func ring(_ name: String, _ number: UInt32) -> MapKind {
        MapKind(name, number, key: 0, value: 0, entries: UInt32(max(4096, sysconf(CInt(_SC_PAGESIZE)))))
    }

    /// Every map type up to Linux 7.2, in the order of `enum bpf_map_type`.
    public static let all: [MapKind] = {
        let net: [Capability] = [.bpf, .netAdmin]
        return [
            MapKind("HASH", 1), MapKind("ARRAY", 2), MapKind("PROG_ARRAY", 3), MapKind("PERF_EVENT_ARRAY", 4),
            MapKind("PERCPU_HASH", 5), MapKind("PERCPU_ARRAY", 6), MapKind("STACK_TRACE", 7, value: 8),
            MapKind("CGROUP_ARRAY", 8), MapKind("LRU_HASH", 9), MapKind("LRU_PERCPU_HASH", 10),
            MapKind("LPM_TRIE", 11, key: 8, value: 8, flags: noPreallocation),
            MapKind("ARRAY_OF_MAPS", 12, from: .innerMap), MapKind("HASH_OF_MAPS", 13, from: .innerMap),
            MapKind("DEVMAP", 14, needing: net), MapKind("SOCKMAP", 15, needing: net), MapKind("CPUMAP", 16),
            MapKind("XSKMAP", 17, needing: net), MapKind("SOCKHASH", 18, needing: net),
            MapKind("CGROUP_STORAGE", 19, key: cgroupKey, value: 8, entries: 0),
            MapKind("REUSEPORT_SOCKARRAY", 20),
            MapKind("PERCPU_CGROUP_STORAGE", 21, key: cgroupKey, value: 8, entries: 0),
            MapKind("QUEUE", 22, key: 0), MapKind("STACK", 23, key: 0), storage("SK_STORAGE", 24),
            MapKind("DEVMAP_HASH", 25, needing: net), MapKind("STRUCT_OPS", 26, from: .kernelStruct),
            ring("RINGBUF", 27), storage("INODE_STORAGE", 28), storage("TASK_STORAGE", 29),
            MapKind("BLOOM_FILTER", 30, key: 0), ring("USER_RINGBUF", 31), storage("CGRP_STORAGE", 32),
            MapKind("ARENA", 33, key: 0, value: 0, flags: mappable),
            MapKind("INSN_ARRAY", 34, value: instructionValue),
            MapKind("RHASH", 35, flags: noPreallocation),
        ]
    }()
}
