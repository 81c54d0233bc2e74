/// The types of an object's `.BTF` section (Documentation/bpf/btf.rst in the kernel tree).
///
/// Any bytes may be given: what points outside is an error, and chains of types are followed a limited way.
struct TypeTable {
    /// Kinds of types (`BTF_KIND_…` in linux/btf.h), those that are asked for.
    enum Kind: UInt32 {
        case int = 1, pointer, array, record, union, enumeration, forward, typedef, volatile, const, restrict, function
        case prototype, variable, section, float, declarationTag, typeTag, enumeration64
    }

    struct Entry {
        let name: String
        let kind: Kind
        /// A size in bytes, or another type's number.
        let sizeOrType: UInt32
        /// Members of a record, variables of a section: name, and type's number.
        let members: [(name: String, type: UInt32)]
        /// How many elements an array has.
        let length: UInt32
    }

    /// By number, from 1; `types[0]` stands for void.
    private let types: [Entry?]
    private let strings: ByteView

    /// - Throws: `ObjectReadError.damaged`.
    init(_ data: ByteView) throws(ObjectReadError) {
        guard data.number(at: 0, as: UInt16.self) == 0xEB9F, let header = data.number(at: 4, as: UInt32.self),
            let body = data.part(at: UInt64(header), size: UInt64(max(0, data.count - Int(header)))),
            let typeOffset = data.number(at: 8, as: UInt32.self), let typeSize = data.number(at: 12, as: UInt32.self),
            let nameOffset = data.number(at: 16, as: UInt32.self), let nameSize = data.number(at: 20, as: UInt32.self),
            let records = body.part(at: typeOffset, size: typeSize),
            let strings = body.part(at: nameOffset, size: nameSize)
        else { throw .damaged("the header of .BTF") }
        var types: [Entry?] = [nil]
        var position = 0
        while position < records.count {
            guard let entry = Self.entry(at: &position, records, strings) else {
                throw .damaged("type \(types.count) of .BTF")
            }
            types.append(entry)
        }
        self.types = types
        self.strings = strings
    }

    private static func entry(at position: inout Int, _ data: ByteView, _ strings: ByteView) -> Entry? {
        guard let name = data.number(at: position, as: UInt32.self),
            let info = data.number(at: position + 4, as: UInt32.self),
            let kind = Kind(rawValue: info >> 24 & 0x1F),
            let sizeOrType = data.number(at: position + 8, as: UInt32.self),
            let text = strings.string(at: Int(name))
        else { return nil }
        let count = Int(info & 0xFFFF)
        let start = position + 12
        var members: [(String, UInt32)] = []
        var length: UInt32 = 0
        let size: Int
        switch kind {
        case .record, .union:
            size = count * 12
            for base in stride(from: start, to: start + size, by: 12) {
                guard let name = data.number(at: base, as: UInt32.self), let text = strings.string(at: Int(name)),
                    let type = data.number(at: base + 4, as: UInt32.self)
                else { return nil }
                members.append((text, type))
            }
        case .section:
            size = count * 12
            for base in stride(from: start, to: start + size, by: 12) {
                guard let type = data.number(at: base, as: UInt32.self) else { return nil }
                members.append(("", type))
            }
        case .array:
            size = 12
            guard let element = data.number(at: start, as: UInt32.self),
                let elements = data.number(at: start + 8, as: UInt32.self)
            else { return nil }
            members.append(("", element))
            length = elements
        case .enumeration, .prototype: size = count * 8
        case .enumeration64: size = count * 12
        case .int, .variable, .declarationTag: size = 4
        default: size = 0
        }
        guard start + size <= data.count else { return nil }
        position = start + size
        return Entry(name: text, kind: kind, sizeOrType: sizeOrType, members: members, length: length)
    }

    subscript(_ number: UInt32) -> Entry? { number < UInt32(types.count) ? types[Int(number)] : nil }

    /// A string of `.BTF`, for `.BTF.ext`, which has none of its own.
    func string(at offset: UInt32) -> String? { strings.string(at: Int(offset)) }

    /// What a section (`BTF_KIND_DATASEC`) holds: variables, and functions that are declared there.
    func contents(ofSection name: String) -> [(name: String, type: UInt32, isFunction: Bool)] {
        types.compactMap { $0 }.filter { $0.kind == .section && $0.name == name }.flatMap(\.members).compactMap {
            guard let entry = self[$0.type], entry.kind == .variable || entry.kind == .function else { return nil }
            return (entry.name, entry.sizeOrType, entry.kind == .function)
        }
    }

    /// A type with names, qualifiers and tags taken off; the tags are handed out.
    ///
    /// A chain of them is short; a longer one is a loop in a hostile file.
    func resolved(_ number: UInt32, tags: inout [String]) -> Entry? {
        var number = number
        for _ in 0..<32 {
            guard let entry = self[number] else { return nil }
            switch entry.kind {
            case .typeTag: tags.append(entry.name)
            case .typedef, .volatile, .const, .restrict: break
            default: return entry
            }
            number = entry.sizeOrType
        }
        return nil
    }

    func resolved(_ number: UInt32) -> Entry? {
        var tags: [String] = []
        return resolved(number, tags: &tags)
    }
}
