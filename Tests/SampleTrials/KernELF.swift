package import LibBPF

/// The instructions of a kern object's ELF file, for breaking them on purpose.
package struct KernELF {
    /// A section that holds programs.
    package struct Section: Hashable {
        var index: Int
        /// Its name, such as `kprobe/kmem_cache_free`.
        package var name: String
        var offset: Int
        var size: Int
    }

    /// The file as it now is.
    package private(set) var bytes: [UInt8]
    /// The sections that hold instructions.
    package private(set) var programs: [Section] = []

    /// Reads a well-formed 64-bit little-endian object, as clang writes it.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        let names = header(word(0x3e, 2))
        for index in 0..<word(0x3c, 2) {
            let section = header(index)
            // SHT_PROGBITS with SHF_EXECINSTR.
            guard section.type == 1, section.flags & 4 != 0, section.size > 0 else { continue }
            let name = bytes[(names.offset + section.name)...].prefix { $0 != 0 }
            programs.append(
                Section(
                    index: index,
                    name: String(decoding: name, as: UTF8.self),
                    offset: section.offset,
                    size: section.size
                )
            )
        }
    }

    /// The instructions of a section.
    package func instructions(of section: Section) -> [Instruction] {
        stride(from: section.offset, to: section.offset + section.size, by: 8).map { at in
            Instruction(
                code: bytes[at],
                destination: bytes[at + 1] & 15,
                source: bytes[at + 1] >> 4,
                offset: Int16(truncatingIfNeeded: word(at + 2, 2)),
                immediate: Int32(truncatingIfNeeded: word(at + 4, 4))
            )
        }
    }

    /// Puts another instruction into a section.
    package mutating func replace(_ instruction: Instruction, at index: Int, in section: Section) {
        let at = section.offset + index * 8
        bytes[at] = instruction.code
        bytes[at + 1] = instruction.destination | instruction.source << 4
        put(UInt32(UInt16(bitPattern: instruction.offset)), at + 2, 2)
        put(UInt32(bitPattern: instruction.immediate), at + 4, 4)
    }

    /// Empties the relocations of a section: what they would patch is no longer there.
    package mutating func dropRelocations(of section: Section) {
        for index in 0..<word(0x3c, 2) {
            let header = header(index)
            // SHT_REL and SHT_RELA name the section they belong to in sh_info.
            guard header.type == 9 || header.type == 4, header.info == section.index else { continue }
            for byte in 0..<8 { bytes[header.at + 0x20 + byte] = 0 }
        }
    }

    /// Gives a section another name of the same length, wherever the object has it: type information names it too.
    package mutating func rename(_ section: Section, to name: String) {
        let (old, new) = (Array(section.name.utf8) + [0], Array(name.utf8) + [0])
        guard old.count == new.count else { return }
        var at = 0
        while at + old.count <= bytes.count {
            if bytes[at] == old[0], bytes[at..<at + old.count].elementsEqual(old) {
                bytes.replaceSubrange(at..<at + old.count, with: new)
                at += old.count
            } else {
                at += 1
            }
        }
    }

    /// Where the contents of a section of any kind are.
    func contents(of name: String) -> Range<Int>? {
        let names = header(word(0x3e, 2))
        for index in 0..<word(0x3c, 2) {
            let section = header(index)
            guard bytes[(names.offset + section.name)...].prefix(while: { $0 != 0 }).elementsEqual(name.utf8) else {
                continue
            }
            return section.offset..<section.offset + section.size
        }
        return nil
    }

    private func header(
        _ index: Int
    ) -> (at: Int, name: Int, type: Int, flags: Int, offset: Int, size: Int, info: Int) {
        let at = word(0x28, 8) + index * word(0x3a, 2)
        return (
            at, word(at, 4), word(at + 4, 4), word(at + 8, 8), word(at + 0x18, 8), word(at + 0x20, 8),
            word(at + 0x2c, 4)
        )
    }

    func word(_ at: Int, _ size: Int) -> Int {
        (0..<size).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
    }

    mutating func put(_ value: UInt32, _ at: Int, _ size: Int) {
        for byte in 0..<size { bytes[at + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
    }
}
