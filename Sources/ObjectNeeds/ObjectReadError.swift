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
    /// It is in order and holds no program.
    case noProgram
    /// Its maps are in a section `maps`, the form that libbpf 1.0 dropped.
    case legacyMaps([String])
}

extension ObjectReadError: CustomStringConvertible {
    /// A clause to stand behind the name of a file.
    public var description: String {
        switch self {
        case .notELF: "is no ELF file"
        case .notLittleEndian64: "is no 64-bit little-endian ELF file"
        case .notBPF(let machine): "is an ELF file for machine \(machine), not for BPF (247)"
        case .damaged(let what): "is a damaged BPF object: \(what) points outside of it"
        case .noProgram: "holds no program: it has no function in a section besides .text"
        case .legacyMaps(let names):
            "defines maps in SEC(\"maps\") (\(names.joined(separator: ", "))), which libbpf 1.0 and later refuse; "
                + "define them with BTF in SEC(\".maps\")"
        }
    }
}
