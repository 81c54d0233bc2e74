/// What a kern object holds, as far as its section headers tell (elf(5)).
///
/// This is no loader: it answers whether a compiler wrote a BPF object with programs in it. Upstream's build pipes clang into
/// llc, which turns the empty output of a failed clang into a valid object of 400 bytes without a program, and reports
/// success; that is what ``KernObjectError/noProgram`` is for.
public struct KernObject: Sendable, Hashable {
    /// The sections with instructions, in the file's order, such as `xdp1`; `.text` is not among them.
    ///
    /// libbpf takes a program from every function outside `.text`; what is in `.text` can only be called by those.
    public let programSections: [String]
    /// Whether there is a `.BTF` section, without which maps in `.maps` have no types.
    public let hasBTF: Bool

    /// Reads the section headers of an object.
    ///
    /// - Throws: ``KernObjectError``, for any bytes at all.
    public init(_ bytes: [UInt8]) throws(KernObjectError) {
        let sections = try Self.contents(bytes)
        // SHF_EXECINSTR
        programSections = sections.filter { $0.flags & 4 != 0 && $0.size > 0 && $0.name != ".text" }.map(\.name)
        hasBTF = sections.contains { $0.name == ".BTF" && $0.size > 0 }
        guard !programSections.isEmpty else { throw .noProgram }
    }

    /// The sections of type SHT_PROGBITS.
    private static func contents(
        _ bytes: [UInt8]
    ) throws(KernObjectError) -> [(name: String, flags: UInt64, size: UInt64)] {
        let file = LittleEndianBytes(bytes)
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]), bytes.count >= 64 else { throw .notELF }
        guard bytes[4] == 2, bytes[5] == 1 else { throw .notLittleEndian64 }  // EI_CLASS, EI_DATA
        guard let machine = file.number(at: 18, size: 2), machine == 247 else {  // e_machine, EM_BPF
            throw .notBPF(machine: file.number(at: 18, size: 2) ?? 0)
        }
        guard let table = file.number(at: 40, size: 8), let count = file.number(at: 60, size: 2),  // e_shoff, e_shnum
            let names = file.number(at: 62, size: 2), names < count,  // e_shstrndx
            file.number(at: 58, size: 2) == 64,  // e_shentsize
            let size = file.section(table, names)?.size, let start = file.section(table, names)?.offset,
            file.holds(start, size)
        else { throw .damaged }
        var found: [(name: String, flags: UInt64, size: UInt64)] = []
        for index in 0..<count {
            guard let section = file.section(table, index) else { throw .damaged }
            guard section.type == 1 else { continue }  // SHT_PROGBITS
            guard file.holds(section.offset, section.size), section.name < size,
                let name = file.string(at: start + section.name, limit: size - section.name)
            else { throw .damaged }
            found.append((name, section.flags, section.size))
        }
        return found
    }
}

/// Why a file is not a usable kern object.
public enum KernObjectError: Error, Sendable, Hashable {
    /// It does not begin like an ELF file, or ends within the header.
    case notELF
    /// It is of another word size or byte order.
    case notLittleEndian64
    /// It is for another machine, such as 62 for x86_64.
    case notBPF(machine: UInt64)
    /// A header points outside the file.
    case damaged
    /// It is in order and holds no program.
    case noProgram
}

extension KernObjectError: CustomStringConvertible {
    /// A clause to follow the name of a file.
    public var description: String {
        switch self {
        case .notELF: "is no ELF file"
        case .notLittleEndian64: "is no 64-bit little-endian ELF file"
        case .notBPF(let machine): "is an ELF file for machine \(machine), not for BPF (247)"
        case .damaged: "is a damaged ELF file: a header points outside of it"
        case .noProgram: "holds no program: it has no section with instructions besides .text"
        }
    }
}

/// Bytes of which no read can leave the bounds, whatever offsets they themselves contain.
private struct LittleEndianBytes {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func holds(_ offset: UInt64, _ size: UInt64) -> Bool {
        let (end, overflow) = offset.addingReportingOverflow(size)
        return !overflow && end <= UInt64(bytes.count)
    }

    func number(at offset: UInt64, size: UInt64) -> UInt64? {
        guard holds(offset, size) else { return nil }
        return bytes[Int(offset)..<Int(offset + size)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The text up to the next NUL, `nil` where none comes within the limit.
    func string(at offset: UInt64, limit: UInt64) -> String? {
        guard holds(offset, limit) else { return nil }
        let field = bytes[Int(offset)..<Int(offset + limit)]
        return field.firstIndex(of: 0).map { String(decoding: field[..<$0], as: UTF8.self) }
    }

    /// A section header (`Elf64_Shdr`).
    func section(_ table: UInt64, _ index: UInt64) -> (
        name: UInt64, type: UInt64, flags: UInt64, offset: UInt64, size: UInt64
    )? {
        let (base, overflow) = table.addingReportingOverflow(index * 64)
        guard !overflow, holds(base, 64), let name = number(at: base, size: 4),
            let type = number(at: base + 4, size: 4),
            let flags = number(at: base + 8, size: 8), let offset = number(at: base + 24, size: 8),
            let size = number(at: base + 32, size: 8)
        else { return nil }
        return (name, type, flags, offset, size)
    }
}
