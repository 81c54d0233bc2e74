import FileBytes
import Synchronization

/// The types of a kernel or an object, in the format of BTF (Documentation/bpf/btf.rst in the kernel tree).
///
/// Any bytes may be given: what points outside is an error or nothing, and chains of types are followed a limited way. Names
/// stay where they are until somebody asks; an index of them is made at the first search. Little-endian only.
public final class TypeTable: Sendable {
    /// Kinds of types (`BTF_KIND_…` in linux/btf.h).
    enum Kind: UInt32 {
        case int = 1
        case pointer, array, record, union, enumeration, forward, typedef, volatile, const, restrict, function
        case prototype, variable, section, float, declarationTag, typeTag, enumeration64
        /// One that this program does not know, in a table that says how long it is.
        case unknown = 31
    }

    /// The newest kind of types that this program knows.
    static let lastKind = Kind.enumeration64.rawValue

    /// One type as it stands in the table.
    struct Record {
        let id: UInt32
        let kind: Kind
        let nameOffset: UInt32
        /// `kind_flag`: members are bit fields, values are signed, a forward declaration is a union's.
        let isFlagged: Bool
        /// How many members, values, parameters or variables follow.
        let count: Int
        /// A size in bytes, or another type's number.
        let sizeOrType: UInt32
        /// Where what follows begins.
        let base: Int
    }

    let strings: ByteView
    let records: ByteView
    /// Where each type stands, by its number; `offsets[0]` stands for void.
    private let offsets: [UInt32]
    private let index = Mutex<NameIndex?>(nil)

    /// Reads a table.
    ///
    /// - Parameter bytes: From the header on, such as the bytes of `/sys/kernel/btf/vmlinux` or of a section `.BTF`.
    /// - Throws: ``ObjectReadError/damaged(_:)``, for any bytes at all. The types of a module, which continue those of
    ///   vmlinux, are damaged by themselves.
    public convenience init(_ bytes: [UInt8]) throws(ObjectReadError) {
        try self.init(ByteView(bytes))
    }

    init(_ data: ByteView) throws(ObjectReadError) {
        guard data.number(at: 0, as: UInt16.self) == 0xEB9F, let header = data.number(at: 4, as: UInt32.self),
            let body = data.part(at: UInt64(header), size: UInt64(max(0, data.count - Int(header)))),
            let typeOffset = data.number(at: 8, as: UInt32.self), let typeSize = data.number(at: 12, as: UInt32.self),
            let nameOffset = data.number(at: 16, as: UInt32.self), let nameSize = data.number(at: 20, as: UInt32.self),
            let records = body.part(at: typeOffset, size: typeSize),
            let strings = body.part(at: nameOffset, size: nameSize)
        else { throw .damaged("the header of .BTF") }
        var layout: ByteView?
        if header >= 32, let offset = data.number(at: 24, as: UInt32.self),
            let size = data.number(at: 28, as: UInt32.self)
        {
            layout = body.part(at: offset, size: size)
        }
        let found = Self.offsets(records, names: strings.count, layout)
        guard let offsets = found.whole else {
            if let kind = found.unknownKind { throw .newerTypes(kind: kind) }
            throw .damaged("type \(found.count) of .BTF")
        }
        self.offsets = offsets
        self.records = records
        self.strings = strings
    }

    /// Where each type stands.
    ///
    /// - Returns: `nil` and the number of the type that leaves the table, or whose kind nobody describes.
    private static func offsets(
        _ records: ByteView,
        names: Int,
        _ layout: ByteView?
    ) -> (whole: [UInt32]?, count: Int, unknownKind: UInt32?) {
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(records.count / 24)
        var position = 0
        while position < records.count {
            guard let name = records.number(at: position, as: UInt32.self), name < names,
                let info = records.number(at: position + 4, as: UInt32.self)
            else { return (nil, offsets.count, nil) }
            let kind = info >> 24 & 0x1F
            guard let size = size(kind, count: Int(info & 0xFFFF), layout) else {
                return (nil, offsets.count, kind > lastKind ? kind : nil)
            }
            guard position + 12 + size <= records.count else { return (nil, offsets.count, nil) }
            offsets.append(UInt32(position))
            position += 12 + size
        }
        return (offsets, offsets.count, nil)
    }

    /// The bytes that follow a type; `nil` for a kind that nobody describes.
    private static func size(_ kind: UInt32, count: Int, _ layout: ByteView?) -> Int? {
        switch Kind(rawValue: kind) {
        case .record, .union, .section, .enumeration64: return count * 12
        case .array: return 12
        case .enumeration, .prototype: return count * 8
        case .int, .variable, .declarationTag: return 4
        case .unknown, nil:
            // Since Linux 7.1 a table can describe the kinds that its readers may not know (`struct btf_layout`).
            guard kind > 0, let layout, let fixed = layout.number(at: Int(kind) * 4, as: UInt8.self),
                let each = layout.number(at: Int(kind) * 4 + 1, as: UInt8.self)
            else { return nil }
            return Int(fixed) + count * Int(each)
        default: return 0
        }
    }

    /// How many types there are; they are numbered from 1.
    public var count: Int { offsets.count - 1 }

    /// A type by its number; `nil` for void and for numbers that no type has.
    func record(_ number: UInt32) -> Record? {
        guard number > 0, number < UInt32(offsets.count) else { return nil }
        let position = Int(offsets[Int(number)])
        guard let name = records.number(at: position, as: UInt32.self),
            let info = records.number(at: position + 4, as: UInt32.self),
            let sizeOrType = records.number(at: position + 8, as: UInt32.self)
        else { return nil }
        return Record(
            id: number,
            kind: Kind(rawValue: info >> 24 & 0x1F) ?? .unknown,
            nameOffset: name,
            isFlagged: info >> 31 != 0,
            count: Int(info & 0xFFFF),
            sizeOrType: sizeOrType,
            base: position + 12
        )
    }

    /// A string of `.BTF`, also for `.BTF.ext`, which has none of its own.
    func string(at offset: UInt32) -> String? { strings.string(at: Int(offset)) }

    /// A name's bytes; empty where there is none.
    func name(at offset: UInt32) -> ArraySlice<UInt8> { strings.name(at: Int(offset)) ?? [] }

    /// A type's name; empty for one that has none.
    func name(of record: Record) -> String { string(at: record.nameOffset) ?? "" }

    /// The types whose names are equal up to a flavour (`task_struct` and `task_struct___old`), by their numbers.
    func candidates(_ essentialName: some Collection<UInt8>) -> [UInt32] {
        index.withLock { index in
            let found = index ?? NameIndex(self)
            index = found
            return found.candidates(essentialName, in: self)
        }
    }

    /// The first type of a name and kind, as libbpf's `btf__find_by_name_kind` finds it.
    func id(of name: String, _ kind: Kind) -> UInt32? {
        let bytes = Array(name.utf8)
        return candidates(bytes.prefix(FlavouredName.essentialLength(bytes))).first { number in
            record(number).map { $0.kind == kind && self.name(at: $0.nameOffset).elementsEqual(bytes) } ?? false
        }
    }
}
