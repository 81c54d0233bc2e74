/// The headers of a 64-bit little-endian ELF file (elf(5)), as they say it is; what leads out of the file is not there.
///
/// Any bytes may be given.
public struct ELFImage: Sendable {
    /// A row of the table of sections.
    public struct Section: Sendable, Hashable {
        /// Where its name begins in the section of names.
        public let nameOffset: UInt32
        /// What kind it is: 2 is `SHT_SYMTAB`.
        public let type: UInt32
        /// `SHF_` flags.
        public let flags: UInt64
        /// Where its bytes begin in the file.
        public let offset: UInt64
        /// How many bytes it has.
        public let size: UInt64
        /// Another section that it goes with, such as a table's strings.
        public let link: UInt32
        /// What the kind makes of it, such as the section that relocations are for.
        public let info: UInt32

        /// Whether it has bytes in the file: neither `SHT_NULL` nor `SHT_NOBITS`.
        public var hasBytes: Bool { type != 0 && type != 8 }
    }

    /// A row of the table of segments.
    public struct Segment: Sendable, Hashable {
        /// What kind it is: 3 is `PT_INTERP`, 4 is `PT_NOTE`.
        public let type: UInt32
        /// Where its bytes begin in the file.
        public let offset: UInt64
        /// How many bytes of the file it has.
        public let size: UInt64
    }

    /// The whole file.
    public let file: ByteView
    /// What `e_type` says: 1 is an object, 2 a program at fixed addresses.
    public let type: UInt16
    /// What `e_machine` says: 62 is x86-64, 247 is BPF.
    public let machine: UInt16
    /// The sections; `nil` where their table leads out of the file or has rows of another size.
    public let sections: [Section]?
    /// The segments; empty where their table leads out of the file or has rows of another size.
    public let segments: [Segment]

    /// Whether bytes begin as any ELF file does.
    public static func isLike(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) }

    /// Whether bytes are a 64-bit little-endian file with a whole header.
    public static func isReadable(_ bytes: [UInt8]) -> Bool {
        // EI_CLASS is ELFCLASS64, EI_DATA is ELFDATA2LSB.
        bytes.count >= 64 && isLike(bytes) && bytes[4] == 2 && bytes[5] == 1
    }

    /// Reads the header and the tables; `nil` for bytes that are no such file.
    public init?(_ bytes: [UInt8]) {
        guard Self.isReadable(bytes) else { return nil }
        let file = ByteView(bytes)
        self.file = file
        type = file.number(at: 16) ?? 0
        machine = file.number(at: 18) ?? 0
        sections = Self.table(in: file, startAt: 40, sizeAt: 58, countAt: 60, rowSize: 64).map { table in
            stride(from: 0, to: table.count, by: 64).map { base in
                Section(
                    nameOffset: table.number(at: base) ?? 0,
                    type: table.number(at: base + 4) ?? 0,
                    flags: table.number(at: base + 8) ?? 0,
                    offset: table.number(at: base + 24) ?? 0,
                    size: table.number(at: base + 32) ?? 0,
                    link: table.number(at: base + 40) ?? 0,
                    info: table.number(at: base + 44) ?? 0
                )
            }
        }
        let table = Self.table(in: file, startAt: 32, sizeAt: 54, countAt: 56, rowSize: 56)
        segments = stride(from: 0, to: table?.count ?? 0, by: 56).map { base in
            Segment(
                type: table?.number(at: base) ?? 0,
                offset: table?.number(at: base + 8) ?? 0,
                size: table?.number(at: base + 32) ?? 0
            )
        }
    }

    private static func table(
        in file: ByteView,
        startAt: Int,
        sizeAt: Int,
        countAt: Int,
        rowSize: UInt16
    ) -> ByteView? {
        guard let start = file.number(at: startAt, as: UInt64.self),
            let count = file.number(at: countAt, as: UInt16.self),
            file.number(at: sizeAt, as: UInt16.self) == rowSize
        else { return nil }
        return file.part(at: start, size: UInt64(count) * UInt64(rowSize))
    }

    /// The names of sections; `nil` where there are none.
    public var sectionNames: ByteView? {
        guard let sections, let index = file.number(at: 62, as: UInt16.self), Int(index) < sections.count else {
            return nil
        }
        return contents(of: sections[Int(index)])
    }

    /// A section's bytes; `nil` where it has none in the file.
    public func contents(of section: Section) -> ByteView? {
        section.hasBytes ? file.part(at: section.offset, size: section.size) : nil
    }

    /// A segment's bytes; `nil` where they lead out of the file.
    public func contents(of segment: Segment) -> ByteView? { file.part(at: segment.offset, size: segment.size) }

    /// The bytes of the first section with a name; `nil` for no such section, or one without bytes in the file.
    public func contents(ofSection name: String) -> ByteView? {
        guard let sections, let names = sectionNames else { return nil }
        return sections.first { names.name(at: Int($0.nameOffset)).map { $0.elementsEqual(name.utf8) } ?? false }
            .flatMap { contents(of: $0) }
    }
}
