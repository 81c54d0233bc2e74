import CLibbpf

/// Writes map definitions into BTF, with libbpf's own writer.
enum MapTypes {
    /// Kinds of types in linux/btf.h.
    private enum Kind {
        static let variable: UInt32 = 14
        static let section: UInt32 = 15
    }

    /// Adds a section `.maps` with a variable a map.
    ///
    /// - Parameters:
    ///   - definitions: The maps, in the order of their places.
    ///   - bytes: The object's types; `nil` for an object that was built without `-g`.
    /// - Returns: The types with those of the maps.
    /// - Throws: `LegacyObject.Refusal` where libbpf cannot read the types.
    static func adding(
        _ definitions: [LegacyObject.Definition],
        to bytes: [UInt8]?
    ) throws(LegacyObject.Refusal) -> [UInt8] {
        LibbpfLog.capture
        let opened = bytes.map { bytes in
            bytes.withUnsafeBytes { btf__new($0.baseAddress, UInt32(clamping: $0.count)) }
        }
        guard let btf = opened ?? btf__new_empty() else {
            throw LegacyObject.Refusal(reason: "libbpf cannot read the types beside SEC(\"maps\")")
        }
        defer { btf__free(btf) }
        // 1 is BTF_INT_SIGNED.
        let integer = btf__add_int(btf, "int", 4, 1)
        let structs = definitions.map { definition in
            let inner = definition.inner.map { add(definitions[$0], integer, to: btf) }
            return add(definition, integer, inner: inner, to: btf)
        }
        var variables: [Int32] = []
        for (definition, type) in zip(definitions, structs) {
            let found = btf__find_by_name_kind(btf, definition.symbol.name, Kind.variable)
            // 1 is BTF_VAR_GLOBAL_ALLOCATED.
            variables.append(found > 0 ? found : btf__add_var(btf, definition.symbol.name, 1, type))
        }
        let name = btf__add_str(btf, ".maps")
        let section = btf__find_by_name_kind(btf, "maps", Kind.section)
        let isListed =
            section > 0 && btf__type_by_id(btf, UInt32(section)).map { Int(btf_vlen($0)) } == definitions.count
        if !isListed {
            btf__add_datasec(btf, ".maps", UInt32(definitions.count * LegacyObject.stride))
            for (index, variable) in variables.enumerated() {
                btf__add_datasec_var_info(
                    btf,
                    variable,
                    UInt32(index * LegacyObject.stride),
                    UInt32(LegacyObject.stride)
                )
            }
        }
        guard integer > 0, name > 0, !structs.contains(where: { $0 <= 0 }), !variables.contains(where: { $0 <= 0 })
        else {
            throw LegacyObject.Refusal(reason: "libbpf cannot add the types of the maps in SEC(\"maps\")")
        }
        // Nothing is added any more, so that the types stay where they are.
        for (variable, type) in zip(variables, structs) { change(variable, of: btf) { $0.pointee.type = UInt32(type) } }
        if isListed { change(section, of: btf) { relist($0, name, variables) } }
        var size: UInt32 = 0
        guard let raw = btf__raw_data(btf, &size) else {
            throw LegacyObject.Refusal(reason: "libbpf cannot write the types of the maps in SEC(\"maps\")")
        }
        return Array(UnsafeRawBufferPointer(start: raw, count: Int(size)))
    }

    /// A struct whose members point to arrays: their lengths are the numbers.
    ///
    /// - Parameters:
    ///   - definition: The map.
    ///   - integer: The type of its numbers.
    ///   - inner: The struct that defines the maps inside, where it holds maps; a failed one makes this one fail.
    ///   - btf: The types to add it to.
    /// - Returns: The struct's number, or one below 1 where it cannot be added.
    private static func add(
        _ definition: LegacyObject.Definition,
        _ integer: Int32,
        inner: Int32? = nil,
        to btf: OpaquePointer
    ) -> Int32 {
        var pointers = definition.numbers.map { number in
            (number.name, btf__add_ptr(btf, btf__add_array(btf, integer, integer, number.value)))
        }
        if let inner {
            guard inner > 0 else { return -1 }
            // The last member, an array of no length, as __array() of libbpf's bpf_helpers.h writes it.
            pointers.append(("values", btf__add_array(btf, integer, btf__add_ptr(btf, inner), 0)))
        }
        let record = btf__add_struct(btf, nil, UInt32(pointers.count * 8))
        for (index, (name, pointer)) in pointers.enumerated() {
            guard btf__add_field(btf, name, pointer, UInt32(index * 64), 0) == 0 else { return -1 }
        }
        return record
    }

    private static func change(_ type: Int32, of btf: OpaquePointer, _ body: (UnsafeMutablePointer<btf_type>) -> Void) {
        // libbpf hands out types as constants and reads them again when it writes them.
        if let found = btf__type_by_id(btf, UInt32(type)) { body(UnsafeMutablePointer(mutating: found)) }
    }

    /// Gives the section `maps` its new name, and its variables their new places.
    private static func relist(_ section: UnsafeMutablePointer<btf_type>, _ name: Int32, _ variables: [Int32]) {
        section.pointee.name_off = UInt32(name)
        section.pointee.size = UInt32(variables.count * LegacyObject.stride)
        guard let entries = btf_var_secinfos(section) else { return }
        for (index, variable) in variables.enumerated() {
            entries[index].type = UInt32(variable)
            entries[index].offset = UInt32(index * LegacyObject.stride)
            entries[index].size = UInt32(LegacyObject.stride)
        }
    }
}
