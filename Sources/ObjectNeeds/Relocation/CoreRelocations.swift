import FileBytes

/// Where an object wants libbpf to fit it to the running kernel's types (`.BTF.ext`).
struct CoreRelocations {
    /// All of them, in the order of the file.
    private(set) var all: [CoreRelocation] = []
    /// Byte offsets within a section, by the section's name.
    private var places: [String: Set<UInt64>] = [:]
    /// Those that ask whether something exists, so that code can be cut off.
    private var tests: [String: Set<UInt64>] = [:]

    /// - Throws: ``ObjectReadError/damaged(_:)``.
    init(_ data: ByteView, _ types: TypeTable) throws(ObjectReadError) {
        guard data.number(at: 0, as: UInt16.self) == 0xEB9F, let header = data.number(at: 4, as: UInt32.self) else {
            throw .damaged("the header of .BTF.ext")
        }
        // Before Linux 5.4 the header ended with the line information.
        guard header >= 32, let offset = data.number(at: 24, as: UInt32.self),
            let size = data.number(at: 28, as: UInt32.self), size > 0
        else { return }
        guard let table = data.part(at: UInt64(header) + UInt64(offset), size: UInt64(size)),
            let step = table.number(at: 0, as: UInt32.self), step >= 16, step <= 1024
        else { throw .damaged("the CO-RE relocations of .BTF.ext") }
        var position = 4
        while position < table.count {
            guard let name = table.number(at: position, as: UInt32.self).flatMap({ types.string(at: $0) }),
                let count = table.number(at: position + 4, as: UInt32.self),
                UInt64(count) * UInt64(step) <= UInt64(table.count - position - 8)
            else { throw .damaged("the CO-RE relocations of .BTF.ext") }
            position += 8
            for number in 0..<Int(count) {
                add(try Self.relocation(at: position, table, section: name, number, types))
                position += Int(step)
            }
        }
    }

    private static func relocation(
        at position: Int,
        _ table: ByteView,
        section: String,
        _ number: Int,
        _ types: TypeTable
    ) throws(ObjectReadError) -> CoreRelocation {
        guard let offset = table.number(at: position, as: UInt32.self),
            let type = table.number(at: position + 4, as: UInt32.self),
            let access = table.number(at: position + 8, as: UInt32.self).flatMap({ types.string(at: $0) }),
            let kind = table.number(at: position + 12, as: UInt32.self)
        else { throw .damaged("the CO-RE relocations of .BTF.ext") }
        guard let known = CoreRelocation.Kind(rawValue: kind) else {
            throw .damaged("a CO-RE relocation of the unknown kind \(kind)")
        }
        return CoreRelocation(
            section: section,
            number: number,
            offset: UInt64(offset),
            kind: known,
            type: type,
            access: access
        )
    }

    private mutating func add(_ relocation: CoreRelocation) {
        all.append(relocation)
        places[relocation.section, default: []].insert(relocation.offset)
        if relocation.kind.isTest { tests[relocation.section, default: []].insert(relocation.offset) }
    }

    /// Where a section asks if something exists.
    func tests(in section: String) -> Set<UInt64> { tests[section] ?? [] }

    /// Whether a function holds any relocation.
    func relocates(_ body: FunctionBody) -> Bool { Self.any(of: places, in: body) }

    private static func any(of places: [String: Set<UInt64>], in body: FunctionBody) -> Bool {
        let range = body.offset..<body.offset + UInt64(body.instructions.count) * 8
        return places[body.sectionName]?.contains { range.contains($0) } ?? false
    }
}
