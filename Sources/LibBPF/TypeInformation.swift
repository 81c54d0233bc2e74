import CLibbpf

/// An object's BTF (Documentation/bpf/btf.rst in the kernel tree).
///
/// It is valid as long as the object.
public struct TypeInformation {
    private let raw: OpaquePointer

    /// Kinds of types in linux/btf.h; libbpf's headers declare the same names again, which Swift cannot tell apart.
    private enum Kind {
        static let pointer: UInt16 = 2
        static let record: UInt16 = 4
        static let function: UInt32 = 12
    }

    init(raw: OpaquePointer) {
        self.raw = raw
    }

    /// A struct that a program's context is declared to be.
    public struct Record: Sendable, Hashable {
        /// The struct's name.
        public let name: String
        /// Its members in their order.
        public let members: [Member]

        /// Creates a struct's description.
        public init(name: String, members: [Member]) {
            self.name = name
            self.members = members
        }

        /// A member of a struct.
        public struct Member: Sendable, Hashable, CustomStringConvertible {
            /// Its name.
            public let name: String
            /// Bytes from the struct's beginning.
            public let offset: Int
            /// Bytes.
            public let size: Int

            /// Creates a member's description.
            public init(name: String, offset: Int, size: Int) {
                self.name = name
                self.offset = offset
                self.size = size
            }

            /// The member as `state at 8, 4 bytes`.
            public var description: String { "\(name) at \(offset), \(size) byte\(size == 1 ? "" : "s")" }
        }
    }

    /// The struct that a function's only argument points to; `nil` if it is declared as anything else.
    public func context(ofFunction name: String) -> Record? {
        let id = btf__find_by_name_kind(raw, name, Kind.function)
        guard id > 0, let function = btf__type_by_id(raw, UInt32(id)),
            let prototype = btf__type_by_id(raw, function.pointee.type), btf_vlen(prototype) == 1,
            let argument = btf_params(prototype), let pointer = resolved(argument.pointee.type),
            btf_kind(pointer) == Kind.pointer, let record = resolved(pointer.pointee.type),
            btf_kind(record) == Kind.record, let members = btf_members(record)
        else { return nil }
        let count = Int(btf_vlen(record))
        return Record(
            name: string(record.pointee.name_off),
            members: (0..<count).map { index in
                Record.Member(
                    name: string(members[index].name_off),
                    offset: Int(btf_member_bit_offset(record, UInt32(index))) / 8,
                    size: Int(btf__resolve_size(raw, members[index].type))
                )
            }
        )
    }

    private func string(_ offset: UInt32) -> String {
        btf__name_by_offset(raw, offset).map { String(cString: $0) } ?? ""
    }

    /// A type with names and qualifiers taken off.
    ///
    /// A chain of them is short; a longer one is a loop in a hostile file.
    private func resolved(_ id: UInt32) -> UnsafePointer<btf_type>? {
        var type = btf__type_by_id(raw, id)
        for _ in 0..<32 {
            guard let found = type else { return nil }
            if !btf_is_mod(found) && !btf_is_typedef(found) { return found }
            type = btf__type_by_id(raw, found.pointee.type)
        }
        return nil
    }
}

extension TypeInformation {
    /// Where a global variable stands.
    struct Global {
        /// The section, such as `.rodata`.
        let section: String
        /// Bytes from the section's beginning.
        let offset: Int
        /// Bytes.
        let size: Int
    }

    /// Where a global variable stands; `nil` where the object has none of that name.
    func global(_ variable: String) -> Global? {
        // BTF_KIND_DATASEC, whose entries are variables.
        for id in 1..<max(btf__type_cnt(raw), 1) {
            guard let section = btf__type_by_id(raw, id), btf_kind(section) == 15,
                let entries = btf_var_secinfos(section)
            else { continue }
            for index in 0..<Int(btf_vlen(section)) {
                guard let found = btf__type_by_id(raw, entries[index].type),
                    string(found.pointee.name_off) == variable
                else { continue }
                return Global(
                    section: string(section.pointee.name_off),
                    offset: Int(entries[index].offset),
                    size: Int(entries[index].size)
                )
            }
        }
        return nil
    }
}
