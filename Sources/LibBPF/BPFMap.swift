import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// A map of an object, or one that a sample's user half made itself.
///
/// It is valid as long as the object, or as long as what owns the map.
///
/// Keys and values are copied by their memory layout, so their Swift types must have the size that the map has, and the map must
/// be of a type whose values are read that way; anything else is refused as an ``ObjectMismatch`` before the kernel is asked.
public struct BPFMap {
    private enum Form {
        /// libbpf's map.
        case opened(OpaquePointer)
        /// A map by its descriptor.
        case made(MapShape, name: String, descriptor: CInt)
    }

    private let form: Form
    private let owner: String

    init(raw: OpaquePointer, object: String) {
        form = .opened(raw)
        owner = object
    }

    /// A map by its descriptor, which something else owns.
    init(_ shape: MapShape, name: String, descriptor: CInt, owner: String) {
        form = .made(shape, name: name, descriptor: descriptor)
        self.owner = owner
    }

    /// What it is.
    public var shape: MapShape {
        switch form {
        case .opened(let raw):
            MapShape(
                MapType(rawValue: bpf_map__type(raw).rawValue),
                key: bpf_map__key_size(raw),
                value: bpf_map__value_size(raw),
                capacity: bpf_map__max_entries(raw),
                flags: bpf_map__map_flags(raw)
            )
        case .made(let shape, _, _): shape
        }
    }

    /// The variable's name in the object's source.
    public var name: String {
        switch form {
        case .opened(let raw): String(cString: bpf_map__name(raw))
        case .made(_, let name, _): name
        }
    }

    /// The map's descriptor, owned by the object.
    public var descriptor: CInt {
        switch form {
        case .opened(let raw): bpf_map__fd(raw)
        case .made(_, _, let descriptor): descriptor
        }
    }

    /// Whether libbpf made it for a section of data; its name is then part of the object's and the section's.
    func isSection(_ section: String) -> Bool {
        guard case .opened(let raw) = form, bpf_map__is_internal(raw) else { return false }
        return name.hasSuffix(section)
    }

    /// The bytes that it begins with, before it is loaded; `nil` for a map that is no section of data.
    var initialValue: UnsafeMutableRawBufferPointer? {
        guard case .opened(let raw) = form else { return nil }
        var size = 0
        guard let start = bpf_map__initial_value(raw, &size) else { return nil }
        return UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(mutating: start), count: size)
    }

    /// The most entries it can hold.
    public var capacity: UInt32 { shape.capacity }

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
        let shape = shape
        return shape.capacity == 0 && !withoutNumber.contains(shape.type.rawValue)
    }

    /// Says how many entries the map can hold; before the object is loaded only.
    ///
    /// - Throws: `SystemCallError` with `EBUSY` for a map that is made already.
    public func setCapacity(_ entries: UInt32) throws(SystemCallError) {
        guard case .opened(let raw) = form else {
            throw SystemCallError("set the number of entries", on: subject, errno: .resourceBusy)
        }
        try check(bpf_map__set_max_entries(raw, entries), "bpf_map__set_max_entries", on: subject)
    }

    var subject: String { "map '\(name)' in \(owner)" }

    /// Types whose values user space reads and writes for all processors at once: the kernel takes and gives many of them.
    static let perCPU: Set<MapType> = [
        .perCPUHash, .perCPUArray, .lruPerCPUHash, MapType(rawValue: BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE.rawValue),
    ]

    /// The type of the map, as messages name it.
    var typeName: String { shape.type.name }

    /// Checks that the map is what its user half takes it for; the kernel would read and write past the ends of keys and values.
    private func fit<Key: BitwiseCopyable>(
        _ key: Key.Type,
        value size: Int? = nil,
        perCPU: Bool = false
    ) throws(ObjectMismatch) {
        let shape = shape
        let (keys, values) = (Int(shape.keySize), Int(shape.valueSize))
        guard MemoryLayout<Key>.size == keys else {
            throw ObjectMismatch("\(subject) has keys of \(keys) bytes, not \(MemoryLayout<Key>.size)")
        }
        guard let size else { return }
        guard size == values else { throw ObjectMismatch("\(subject) has values of \(values) bytes, not \(size)") }
        guard Self.perCPU.contains(shape.type) == perCPU else {
            let expected =
                perCPU ? "one that has a value for each processor" : "one that has a value for all processors"
            throw ObjectMismatch("\(subject) is of type \(typeName), not \(expected)")
        }
    }

    /// Checks what the kernel answered to an access that fits the map: that it does not know such accesses to maps of this type,
    /// or has no room, is the object's doing.
    @discardableResult
    private func answer(_ result: CInt, _ call: String) throws -> CInt {
        switch -result {
        // ENOTSUPP, which no C library has a name for.
        case 524, EOPNOTSUPP:
            throw ObjectMismatch("\(subject) is of type \(typeName), which does not take \(call)")
        case E2BIG: throw ObjectMismatch("\(subject) has room for \(capacity) entries, which are too few")
        // Other maps of the kernel have no such answer.
        case ENOSPC where shape.type == .prefixTrie:
            throw ObjectMismatch("\(subject) has room for \(capacity) prefixes, which are too few")
        default: return try check(result, call, on: subject)
        }
    }

    /// Reads an entry.
    ///
    /// - Returns: `nil` if the map has no such key.
    /// - Throws: ``ObjectMismatch`` for a map that has no such keys and values, `SystemCallError` where the kernel refuses; a
    ///   missing key is no error.
    public func lookup<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ key: Key,
        as type: Value.Type
    ) throws -> Value? {
        try fit(Key.self, value: MemoryLayout<Value>.size)
        return try withUnsafeTemporaryValues(key, of: Value.self, count: 1) { key, values in
            bpf_map_lookup_elem(descriptor, key, values)
        }?.first
    }

    /// Reads an entry of a per-CPU map.
    ///
    /// - Returns: A value for every possible CPU, in their order; `nil` if the map has no such key.
    /// - Throws: ``ObjectMismatch`` for a map that is not per CPU or has no such keys and values, `SystemCallError` where the kernel
    ///   refuses.
    public func lookupPerCPU<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ key: Key,
        as type: Value.Type
    ) throws -> [Value]? {
        try fit(Key.self, value: MemoryLayout<Value>.size, perCPU: true)
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

    /// By how much the values of a per-CPU array with keys of 32 and values of 64 bits grew, of each processor for itself.
    ///
    /// - Parameter start: What all of them were; 0 where nobody wrote any.
    /// - Returns: Differences by processor and index; those of 0, and processors without any other, are left out.
    /// - Throws: As ``lookupPerCPU(_:as:)``.
    public func growth(from start: Int = 0) throws -> [Int: [Int: Int]] {
        var found: [Int: [Int: Int]] = [:]
        for index in 0..<capacity {
            // A broken program may count anything: the difference wraps around, as the counters do.
            for (processor, value) in (try lookupPerCPU(index, as: Int.self) ?? []).enumerated() where value != start {
                found[processor, default: [:]][Int(index)] = value &- start
            }
        }
        return found
    }

    /// Writes an entry (`BPF_ANY`).
    ///
    /// - Throws: ``ObjectMismatch`` for a map that has no such keys and values, is full, or is an array without that index;
    ///   `SystemCallError` where the kernel refuses.
    public func update<Key: BitwiseCopyable, Value: BitwiseCopyable>(_ key: Key, _ value: Value) throws {
        try fit(Key.self, value: MemoryLayout<Value>.size)
        var key = key
        var value = value
        try answer(bpf_map_update_elem(descriptor, &key, &value, UInt64(BPF_ANY)), "bpf(BPF_MAP_UPDATE_ELEM)")
    }

    /// Writes the same value for every possible processor into an entry of a per-CPU map.
    ///
    /// - Throws: As ``update(_:_:)-(Key,_)``, and ``ObjectMismatch`` for a map that is not per CPU.
    public func updatePerCPU<Key: BitwiseCopyable, Value: BitwiseCopyable>(_ key: Key, _ value: Value) throws {
        try fit(Key.self, value: MemoryLayout<Value>.size, perCPU: true)
        let cpus = try check(
            libbpf_num_possible_cpus(),
            "libbpf_num_possible_cpus",
            on: "/sys/devices/system/cpu/possible"
        )
        var key = key
        var one = [UInt8](repeating: 0, count: (MemoryLayout<Value>.size + 7) / 8 * 8)
        withUnsafeBytes(of: value) { one.replaceSubrange(0..<$0.count, with: $0) }
        var values: [UInt8] = []
        for _ in 0..<cpus { values += one }
        try answer(bpf_map_update_elem(descriptor, &key, &values, UInt64(BPF_ANY)), "bpf(BPF_MAP_UPDATE_ELEM)")
    }

    /// Puts a program into a program array, for tail calls.
    ///
    /// - Throws: ``ObjectMismatch`` for a map of another type or without that index, `SystemCallError` where the kernel refuses.
    public func update(_ index: UInt32, _ program: BPFProgram) throws {
        guard shape.type == .programArray else {
            throw ObjectMismatch("\(subject) is of type \(typeName), not PROG_ARRAY")
        }
        try update(index, program.descriptor)
    }

    /// Removes an entry.
    ///
    /// - Throws: ``ObjectMismatch`` for a map that has no such keys, `SystemCallError` with `ENOENT` if there is no entry, `EINVAL`
    ///   for an array.
    public func delete<Key: BitwiseCopyable>(_ key: Key) throws {
        try fit(Key.self)
        var key = key
        try answer(bpf_map_delete_elem(descriptor, &key), "bpf(BPF_MAP_DELETE_ELEM)")
    }

    /// Every key of the map, in the kernel's order.
    ///
    /// A map that others change meanwhile may show a key twice or not at all, as `BPF_MAP_GET_NEXT_KEY` does.
    ///
    /// - Throws: ``ObjectMismatch`` for a map that has no such keys, `SystemCallError` where the kernel refuses.
    public func keys<Key: BitwiseCopyable>(as type: Key.Type) throws -> [Key] {
        try fit(Key.self)
        var found: [Key] = []
        let buffer = UnsafeMutablePointer<Key>.allocate(capacity: 1)
        defer { buffer.deallocate() }
        var result = bpf_map_get_next_key(descriptor, nil, buffer)
        // A hash that is written to meanwhile may start over: the capacity bounds the walk.
        while result == 0, found.count < Int(capacity) {
            found.append(buffer.pointee)
            result = bpf_map_get_next_key(descriptor, buffer, buffer)
        }
        if result != 0, result != -ENOENT { try answer(result, "bpf(BPF_MAP_GET_NEXT_KEY)") }
        return found
    }

    /// Every entry of a map whose values are not per CPU.
    ///
    /// - Throws: As ``lookup(_:as:)``.
    public func entries<Key: BitwiseCopyable & Hashable, Value: BitwiseCopyable>(
        _ keyType: Key.Type,
        _ valueType: Value.Type
    ) throws -> [Key: Value] {
        // Before the walk: an empty map is of the wrong type as well.
        try fit(Key.self, value: MemoryLayout<Value>.size)
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
    /// - Throws: ``ObjectMismatch`` for a map that has no such keys and values, or is of a type that is not read in batches;
    ///   `SystemCallError` where the kernel refuses.
    public func snapshot<Key: BitwiseCopyable & Hashable, Value: BitwiseCopyable>(
        _ keyType: Key.Type,
        _ valueType: Value.Type
    ) throws -> [Key: Value] {
        try fit(Key.self, value: MemoryLayout<Value>.size)
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
                try answer(result, "bpf(BPF_MAP_LOOKUP_BATCH)")
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
    ) throws -> [Value]? {
        let values = UnsafeMutablePointer<Value>.allocate(capacity: count)
        defer { values.deallocate() }
        memset(values, 0, count * MemoryLayout<Value>.stride)
        let result = withUnsafePointer(to: key) { call($0, values) }
        if result == -ENOENT { return nil }
        try answer(result, "bpf(BPF_MAP_LOOKUP_ELEM)")
        return Array(UnsafeBufferPointer(start: values, count: count))
    }
}
