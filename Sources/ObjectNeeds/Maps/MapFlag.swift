import RunModel

/// A flag that maps are created with (`BPF_F_…` in linux/bpf.h).
struct MapFlag: Sendable {
    /// Its bit.
    let bit: UInt32
    /// Its name without `BPF_F_`.
    let name: String
    /// The first release of kernel.org that has it.
    let since: KernelVersion

    private init(_ position: UInt32, _ name: String, _ major: Int, _ minor: Int) {
        bit = 1 << position
        self.name = "BPF_F_\(name)"
        since = KernelVersion(major, minor)
    }

    static let noPrealloc: UInt32 = 1 << 0
    static let noCommonLRU: UInt32 = 1 << 1
    static let numaNode: UInt32 = 1 << 2
    static let readOnly: UInt32 = 1 << 3
    static let writeOnly: UInt32 = 1 << 4
    static let stackBuildID: UInt32 = 1 << 5
    static let zeroSeed: UInt32 = 1 << 6
    static let readOnlyProgram: UInt32 = 1 << 7
    static let writeOnlyProgram: UInt32 = 1 << 8
    static let clone: UInt32 = 1 << 9
    static let mappable: UInt32 = 1 << 10
    static let preserveElements: UInt32 = 1 << 11
    static let innerMap: UInt32 = 1 << 12
    static let segmentFault: UInt32 = 1 << 17
    static let noUserConversion: UInt32 = 1 << 18
    static let overwrite: UInt32 = 1 << 19

    /// Who may write and read, from user space and from programs.
    static let access = readOnly | writeOnly | readOnlyProgram | writeOnlyProgram

    /// Every flag that a map can be created with.
    static let all = [
        MapFlag(0, "NO_PREALLOC", 4, 6), MapFlag(1, "NO_COMMON_LRU", 4, 10), MapFlag(2, "NUMA_NODE", 4, 14),
        MapFlag(3, "RDONLY", 4, 15), MapFlag(4, "WRONLY", 4, 15), MapFlag(5, "STACK_BUILD_ID", 4, 17),
        MapFlag(6, "ZERO_SEED", 5, 0), MapFlag(7, "RDONLY_PROG", 5, 2), MapFlag(8, "WRONLY_PROG", 5, 2),
        MapFlag(9, "CLONE", 5, 4), MapFlag(10, "MMAPABLE", 5, 5), MapFlag(11, "PRESERVE_ELEMS", 5, 10),
        MapFlag(12, "INNER_MAP", 5, 10), MapFlag(13, "LINK", 6, 4), MapFlag(15, "VTYPE_BTF_OBJ_FD", 6, 9),
        MapFlag(16, "TOKEN_FD", 6, 9), MapFlag(17, "SEGV_ON_FAULT", 6, 9), MapFlag(18, "NO_USER_CONV", 6, 9),
        MapFlag(19, "RB_OVERWRITE", 6, 19),
    ]

    /// The names of some flags for a message; bits without a name as a number.
    static func names(of bits: UInt32) -> String {
        let known = all.filter { bits & $0.bit != 0 }
        let rest = known.reduce(bits) { $0 & ~$1.bit }
        return (known.map(\.name) + (rest == 0 ? [] : ["0x\(String(rest, radix: 16))"])).joined(separator: ", ")
    }
}
