import CLibbpf
import Glibc
public import LinuxHost
import SystemPackage

/// An empty map of the same form as one of an object, so that it may stand in a map of maps where that one may.
///
/// It is freed when this value has ended and no map of maps holds it any more.
public struct MapTwin: ~Copyable {
    /// The map's descriptor.
    public let descriptor: OwnedDescriptor
    /// Bytes of a key and of a value.
    private let sizes: (key: Int, value: Int)

    /// Makes the map.
    ///
    /// - Throws: `SystemCallError` with what `BPF_MAP_CREATE` says.
    fileprivate init(of map: BPFMap) throws(SystemCallError) {
        let shape = map.shape
        var options = bpf_map_create_opts()
        options.sz = MemoryLayout<bpf_map_create_opts>.size
        options.map_flags = shape.flags
        let number = bpf_map_create(
            bpf_map_type(rawValue: shape.type.rawValue),
            "twin",
            shape.keySize,
            shape.valueSize,
            shape.capacity,
            &options
        )
        try check(number, "bpf(BPF_MAP_CREATE)", on: "a twin of map '\(map.name)'")
        KernelObject.announce(.map, descriptor: number)
        descriptor = OwnedDescriptor(owning: number)
        sizes = (Int(shape.keySize), Int(shape.valueSize))
    }

    /// The kernel's id of the map, by which a map of maps names it to user space.
    ///
    /// - Throws: `SystemCallError` with `EINVAL` before Linux 4.13.
    public func id() throws(SystemCallError) -> UInt32 { try mapID(descriptor.number, "a twin of a map") }

    /// Writes an entry of the map, whose keys and values must have 4 bytes.
    ///
    /// - Throws: ``ObjectMismatch`` for a map with others, `SystemCallError` with `E2BIG` for a full map or an index outside of an
    ///   array.
    public func update(_ key: UInt32, _ value: UInt32) throws {
        guard sizes == (4, 4) else {
            throw ObjectMismatch("the twin of a map has keys of \(sizes.key) and values of \(sizes.value) bytes, not 4")
        }
        let (key, value) = ([key], [value])
        let result = bpf_map_update_elem(descriptor.number, key, value, UInt64(BPF_ANY))
        try check(result, "bpf(BPF_MAP_UPDATE_ELEM)", on: "a twin of a map")
    }
}

extension BPFMap {
    /// Makes an empty map of the same type, sizes and flags.
    public func twin() throws(SystemCallError) -> MapTwin { try MapTwin(of: self) }

    /// The kernel's id of the map, by which a map of maps names it to user space.
    ///
    /// - Throws: `SystemCallError` with `EINVAL` before Linux 4.13.
    public func id() throws(SystemCallError) -> UInt32 {
        try mapID(descriptor, "map '\(name)'")
    }
}

private func mapID(_ descriptor: CInt, _ subject: String) throws(SystemCallError) -> UInt32 {
    guard let id = KernelObject.id(of: descriptor, .map) else {
        throw SystemCallError("bpf(BPF_OBJ_GET_INFO_BY_FD)", on: subject, errno: .invalidArgument)
    }
    return id
}
