/// The bytes of an object's ELF file (elf(5)), to change sections in: what is new is appended, so that no offset moves.
///
/// Any bytes may be given. 64-bit little-endian files only, which BPF objects on this machine are.
struct ObjectImage {
    private(set) var bytes: [UInt8]
    private(set) var sectionCount: Int
    private var table: Int

    /// A symbol, and where its entry stands.
    struct Symbol {
        let name: String
        let kind: UInt8
        let isGlobal: Bool
        let section: Int
        let value: UInt64
        let place: Int
    }

    /// `nil` unless the file is an ELF object with its section table in it.
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        guard bytes.count >= 64, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else { return nil }
        sectionCount = 0
        table = 0
        let start = number(at: 40, 8)
        let count = Int(number(at: 60, 2))
        guard number(at: 58, 2) == 64, start <= UInt64(bytes.count), count * 64 <= bytes.count - Int(start) else {
            return nil
        }
        table = Int(start)
        sectionCount = count
    }

    /// A little-endian number; 0 outside of the file.
    func number(at offset: Int, _ size: Int) -> UInt64 {
        guard offset >= 0, offset <= bytes.count - size else { return 0 }
        return bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func put(_ value: UInt64, at offset: Int, _ size: Int) {
        for index in 0..<size { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
    }

    private func header(_ section: Int) -> Int { table + section * 64 }

    func type(of section: Int) -> UInt64 { number(at: header(section) + 4, 4) }

    func info(of section: Int) -> UInt64 { number(at: header(section) + 44, 4) }

    /// A section's bytes in the file; empty for one that has none or leaves the file.
    func range(of section: Int) -> Range<Int> {
        let (offset, size) = (number(at: header(section) + 24, 8), number(at: header(section) + 32, 8))
        guard type(of: section) != 8, offset <= UInt64(bytes.count), size <= UInt64(bytes.count) - offset else {
            return 0..<0
        }
        return Int(offset)..<Int(offset + size)
    }

    private var nameTable: Int { Int(number(at: 62, 2)) }

    private func text(at offset: Int, in range: Range<Int>) -> String {
        guard offset < range.count else { return "" }
        let field = bytes[range][(range.lowerBound + offset)...].prefix(512).prefix { $0 != 0 }
        return String(decoding: field, as: UTF8.self)
    }

    func name(of section: Int) -> String {
        guard nameTable < sectionCount else { return "" }
        return text(at: Int(number(at: header(section), 4)), in: range(of: nameTable))
    }

    func section(named name: String) -> Int? { (0..<sectionCount).first { self.name(of: $0) == name } }

    /// The symbols, in the order of the file.
    var symbols: [Symbol] {
        guard let section = (0..<sectionCount).first(where: { type(of: $0) == 2 }) else { return [] }
        let names = Int(number(at: header(section) + 40, 4))
        let strings = names < sectionCount ? range(of: names) : 0..<0
        return stride(from: range(of: section).lowerBound, to: range(of: section).upperBound - 23, by: 24).map {
            place in
            let info = UInt8(number(at: place + 4, 1))
            return Symbol(
                name: text(at: Int(number(at: place, 4)), in: strings),
                kind: info & 15,
                isGlobal: info >> 4 != 0,
                section: Int(number(at: place + 6, 2)),
                value: number(at: place + 8, 8),
                place: place
            )
        }
    }

    /// The numbers of the symbols that relocations refer to, by the section that is relocated.
    var relocations: [(section: Int, symbol: Int)] {
        (0..<sectionCount).filter { type(of: $0) == 9 }.flatMap { section in
            stride(from: range(of: section).lowerBound, to: range(of: section).upperBound - 15, by: 16).map {
                (Int(info(of: section)), Int(number(at: $0 + 12, 4)))
            }
        }
    }

    mutating func move(_ symbol: Symbol, to value: UInt64, size: UInt64) {
        put(value, at: symbol.place + 8, 8)
        put(size, at: symbol.place + 16, 8)
    }

    /// Has the loader bind symbols of other objects, or the kernel, to nothing where it does not find them (`STB_WEAK`).
    mutating func weaken(_ names: Set<String>) {
        for symbol in symbols where symbol.section == 0 && symbol.isGlobal && names.contains(symbol.name) {
            put(UInt64(2 << 4 | symbol.kind), at: symbol.place + 4, 1)
        }
    }

    private mutating func append(_ contents: [UInt8]) -> UInt64 {
        bytes += [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
        defer { bytes += contents }
        return UInt64(bytes.count)
    }

    mutating func replaceContents(of section: Int, with contents: [UInt8]) {
        put(append(contents), at: header(section) + 24, 8)
        put(UInt64(contents.count), at: header(section) + 32, 8)
    }

    mutating func rename(_ section: Int, to name: String) {
        let names = Array(bytes[range(of: nameTable)])
        put(UInt64(names.count), at: header(section), 4)
        replaceContents(of: nameTable, with: names + Array(name.utf8) + [0])
    }

    /// Adds a section of plain contents (`SHT_PROGBITS`).
    mutating func add(_ name: String, _ contents: [UInt8]) {
        let headers = Array(bytes[table..<table + sectionCount * 64]) + [UInt8](repeating: 0, count: 64)
        table = Int(append(headers))
        sectionCount += 1
        put(UInt64(table), at: 40, 8)
        put(UInt64(sectionCount), at: 60, 2)
        let section = sectionCount - 1
        put(1, at: header(section) + 4, 4)
        put(8, at: header(section) + 48, 8)
        rename(section, to: name)
        replaceContents(of: section, with: contents)
    }
}
