import FileBytes

/// The sections, symbols and relocations of a BPF object (elf(5)).
///
/// Any bytes may be given; libelf, which libbpf reads objects with, is not asked.
struct ELFFile {
    struct Section {
        let name: String
        let type: UInt32
        let flags: UInt64
        let info: UInt32
        let data: ByteView?

        /// Whether it holds instructions (`SHT_PROGBITS`, `SHF_EXECINSTR`).
        var isCode: Bool { type == 1 && flags & 4 != 0 && (data?.count ?? 0) > 0 }
    }

    struct Symbol {
        let name: String
        let kind: UInt8
        let binding: UInt8
        let section: Int
        let value: UInt64
        let size: UInt64

        var isFunction: Bool { kind == 2 }  // STT_FUNC
        var isLocal: Bool { binding == 0 }  // STB_LOCAL
        var isWeak: Bool { binding == 2 }  // STB_WEAK
        var isUndefined: Bool { section == 0 }  // SHN_UNDEF
    }

    let sections: [Section]
    let symbols: [Symbol]
    /// The symbol that a place of a section refers to, by the section's index and the place's offset.
    let references: [Int: [UInt64: Symbol]]

    init(_ bytes: [UInt8]) throws(ObjectReadError) {
        guard ELFImage.isLike(bytes), bytes.count >= 64 else { throw .notELF }
        guard let image = ELFImage(bytes) else { throw .notLittleEndian64 }
        // Old compilers left the machine out, and libbpf takes that too (EM_BPF, EM_NONE).
        guard image.machine == 247 || image.machine == 0 else { throw .notBPF(machine: image.machine) }
        guard image.type == 1 else { throw .notRelocatable(type: image.type) }  // ET_REL
        sections = try Self.sections(of: image)
        guard let table = sections.first(where: { $0.type == 2 }) else { throw .noSymbols }  // SHT_SYMTAB
        symbols = try Self.symbols(in: table, sections)
        references = try Self.references(sections, symbols)
    }

    /// Names of global symbols without a type in sections of instructions: functions, as clang 7 and older wrote them.
    ///
    /// Empty where a section besides `.text` has a function.
    var untypedFunctions: [String] {
        let places = Set(sections.indices.filter { sections[$0].isCode && sections[$0].name != ".text" })
        let inside = symbols.filter { places.contains($0.section) }
        guard !inside.contains(where: \.isFunction) else { return [] }
        return inside.filter { $0.kind == 0 && !$0.isLocal && !$0.name.isEmpty }.map(\.name)
    }

    func section(named name: String) -> Section? { sections.first { $0.name == name } }

    private static func sections(of image: ELFImage) throws(ObjectReadError) -> [Section] {
        guard let headers = image.sections else { throw .damaged("the table of sections") }
        guard let strings = image.sectionNames else { throw .damaged("the table of section names") }
        var sections: [Section] = []
        for header in headers {
            guard let text = header.type == 0 ? "" : strings.string(at: Int(header.nameOffset)) else {
                throw .damaged("a section's name")
            }
            let data = image.contents(of: header)
            if header.hasBytes, data == nil { throw .damaged("section '\(text.prefix(60))'") }
            sections.append(
                Section(name: text, type: header.type, flags: header.flags, info: header.info, data: data)
            )
        }
        return sections
    }

    private static func symbols(in table: Section, _ sections: [Section]) throws(ObjectReadError) -> [Symbol] {
        guard let data = table.data, let strings = sections.first(where: { $0.name == ".strtab" })?.data else {
            throw .damaged("the table of symbols")
        }
        var symbols: [Symbol] = []
        for base in stride(from: 0, to: data.count / 24 * 24, by: 24) {
            let info: UInt8 = data.number(at: base + 4) ?? 0
            let section = Int(data.number(at: base + 6, as: UInt16.self) ?? 0)
            guard let name = strings.string(at: Int(data.number(at: base, as: UInt32.self) ?? 0)) else {
                throw .damaged("a symbol's name")
            }
            symbols.append(
                Symbol(
                    name: name.isEmpty && info & 15 == 3 && sections.indices.contains(section)
                        ? sections[section].name : name,
                    kind: info & 15,
                    binding: info >> 4,
                    section: section,
                    value: data.number(at: base + 8) ?? 0,
                    size: data.number(at: base + 16) ?? 0
                )
            )
        }
        return symbols
    }

    private static func references(
        _ sections: [Section],
        _ symbols: [Symbol]
    ) throws(ObjectReadError) -> [Int: [UInt64: Symbol]] {
        var references: [Int: [UInt64: Symbol]] = [:]
        var places: Set<Int> = []
        for section in sections where section.type == 9 {  // SHT_REL
            guard let data = section.data else { continue }
            // Tables that share their bytes could be many more than the file has room for.
            guard places.insert(data.range.lowerBound).inserted || data.count == 0 else {
                throw .damaged("a second relocation table in the place of the first")
            }
            for base in stride(from: 0, to: data.count / 16 * 16, by: 16) {
                let symbol = Int(data.number(at: base + 12, as: UInt32.self) ?? 0)
                guard symbols.indices.contains(symbol) else { throw .damaged("a relocation in '\(section.name)'") }
                references[Int(section.info), default: [:]][data.number(at: base) ?? 0] = symbols[symbol]
            }
        }
        return references
    }
}
