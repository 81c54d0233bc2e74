import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// The calls of bpf(2) on the entries of a map, with whatever the kernel answers to each.
///
/// ``BPFMap`` reads and writes what a sample knows to be there, and an answer other than that is an error. Here every answer is one to
/// look at: `ok`, or an errno by its symbol, `errno 524` for one without. Keys and values are bytes, which are cut or filled with
/// zeros to the sizes of the map; where a map has no keys, none is handed over.
///
/// It is valid as long as the map.
public struct MapCalls: Sendable {
    /// The map's descriptor.
    public let descriptor: CInt
    /// What the map is.
    public let shape: MapShape
    /// The bytes of a value that belong to one processor, rounded up as the kernel does; all of them in a map without such values.
    public let stride: Int
    /// How many values an entry has: one for each possible processor, or one.
    public let processors: Int

    /// The calls on a map.
    ///
    /// - Throws: `SystemCallError` where nothing says how many processors there may be.
    public init(_ map: BPFMap) throws(SystemCallError) {
        descriptor = map.descriptor
        shape = map.shape
        guard BPFMap.perCPU.contains(shape.type) else {
            stride = Int(shape.valueSize)
            processors = 1
            return
        }
        stride = (Int(shape.valueSize) + 7) / 8 * 8
        processors = try Self.possibleProcessors()
    }

    /// How many processors there may ever be: so many values each entry of a map by processor has.
    ///
    /// - Throws: `SystemCallError` where `/sys` is not mounted.
    public static func possibleProcessors() throws(SystemCallError) -> Int {
        let path = "/sys/devices/system/cpu/possible"
        return Int(try check(libbpf_num_possible_cpus(), "libbpf_num_possible_cpus", on: path))
    }

    /// What a call was answered, and the bytes that came with it; none where it was refused.
    public struct Answer: Sendable, Hashable {
        /// `ok`, or the errno.
        public var text: String
        /// A value, or a key.
        public var bytes: [UInt8] = []
    }

    private static func text(_ result: CInt) -> String {
        result >= 0 ? "ok" : Errno(rawValue: -result).symbol ?? "errno \(-result)"
    }

    private func sized(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
        bytes.count == count ? bytes : Array((bytes + [UInt8](repeating: 0, count: count)).prefix(count))
    }

    private func with<Result>(_ key: [UInt8]?, _ body: (UnsafeRawPointer?) -> Result) -> Result {
        guard let key, shape.keySize > 0 else { return body(nil) }
        return sized(key, Int(shape.keySize)).withUnsafeBytes { body($0.baseAddress) }
    }

    /// Writes an entry, or pushes a value where there are no keys (`BPF_MAP_UPDATE_ELEM`).
    ///
    /// - Parameters:
    ///   - key: The key; none where there are no keys.
    ///   - value: The value, of all processors where each has one.
    ///   - flags: 1 where the key must be new (`BPF_NOEXIST`), 2 where it must be there (`BPF_EXIST`).
    /// - Returns: `ok`, or the errno.
    public func update(_ key: [UInt8]?, _ value: [UInt8], flags: UInt64 = 0) -> String {
        let value = sized(value, stride * processors)
        return Self.text(with(key) { key in bpf_map_update_elem(descriptor, key, value, flags) })
    }

    /// Reads an entry, or the value that would come next where there are no keys (`BPF_MAP_LOOKUP_ELEM`).
    public func lookup(_ key: [UInt8]?) -> Answer {
        read(key) { key, value in bpf_map_lookup_elem(descriptor, key, value) }
    }

    /// Reads and removes an entry, or pops a value (`BPF_MAP_LOOKUP_AND_DELETE_ELEM`, for hashes Linux 5.14).
    public func take(_ key: [UInt8]?) -> Answer {
        read(key) { key, value in bpf_map_lookup_and_delete_elem(descriptor, key, value) }
    }

    private func read(_ key: [UInt8]?, _ call: (UnsafeRawPointer?, UnsafeMutableRawPointer?) -> CInt) -> Answer {
        var value = [UInt8](repeating: 0, count: stride * processors)
        let result = with(key) { key in value.withUnsafeMutableBytes { call(key, $0.baseAddress) } }
        return Answer(text: Self.text(result), bytes: result >= 0 ? value : [])
    }

    /// Removes an entry (`BPF_MAP_DELETE_ELEM`).
    public func delete(_ key: [UInt8]?) -> String {
        Self.text(with(key) { key in bpf_map_delete_elem(descriptor, key) })
    }

    /// The key that comes next in the kernel's order (`BPF_MAP_GET_NEXT_KEY`); the first one after none.
    public func next(after key: [UInt8]?) -> Answer {
        var next = [UInt8](repeating: 0, count: max(1, Int(shape.keySize)))
        let result = with(key) { key in bpf_map_get_next_key(descriptor, key, &next) }
        return Answer(text: Self.text(result), bytes: result >= 0 ? next : [])
    }

    /// All keys in the kernel's order, and what it said after the last: `ENOENT`, or `ok` where it had more than the map can hold.
    public func walk() -> (keys: [[UInt8]], end: String) {
        var keys: [[UInt8]] = []
        var answer = next(after: nil)
        // A kernel that goes round and round is left after a while.
        while answer.text == "ok", keys.count <= Int(shape.capacity) {
            keys.append(answer.bytes)
            answer = next(after: answer.bytes)
        }
        return (keys, answer.text)
    }

    /// Keeps user space from writing, for as long as the map lasts (`BPF_MAP_FREEZE`, Linux 5.2).
    public func freeze() -> String { Self.text(bpf_map_freeze(descriptor)) }
}

extension MapCalls {
    /// What a call on many entries was answered, how many it worked on, and the entries that it read.
    public struct Batch: Sendable, Hashable {
        /// `ok`, or the errno.
        public var text: String
        /// How many entries.
        public var count = 0
        /// Their keys, one behind another.
        public var keys: [UInt8] = []
        /// Their values, one behind another.
        public var values: [UInt8] = []
        /// Where the next call goes on.
        public var place: [UInt8] = []
    }

    private var valueBytes: Int { stride * processors }

    /// Writes many entries (`BPF_MAP_UPDATE_BATCH`, Linux 5.6); keys and values stand one behind another.
    public func update(keys: [UInt8], values: [UInt8]) -> Batch {
        var count = UInt32(keys.count / Int(shape.keySize))
        let values = sized(values, Int(count) * valueBytes)
        let result = bpf_map_update_batch(descriptor, keys, values, &count, nil)
        return Batch(text: Self.text(result), count: Int(count))
    }

    /// Removes many entries (`BPF_MAP_DELETE_BATCH`, Linux 5.6); keys stand one behind another.
    public func delete(keys: [UInt8]) -> Batch {
        var count = UInt32(keys.count / Int(shape.keySize))
        let result = bpf_map_delete_batch(descriptor, keys, &count, nil)
        return Batch(text: Self.text(result), count: Int(count))
    }

    /// Reads many entries (`BPF_MAP_LOOKUP_BATCH`, Linux 5.6), and removes them too (`BPF_MAP_LOOKUP_AND_DELETE_BATCH`).
    ///
    /// - Parameters:
    ///   - most: How many at most.
    ///   - place: Where the call before this ended; none for the first.
    ///   - removes: Whether to remove them.
    /// - Returns: What was found.
    public func read(_ most: Int, from place: [UInt8]? = nil, removes: Bool = false) -> Batch {
        let keySize = Int(shape.keySize)
        var keys = [UInt8](repeating: 0, count: most * keySize)
        var values = [UInt8](repeating: 0, count: most * valueBytes)
        // The number of the next bucket of a hash, the last key of other maps.
        let room = max(8, keySize)
        var next = [UInt8](repeating: 0, count: room)
        var before = place.map { sized($0, room) } ?? []
        var count = UInt32(most)
        let result = before.withUnsafeMutableBytes { before in
            let start = place == nil ? nil : before.baseAddress
            return removes
                ? bpf_map_lookup_and_delete_batch(descriptor, start, &next, &keys, &values, &count, nil)
                : bpf_map_lookup_batch(descriptor, start, &next, &keys, &values, &count, nil)
        }
        // Never more than there is room for, whatever the kernel says.
        let found = result >= 0 || result == -ENOENT ? min(most, Int(count)) : 0
        keys.removeLast((most - found) * keySize)
        values.removeLast((most - found) * valueBytes)
        return Batch(text: Self.text(result), count: Int(count), keys: keys, values: values, place: next)
    }
}
