/// Why a file is no BPF object whose needs can be read.
public enum ObjectReadError: Error, Sendable, Hashable {
    /// It does not begin like an ELF file, or ends within the header.
    case notELF
    /// It is of another word size or byte order.
    case notLittleEndian64
    /// It is for another machine, such as 62 for x86_64.
    case notBPF(machine: UInt16)
    /// Something in it points outside of it; the text names what.
    case damaged(String)
    /// It is no relocatable file (`ET_REL`), as a linker leaves it; the number is `e_type`.
    case notRelocatable(type: UInt16)
    /// It has no symbols, as after strip(1).
    case noSymbols
    /// Its types are of a kind that this program does not know (`BTF_KIND_…`).
    case newerTypes(kind: UInt32)
    /// It is in order and holds no program, and no map that could be loaded without one.
    case noProgram
    /// Its functions bear no type, so that nothing tells programs from jump targets; their names.
    case untypedFunctions([String])
    /// Its maps are in a section `maps`, the form that libbpf 1.0 dropped.
    case legacyMaps([String])
}

extension ObjectReadError {
    /// Whether the file is a BPF object all the same, which no loader of today loads.
    public var isRefusal: Bool {
        switch self {
        case .noProgram, .legacyMaps, .untypedFunctions, .noSymbols, .notRelocatable: true
        case .notELF, .notLittleEndian64, .notBPF, .damaged, .newerTypes: false
        }
    }
}

extension ObjectReadError {
    /// Why the types of a kernel, which are no object, cannot be read.
    public var ofTypes: String {
        if case .damaged(let what) = self { return "it is damaged: \(what) points outside of it" }
        return "it \(self)"
    }
}

extension ObjectReadError: CustomStringConvertible {
    /// A clause to follow the name of a file.
    public var description: String {
        switch self {
        case .notELF: "is no ELF file"
        case .notLittleEndian64: "is no 64-bit little-endian ELF file"
        case .notBPF(let machine): "is an ELF file for machine \(machine), not for BPF (247)"
        case .damaged(let what): "is a damaged BPF object: \(what) points outside of it"
        case .notRelocatable(let type):
            "is no relocatable object (ELF type \(type), not 1): libbpf reads what clang writes with '-c'"
        case .noSymbols: "has no symbols, by which libbpf finds programs: keep it from strip(1), or use 'strip -g'"
        case .newerTypes(let kind):
            "describes types of kind \(kind), which is newer than this program knows (kinds 1 to \(TypeTable.lastKind))"
        case .untypedFunctions(let names):
            "has functions without a type (\(names.prefix(4).joined(separator: ", "))\(names.count > 4 ? ", …" : "")), as "
                + "clang 7 and older write them, and libbpf finds no program in it: recompile it with a newer clang"
        case .noProgram: "holds no program: it has no function in a section besides .text"
        case .legacyMaps(let names):
            "defines maps in SEC(\"maps\") (\(names.joined(separator: ", "))), which libbpf 1.0 and later refuse; "
                + "define them with BTF in SEC(\".maps\")"
        }
    }
}
