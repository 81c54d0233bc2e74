import FileBytes

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
        guard ELFImage.isLike(bytes), bytes.count >= 64 else { throw .notELF }
        guard let image = ELFImage(bytes) else { throw .notLittleEndian64 }
        guard image.machine == 247 else { throw .notBPF(machine: UInt64(image.machine)) }  // EM_BPF
        guard let sections = image.sections, let names = image.sectionNames else { throw .damaged }
        var found: [(name: String, flags: UInt64, size: UInt64)] = []
        for section in sections where section.type == 1 {  // SHT_PROGBITS
            guard image.contents(of: section) != nil, let name = names.name(at: Int(section.nameOffset)) else {
                throw .damaged
            }
            found.append((String(decoding: name, as: UTF8.self), section.flags, section.size))
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
