import CLibbpf
import CLinux
import Glibc
public import LinuxHost
import SystemPackage

/// The running kernel's own type information (BTF of vmlinux; Documentation/bpf/btf.rst in the kernel tree).
///
/// It says how the kernel's types are laid out and which numbers they have, not what is compiled in: an enumerator is there
/// also where what it stands for is not.
public final class KernelTypes {
    private let image: TypeImage

    /// Kinds of types in linux/btf.h.
    public enum Kind: UInt32, Sendable {
        /// A struct.
        case record = 4
        /// An enumeration.
        case enumeration = 6
        /// A name for another type.
        case alias = 8
        /// A function.
        case function = 12
    }

    /// Reads `/sys/kernel/btf/vmlinux`, or where there is none the vmlinux file of the running release.
    ///
    /// - Throws: `SystemCallError` with `ENOENT` or `ESRCH` where there is no such file (`CONFIG_DEBUG_INFO_BTF`), `EBADMSG` for
    ///   one that is no BTF.
    public init() throws(SystemCallError) {
        if let mapped = try? TypeImage(path: "/sys/kernel/btf/vmlinux") {
            image = mapped
            return
        }
        LibbpfLog.capture
        let types = try require(btf__load_vmlinux_btf(), "btf__load_vmlinux_btf", on: "the running kernel")
        defer { btf__free(types) }
        var size: UInt32 = 0
        let bytes = btf__raw_data(types, &size)
        image = try TypeImage(bytes: Array(UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(size))))
    }

    /// Reads the bytes of a BTF.
    ///
    /// - Throws: `SystemCallError` with `EBADMSG` for bytes that are none.
    package init(bytes: [UInt8]) throws(SystemCallError) {
        image = try TypeImage(bytes: bytes)
    }

    /// The number of a type; `nil` if the kernel has none of that name and kind.
    public func id(of name: String, _ kind: Kind) -> UInt32? {
        image.find(name, kind.rawValue).map { UInt32($0 + 1) }
    }

    /// The names and values of an enumeration; empty if the kernel has none of that name.
    public func enumerators(of name: String) -> [String: UInt32] {
        var found: [String: UInt32] = [:]
        for (name, value) in image.entries(of: name, Kind.enumeration.rawValue) { found[name] = value }
        return found
    }

    /// The bytes of a struct; `nil` if the kernel has none of that name.
    public func size(of record: String) -> UInt32? { image.size(of: record, Kind.record.rawValue) }

    /// Where a member stands in a struct, counted from 0; `nil` if there is no such struct or member.
    public func index(of member: String, in record: String) -> UInt32? {
        image.entries(of: record, Kind.record.rawValue).firstIndex { $0.0 == member }.map { UInt32($0) }
    }
}

/// The bytes of a BTF, and where each type begins.
///
/// Everything that is read lies inside the bytes, whatever they say.
private final class TypeImage {
    private let memory: UnsafeRawBufferPointer
    private let release: (UnsafeRawBufferPointer) -> Void
    private var strings = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Of each type, from number 1: where it begins, and where its name does among the strings.
    private var starts: [UInt32] = []
    private var names: [UInt32] = []

    /// Maps a file, which sysfs allows since Linux 6.16, or reads it.
    init(path: String) throws(SystemCallError) {
        let file = try OwnedDescriptor.open(path, O_RDONLY)
        var status = stat()
        try SystemCallError.check(fstat(file.number, &status), "fstat(2)", on: "'\(path)'")
        let size = Int(status.st_size)
        if size > 0, let mapped = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.number, 0), mapped != MAP_FAILED {
            memory = UnsafeRawBufferPointer(start: mapped, count: size)
            release = { munmap(UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count) }
        } else {
            memory = Self.copy(try SmallFile.read(path, limit: 256 << 20))
            release = { $0.deallocate() }
        }
        try index()
    }

    init(bytes: [UInt8]) throws(SystemCallError) {
        memory = Self.copy(bytes)
        release = { $0.deallocate() }
        try index()
    }

    deinit { release(memory) }

    private static func copy(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 8)
        room.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(rebasing: room[0..<bytes.count])
    }

    private func word(_ offset: Int) -> UInt32 { memory.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }

    /// Finds the types of `struct btf_header`'s sections; a kind that is newer than this program ends the walk.
    private func index() throws(SystemCallError) {
        let isBTF = memory.count >= 24 && memory.loadUnaligned(fromByteOffset: 0, as: UInt16.self) == 0xeb9f
        guard isBTF else { throw Self.broken }
        let header = Int(word(4))
        let (typesAt, typesSize) = (header + Int(word(8)), Int(word(12)))
        let (stringsAt, stringsSize) = (header + Int(word(16)), Int(word(20)))
        guard typesAt + typesSize <= memory.count, stringsAt + stringsSize <= memory.count else { throw Self.broken }
        strings = UnsafeRawBufferPointer(rebasing: memory[stringsAt..<stringsAt + stringsSize])
        starts.reserveCapacity(typesSize / 32)
        names.reserveCapacity(typesSize / 32)
        var at = typesAt
        while at + 12 <= typesAt + typesSize {
            let info = word(at + 4)
            guard let rest = Self.size(ofKind: info >> 24 & 31, members: Int(info & 0xffff)),
                at + 12 + rest <= typesAt + typesSize
            else { return }
            names.append(word(at))
            starts.append(UInt32(at))
            at += 12 + rest
        }
    }

    private static var broken: SystemCallError { SystemCallError("read BTF", on: "its bytes", errno: .badMessage) }

    /// Bytes behind a `struct btf_type`; `nil` for a kind that is not known.
    private static func size(ofKind kind: UInt32, members: Int) -> Int? {
        switch kind {
        case 1, 14, 17: 4
        case 2, 7...12, 16, 18: 0
        case 3: 12
        case 4, 5, 15, 19: 12 * members
        case 6, 13: 8 * members
        default: nil
        }
    }

    /// The index of the first type of that name and kind.
    func find(_ name: String, _ kind: UInt32) -> Int? {
        let wanted = [0] + Array(name.utf8) + [0]
        let hit = lx_find(strings.baseAddress, strings.count, wanted, wanted.count)
        guard hit >= 0 else { return nil }
        // Every string of a kernel's BTF is there once.
        let offset = UInt32(hit + 1)
        return names.indices.first { names[$0] == offset && word(Int(starts[$0]) + 4) >> 24 & 31 == kind }
    }

    /// The size that the first type of that name and kind has.
    func size(of name: String, _ kind: UInt32) -> UInt32? { find(name, kind).map { word(Int(starts[$0]) + 8) } }

    /// Of the first type of that name and kind, an enumeration or a struct: the entries' names and second words.
    func entries(of name: String, _ kind: UInt32) -> [(String, UInt32)] {
        guard let index = find(name, kind) else { return [] }
        let at = Int(starts[index])
        let width = kind == KernelTypes.Kind.enumeration.rawValue ? 8 : 12
        return (0..<Int(word(at + 4) & 0xffff)).map { entry in
            let entry = at + 12 + entry * width
            return (text(at: word(entry)), word(entry + 4))
        }
    }

    private func text(at offset: UInt32) -> String {
        guard Int(offset) < strings.count else { return "" }
        return String(decoding: strings[Int(offset)...].prefix { $0 != 0 }, as: UTF8.self)
    }
}
