import CLibbpf

/// Brings map definitions in `SEC(".maps")` that give plain numbers into the form that libbpf reads: pointers to arrays of that
/// length.
///
/// `struct { __u32 type; ... } m SEC(".maps") = { .type = 24 }` compiles, and libbpf says of it "attr 'type': expected PTR, got
/// int".
enum PlainNumbers {
    private static let attributes: Set<String> = [
        "type", "key_size", "value_size", "max_entries", "map_flags", "numa_node", "pinning", "map_extra",
    ]

    /// A member that holds a number.
    private struct Number {
        let place: Int
        let value: UInt32
    }

    /// Where a definition stands now.
    private struct Moved {
        let variable: UInt32
        let offset: UInt32
        let size: UInt32
    }

    /// - Returns: The object in the form that libbpf reads, or as it was: where it needs nothing, and where it cannot be
    ///   understood, which libbpf then says in its own words.
    static func converted(_ bytes: [UInt8]) -> [UInt8] {
        guard var image = ObjectImage(bytes), let section = image.section(named: ".maps"),
            let types = image.section(named: ".BTF"),
            let btf = Array(bytes[image.range(of: types)]).withUnsafeBytes({
                btf__new($0.baseAddress, UInt32(clamping: $0.count))
            })
        else { return bytes }
        defer { btf__free(btf) }
        var contents = Array(bytes[image.range(of: section)])
        var moved: [Moved] = []
        for symbol in image.symbols where symbol.section == section && symbol.kind != 3 {
            // 14 is BTF_KIND_VAR.
            let variable = btf__find_by_name_kind(btf, symbol.name, 14)
            let place = image.range(of: section).dropFirst(Int(clamping: symbol.value))
            guard variable > 0, let record = record(of: variable, in: btf) else { continue }
            let numbers = numbers(of: record, in: btf, at: place, of: image)
            guard !numbers.isEmpty else { continue }
            guard let (changed, size) = copy(record, numbers, in: btf) else { return bytes }
            change(variable, of: btf) { $0.pointee.type = UInt32(changed) }
            // A pointer is larger than the number it stands for: the definition moves to where there is room.
            contents += [UInt8](repeating: 0, count: (8 - contents.count % 8) % 8)
            moved.append(Moved(variable: UInt32(variable), offset: UInt32(contents.count), size: UInt32(size)))
            image.move(symbol, to: UInt64(contents.count), size: UInt64(size))
            contents += [UInt8](repeating: 0, count: size)
        }
        guard !moved.isEmpty, relist(moved, size: UInt32(contents.count), in: btf) else { return bytes }
        image.replaceContents(of: section, with: contents)
        var size: UInt32 = 0
        guard let raw = btf__raw_data(btf, &size) else { return bytes }
        image.replaceContents(of: types, with: Array(UnsafeRawBufferPointer(start: raw, count: Int(size))))
        return image.bytes
    }

    /// The struct that a variable is of.
    private static func record(of variable: Int32, in btf: OpaquePointer) -> Int32? {
        guard let type = btf__type_by_id(btf, UInt32(variable))?.pointee.type else { return nil }
        let resolved = btf__resolve_type(btf, type)
        guard resolved > 0, let found = btf__type_by_id(btf, UInt32(resolved)), btf_is_struct(found) else { return nil }
        return resolved
    }

    private static func numbers(
        of record: Int32,
        in btf: OpaquePointer,
        at contents: Range<Int>,
        of image: ObjectImage
    ) -> [Number] {
        guard let type = btf__type_by_id(btf, UInt32(record)), let members = btf_members(type) else { return [] }
        return (0..<Int(btf_vlen(type))).compactMap { place in
            let offset = Int(btf_member_bit_offset(type, UInt32(place))) / 8
            guard attributes.contains(name(members[place].name_off, in: btf)), btf_kflag(type) == false,
                let kind = btf__type_by_id(btf, UInt32(max(0, btf__resolve_type(btf, members[place].type)))),
                btf_is_int(kind), btf__resolve_size(btf, members[place].type) == 4, offset + 4 <= contents.count
            else { return nil }
            return Number(place: place, value: UInt32(image.number(at: contents.lowerBound + offset, 4)))
        }
    }

    private static func name(_ offset: UInt32, in btf: OpaquePointer) -> String {
        btf__name_by_offset(btf, offset).map { String(cString: $0) } ?? ""
    }

    /// Gives the section's list its new places, in the order that the kernel demands.
    private static func relist(_ moved: [Moved], size: UInt32, in btf: OpaquePointer) -> Bool {
        // 15 is BTF_KIND_DATASEC.
        let section = btf__find_by_name_kind(btf, ".maps", 15)
        guard section > 0, let type = btf__type_by_id(btf, UInt32(section)), let entries = btf_var_secinfos(type) else {
            return false
        }
        let count = Int(btf_vlen(type))
        let kept = (0..<count).map { entries[$0] }.filter { entry in !moved.contains { $0.variable == entry.type } }
        guard kept.count + moved.count == count else { return false }
        for (index, entry) in kept.enumerated() { entries[index] = entry }
        for (index, entry) in moved.enumerated() {
            let place = entries + kept.count + index
            place.pointee.type = entry.variable
            place.pointee.offset = entry.offset
            place.pointee.size = entry.size
        }
        // clang leaves the size open, which tells libbpf to take all places from the symbols; its linker does not.
        change(section, of: btf) { if $0.pointee.size != 0 { $0.pointee.size = size } }
        return true
    }

    /// A struct like another one, with pointers to arrays in place of numbers, and its bytes.
    private static func copy(_ record: Int32, _ numbers: [Number], in btf: OpaquePointer) -> (type: Int32, size: Int)? {
        guard let type = btf__type_by_id(btf, UInt32(record)), let members = btf_members(type) else { return nil }
        // Read before anything is added: libbpf may move its types then.
        let fields = (0..<Int(btf_vlen(type))).map { place in
            (name: name(members[place].name_off, in: btf), type: Int32(members[place].type))
        }
        let integer = btf__add_int(btf, "int", 4, 1)
        let types = fields.indices.map { place in
            numbers.first { $0.place == place }.map {
                btf__add_ptr(btf, btf__add_array(btf, integer, integer, $0.value))
            } ?? fields[place].type
        }
        let made = btf__add_struct(btf, nil, UInt32(fields.count * 8))
        guard integer > 0, made > 0 else { return nil }
        for (place, field) in fields.enumerated() {
            guard types[place] > 0, btf__add_field(btf, field.name, types[place], UInt32(place * 64), 0) == 0 else {
                return nil
            }
        }
        return (made, fields.count * 8)
    }

    private static func change(_ type: Int32, of btf: OpaquePointer, _ body: (UnsafeMutablePointer<btf_type>) -> Void) {
        // libbpf hands out types as constants and reads them again when it writes them.
        if let found = btf__type_by_id(btf, UInt32(type)) { body(UnsafeMutablePointer(mutating: found)) }
    }
}
