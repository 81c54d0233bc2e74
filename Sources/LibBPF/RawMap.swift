import CLinux
public import LinuxHost
public import SystemPackage

/// A map's creation as the kernel sees it, without libbpf's adjustments.
public struct RawMap: Sendable, Hashable {
    /// A number of `enum bpf_map_type`, which need not be one that this program was compiled with.
    public var type: UInt32
    /// Bytes of a key.
    public var keySize: UInt32
    /// Bytes of a value.
    public var valueSize: UInt32
    /// The most entries.
    public var maxEntries: UInt32
    /// Flags such as `BPF_F_NO_PREALLOC`.
    public var flags: UInt32
    /// The id of a kernel's struct that the values are, for `BPF_MAP_TYPE_STRUCT_OPS`.
    public var kernelValueType: UInt32

    /// Describes a map.
    public init(
        type: UInt32,
        keySize: UInt32 = 4,
        valueSize: UInt32 = 4,
        maxEntries: UInt32 = 1,
        flags: UInt32 = 0,
        kernelValueType: UInt32 = 0
    ) {
        self.type = type
        self.keySize = keySize
        self.valueSize = valueSize
        self.maxEntries = maxEntries
        self.flags = flags
        self.kernelValueType = kernelValueType
    }

    /// Creates the map.
    ///
    /// - Parameters:
    ///   - inner: The descriptor of a map that shows what the map's maps are like.
    ///   - integerTypes: The descriptor of ``integerTypes()``, whose only type the keys and values then are.
    /// - Returns: The map's descriptor, or the kernel's refusal.
    public func create(inner: CInt? = nil, integerTypes: CInt? = nil) -> RawAnswer {
        var request = lx_bpf_map()
        request.type = type
        request.key_size = keySize
        request.value_size = valueSize
        request.max_entries = maxEntries
        request.flags = flags
        request.btf_vmlinux_value_type = kernelValueType
        if let inner { request.inner_map = UInt32(inner) }
        if let integerTypes {
            request.btf = UInt32(integerTypes)
            request.btf_key_type = 1
            request.btf_value_type = 1
        }
        return RawAnswer(lx_bpf_create(&request))
    }

    /// Loads type information that holds one type, `int` (`BPF_BTF_LOAD`, Linux 4.18).
    ///
    /// - Returns: Its descriptor.
    /// - Throws: `SystemCallError` with `EINVAL` before Linux 4.18, `EPERM` without `CAP_BPF`.
    public static func integerTypes() throws(SystemCallError) -> OwnedDescriptor {
        // struct btf_header, one struct btf_type with its description of an integer, and the names "\0int\0"
        // (Documentation/bpf/btf.rst in the kernel tree).
        let header: [UInt32] = [0x0001_eb9f, 24, 0, 16, 16, 5]
        let integer: [UInt32] = [1, 1 << 24, 4, 1 << 24 | 32]
        var bytes = (header + integer).withUnsafeBytes { Array($0) }
        bytes += [0] + Array("int".utf8) + [0]
        let number = lx_bpf_load_btf(bytes, UInt32(bytes.count))
        try SystemCallError.checkNegated(number, "bpf(BPF_BTF_LOAD)", on: "the type 'int'")
        return OwnedDescriptor(owning: number)
    }
}

/// The entries of a map by its descriptor, for maps with keys of 4 bytes.
public enum RawEntry {
    /// Sets an entry (`BPF_MAP_UPDATE_ELEM`).
    ///
    /// - Parameters:
    ///   - map: The map's descriptor.
    ///   - key: The key.
    ///   - value: As many bytes as the map was created with.
    /// - Returns: The kernel's refusal; `nil` where it was set.
    public static func set(_ map: CInt, _ key: UInt32, to value: [UInt8]) -> Errno? {
        var key = key
        let result = lx_bpf_update(map, &key, value)
        return result >= 0 ? nil : Errno(rawValue: -result)
    }

    /// Reads an entry of 8 bytes (`BPF_MAP_LOOKUP_ELEM`); `nil` if there is none.
    public static func word(_ map: CInt, _ key: UInt32) -> UInt64? {
        var (key, value) = (key, UInt64(0))
        return lx_bpf_lookup(map, &key, &value) >= 0 ? value : nil
    }
}

/// The limit of locked memory, which BPF memory is charged to before Linux 5.11.
public struct LockedMemoryLimit: ~Copyable {
    private var before: (UInt64, UInt64)?

    /// Raises the limit for this process: without end where `CAP_SYS_RESOURCE` allows it, else to the hard limit.
    ///
    /// A limit that cannot be raised is no error: the kernel then says `EPERM` where it matters.
    public init() {
        var values: [UInt64] = [0, 0]
        before = lx_raise_memlock(&values) == 0 ? (values[0], values[1]) : nil
    }

    deinit {
        if let before { _ = lx_restore_memlock([before.0, before.1]) }
    }
}
