import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// A map of a loaded object.
///
/// It is valid as long as the object.
///
/// Keys and values are copied by their memory layout, so their Swift types must have the size that the map has; a
/// type of another size is refused before the kernel is asked.
public struct BPFMap {
    let raw: OpaquePointer
    private let object: String

    init(raw: OpaquePointer, object: String) {
        self.raw = raw
        self.object = object
    }

    /// The variable's name in the object's source.
    public var name: String { String(cString: bpf_map__name(raw)) }

    /// The map's descriptor, owned by the object.
    public var descriptor: CInt { bpf_map__fd(raw) }

    /// The most entries it can hold.
    public var capacity: UInt32 { bpf_map__max_entries(raw) }

    /// Whether the object leaves it to its user half how many entries the map can hold.
    ///
    /// Not for the types that have no such number, or get it from libbpf (`bpf_map__set_max_entries(3)`).
    public var lacksCapacity: Bool {
        let withoutNumber: Set<UInt32> = [
            BPF_MAP_TYPE_PERF_EVENT_ARRAY.rawValue, BPF_MAP_TYPE_CGROUP_STORAGE.rawValue,
            BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE.rawValue, BPF_MAP_TYPE_SK_STORAGE.rawValue,
            BPF_MAP_TYPE_INODE_STORAGE.rawValue, BPF_MAP_TYPE_TASK_STORAGE.rawValue,
            // BPF_MAP_TYPE_CGRP_STORAGE of Linux 6.2, which older libbpf has no name for.
            32,
        ]
        return capacity == 0 && !withoutNumber.contains(bpf_map__type(raw).rawValue)
    }

    /// Says how many entries the map can hold; before the object is loaded only.
    ///
    /// - Throws: `SystemCallError` with `EBUSY` for a map that is made already.
    public func setCapacity(_ entries: UInt32) throws(SystemCallError) {
        try check(bpf_map__set_max_entries(raw, entries), "bpf_map__set_max_entries", on: subject)
    }

    private var subject: String { "map '\(name)' in \(object)" }

    private func fit<Key: BitwiseCopyable>(_ key: Key.Type, value size: Int, _ call: String) throws(SystemCallError) {
        guard MemoryLayout<Key>.size == bpf_map__key_size(raw), size == bpf_map__value_size(raw) else {
            throw SystemCallError(
                call,
                on: "\(subject), whose keys or values have another size",
                errno: .invalidArgument
            )
        }
    }

    /// Reads an entry.
    ///
    /// - Returns: `nil` if the map has no such key.
    /// - Throws: `SystemCallError` with `EINVAL` where the types do not fit the map; a missing key is no error.
    public func lookup<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ key: Key,
        as type: Value.Type
    ) throws(SystemCallError) -> Value? {
        try fit(Key.self, value: MemoryLayout<Value>.size, "bpf(BPF_MAP_LOOKUP_ELEM)")
        return try withUnsafeTemporaryValues(key, of: Value.self, count: 1) { key, values in
            bpf_map_lookup_elem(descriptor, key, values)
        }?.first
    }

    /// Reads an entry of a per-CPU map.
    ///
    /// - Returns: A value for every possible CPU, in their order; `nil` if the map has no such key.
    public func lookupPerCPU<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ key: Key,
        as type: Value.Type
    ) throws(SystemCallError) -> [Value]? {
        try fit(Key.self, value: MemoryLayout<Value>.size, "bpf(BPF_MAP_LOOKUP_ELEM)")
        let cpus = try check(
            libbpf_num_possible_cpus(),
            "libbpf_num_possible_cpus",
            on: "/sys/devices/system/cpu/possible"
        )
        // The kernel rounds each CPU's value up to a multiple of eight bytes.
        let stride = (MemoryLayout<Value>.size + 7) / 8
        guard
            let words = try withUnsafeTemporaryValues(
                key,
                of: UInt64.self,
                count: stride * Int(cpus),
                { key, values in
                    bpf_map_lookup_elem(descriptor, key, values)
                }
            )
        else { return nil }
        return words.withUnsafeBytes { bytes in
            (0..<Int(cpus)).map { bytes.loadUnaligned(fromByteOffset: $0 * stride * 8, as: Value.self) }
        }
    }

    /// What a per-CPU array with keys of 32 and values of 64 bits holds, summed over the processors.
    ///
    /// - Returns: A sum by index; indices whose sum is 0 are left out.
    public func totals() throws(SystemCallError) -> [Int: Int] {
        var found: [Int: Int] = [:]
        for index in 0..<capacity {
            // A broken program may count anything: the sum wraps around, as the counters do.
            let sum = try (lookupPerCPU(index, as: Int.self) ?? []).reduce(0, &+)
            if sum != 0 { found[Int(index)] = sum }
        }
        return found
    }

    /// What a per-CPU array with keys of 32 and values of 64 bits holds, of each processor for itself.
    ///
    /// - Returns: Values by processor and index; values of 0, and processors without any other, are left out.
    public func byProcessor() throws(SystemCallError) -> [Int: [Int: Int]] {
        var found: [Int: [Int: Int]] = [:]
        for index in 0..<capacity {
            for (processor, value) in (try lookupPerCPU(index, as: Int.self) ?? []).enumerated() where value != 0 {
                found[processor, default: [:]][Int(index)] = value
            }
        }
        return found
    }

    /// Writes an entry (`BPF_ANY`).
    ///
    /// - Throws: `SystemCallError` with `E2BIG` for a full map or an index outside of an array, `EINVAL` where the types do
    ///   not fit the map.
    public func update<Key: BitwiseCopyable, Value: BitwiseCopyable>(_ key: Key, _ value: Value) throws(SystemCallError)
    {
        try fit(Key.self, value: MemoryLayout<Value>.size, "bpf(BPF_MAP_UPDATE_ELEM)")
        var key = key
        var value = value
        try check(
            bpf_map_update_elem(descriptor, &key, &value, UInt64(BPF_ANY)),
            "bpf(BPF_MAP_UPDATE_ELEM)",
            on: subject
        )
    }

    /// Puts a program into a program array, for tail calls.
    public func update(_ index: UInt32, _ program: BPFProgram) throws(SystemCallError) {
        try update(index, program.descriptor)
    }

    /// Removes an entry.
    ///
    /// - Throws: `SystemCallError` with `ENOENT` if there is none, `EINVAL` for an array.
    public func delete<Key: BitwiseCopyable>(_ key: Key) throws(SystemCallError) {
        var key = key
        try check(bpf_map_delete_elem(descriptor, &key), "bpf(BPF_MAP_DELETE_ELEM)", on: subject)
    }

    /// Every key of the map, in the kernel's order.
    ///
    /// A map that others change meanwhile may show a key twice or not at all, as `BPF_MAP_GET_NEXT_KEY` does.
    public func keys<Key: BitwiseCopyable>(as type: Key.Type) throws(SystemCallError) -> [Key] {
        guard MemoryLayout<Key>.size == bpf_map__key_size(raw) else {
            throw SystemCallError(
                "bpf(BPF_MAP_GET_NEXT_KEY)",
                on: "\(subject), whose keys have another size",
                errno: .invalidArgument
            )
        }
        var found: [Key] = []
        let buffer = UnsafeMutablePointer<Key>.allocate(capacity: 1)
        defer { buffer.deallocate() }
        var result = bpf_map_get_next_key(descriptor, nil, buffer)
        // A hash that is written to meanwhile may start over: the capacity bounds the walk.
        while result == 0, found.count < Int(capacity) {
            found.append(buffer.pointee)
            result = bpf_map_get_next_key(descriptor, buffer, buffer)
        }
        if result != 0, result != -ENOENT { try check(result, "bpf(BPF_MAP_GET_NEXT_KEY)", on: subject) }
        return found
    }

    /// Every entry of a map whose values are not per CPU.
    public func entries<Key: BitwiseCopyable & Hashable, Value: BitwiseCopyable>(
        _ keyType: Key.Type,
        _ valueType: Value.Type
    ) throws(SystemCallError) -> [Key: Value] {
        var found: [Key: Value] = [:]
        for key in try keys(as: Key.self) {
            if let value = try lookup(key, as: Value.self) { found[key] = value }
        }
        return found
    }

    /// All entries of a hash whose values are not per CPU, read in batches (`BPF_MAP_LOOKUP_BATCH`, Linux 5.6).
    ///
    /// A map that others change meanwhile is read once from end to end: an entry that was there all the time is found, and each
    /// is found as it was at some moment.
    ///
    /// - Throws: `SystemCallError` with `EINVAL` where the types do not fit the map, `ENOTSUPP` for another type of map.
    public func snapshot<Key: BitwiseCopyable & Hashable, Value: BitwiseCopyable>(
        _ keyType: Key.Type,
        _ valueType: Value.Type
    ) throws(SystemCallError) -> [Key: Value] {
        try fit(Key.self, value: MemoryLayout<Value>.size, "bpf(BPF_MAP_LOOKUP_BATCH)")
        let most = 4096
        let keys = UnsafeMutablePointer<Key>.allocate(capacity: most)
        let values = UnsafeMutablePointer<Value>.allocate(capacity: most)
        defer {
            keys.deallocate()
            values.deallocate()
        }
        var found: [Key: Value] = [:]
        // The number of the next bucket; 32 bits of a hash, room for the key of other maps.
        var place = [UInt8](repeating: 0, count: max(8, MemoryLayout<Key>.size))
        var isFirst = true
        while true {
            var count = UInt32(most)
            var next = place
            let result = place.withUnsafeMutableBytes { place in
                bpf_map_lookup_batch(
                    descriptor,
                    isFirst ? nil : place.baseAddress,
                    &next,
                    keys,
                    values,
                    &count,
                    nil
                )
            }
            guard result == 0 || result == -ENOENT else {
                try check(result, "bpf(BPF_MAP_LOOKUP_BATCH)", on: subject)
                return found
            }
            for index in 0..<Int(count) { found[keys[index]] = values[index] }
            // Which says that the end was reached, with entries or without.
            if result == -ENOENT { return found }
            place = next
            isFirst = false
        }
    }

    private func withUnsafeTemporaryValues<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ key: Key,
        of type: Value.Type,
        count: Int,
        _ call: (UnsafePointer<Key>, UnsafeMutablePointer<Value>) -> CInt
    ) throws(SystemCallError) -> [Value]? {
        let values = UnsafeMutablePointer<Value>.allocate(capacity: count)
        defer { values.deallocate() }
        memset(values, 0, count * MemoryLayout<Value>.stride)
        let result = withUnsafePointer(to: key) { call($0, values) }
        if result == -ENOENT { return nil }
        try check(result, "bpf(BPF_MAP_LOOKUP_ELEM)", on: subject)
        return Array(UnsafeBufferPointer(start: values, count: count))
    }
}
