import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// Names of maps and programs in a BPF file system.
///
/// A worker has one of its own on `/sys/fs/bpf`, so that nothing that a sample pins stays on the machine.
public enum Pins {
    /// Where a sample's BPF file system is.
    public static let folder = "/sys/fs/bpf"

    /// Gives what a descriptor stands for a name (`BPF_OBJ_PIN`, Linux 4.4).
    ///
    /// - Throws: `SystemCallError` with `EEXIST` for a name in use, `EPERM` outside of a BPF file system.
    public static func pin(_ descriptor: CInt, as path: String) throws(SystemCallError) {
        try check(bpf_obj_pin(descriptor, path), "bpf(BPF_OBJ_PIN)", on: "'\(path)'")
    }

    /// Opens what has a name (`BPF_OBJ_GET`, Linux 4.4).
    ///
    /// - Throws: `SystemCallError` with `ENOENT` where there is no such name.
    public static func open(_ path: String) throws(SystemCallError) -> OwnedDescriptor {
        OwnedDescriptor(owning: try check(bpf_obj_get(path), "bpf(BPF_OBJ_GET)", on: "'\(path)'"))
    }

    /// Takes a name away (unlink(2)); what it stood for stays as long as something else holds it.
    ///
    /// - Throws: `SystemCallError` with `ENOENT` where there is no such name.
    public static func remove(_ path: String) throws(SystemCallError) {
        try SystemCallError.check(unlink(path), "unlink(2)", on: "'\(path)'")
    }

    /// The number of the map or program that a descriptor stands for; `nil` for another descriptor.
    public static func number(of descriptor: CInt, _ kind: KernelObjectKind) -> UInt32? {
        KernelObject.id(of: descriptor, kind)
    }

    /// What the kernel says that a map is, by its descriptor; `nil` for the descriptor of something else.
    public static func shape(of map: CInt) -> MapShape? {
        var info = bpf_map_info()
        var size = UInt32(MemoryLayout<bpf_map_info>.size)
        guard KernelObject.id(of: map, .map) != nil, bpf_obj_get_info_by_fd(map, &info, &size) == 0 else { return nil }
        return MapShape(
            MapType(rawValue: info.type),
            key: info.key_size,
            value: info.value_size,
            capacity: info.max_entries,
            flags: info.map_flags
        )
    }
}

extension RawEntry {
    /// What the kernel says to an access to a map with keys and values of 4 bytes: `ok`, or its errno by its symbol or number.
    private static func answer(_ result: CInt) -> String {
        result >= 0 ? "ok" : Errno(rawValue: -result).symbol ?? "errno \(-result)"
    }

    /// Writes an entry (`BPF_MAP_UPDATE_ELEM`).
    public static func update(_ map: CInt, _ key: UInt32, to value: UInt32, flags: UInt64 = 0) -> String {
        var (key, value) = (key, value)
        return answer(bpf_map_update_elem(map, &key, &value, flags))
    }

    /// Reads an entry (`BPF_MAP_LOOKUP_ELEM`): its value in decimal, or what the kernel says.
    public static func lookup(_ map: CInt, _ key: UInt32) -> String {
        // Room for more, should the map not be what it ought to be.
        var (key, value) = (key, [UInt32](repeating: 0, count: 64))
        let result = bpf_map_lookup_elem(map, &key, &value)
        return result >= 0 ? "\(value[0])" : answer(result)
    }

    /// Removes an entry (`BPF_MAP_DELETE_ELEM`).
    public static func delete(_ map: CInt, _ key: UInt32) -> String {
        var key = key
        return answer(bpf_map_delete_elem(map, &key))
    }
}
