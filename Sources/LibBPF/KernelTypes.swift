import CLibbpf
public import LinuxHost

/// The running kernel's own type information (BTF of vmlinux).
///
/// It says how the kernel's types are laid out and which numbers they have, not what is compiled in: an enumerator is there
/// also where what it stands for is not.
public final class KernelTypes {
    private let raw: OpaquePointer

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
    /// - Throws: `SystemCallError` with `ENOENT` or `ESRCH` where there is no such file (`CONFIG_DEBUG_INFO_BTF`).
    public init() throws(SystemCallError) {
        LibbpfLog.capture
        raw = try require(btf__load_vmlinux_btf(), "btf__load_vmlinux_btf", on: "the running kernel")
    }

    deinit { btf__free(raw) }

    /// The number of a type; `nil` if the kernel has none of that name and kind.
    public func id(of name: String, _ kind: Kind) -> UInt32? {
        let id = btf__find_by_name_kind(raw, name, kind.rawValue)
        return id > 0 ? UInt32(id) : nil
    }

    /// The names and values of an enumeration; empty if the kernel has none of that name.
    public func enumerators(of name: String) -> [String: UInt32] {
        guard let id = id(of: name, .enumeration), let type = btf__type_by_id(raw, id), let values = btf_enum(type)
        else { return [:] }
        var found: [String: UInt32] = [:]
        for index in 0..<Int(btf_vlen(type)) {
            guard let text = btf__name_by_offset(raw, values[index].name_off) else { continue }
            found[String(cString: text)] = UInt32(bitPattern: values[index].val)
        }
        return found
    }

    /// Where a member stands in a struct, counted from 0; `nil` if there is no such struct or member.
    public func index(of member: String, in record: String) -> UInt32? {
        guard let id = id(of: record, .record), let type = btf__type_by_id(raw, id), let members = btf_members(type)
        else { return nil }
        return (0..<Int(btf_vlen(type))).first { index in
            btf__name_by_offset(raw, members[index].name_off).map { String(cString: $0) } == member
        }.map { UInt32($0) }
    }
}
