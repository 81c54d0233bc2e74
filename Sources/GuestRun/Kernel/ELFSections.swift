/// As much of a 64-bit little-endian ELF file as is asked of kernels, modules and workers (elf(5)).
///
/// Every number in a file may be a lie: what leads out of it is as good as not there.
struct ELFSections {
    private let bytes: [UInt8]

    /// What `e_machine` says: 62 is x86-64.
    let machine: UInt16
    /// What `e_type` says: 2 is a program at fixed addresses, as a kernel is.
    let type: UInt16

    /// Reads the header; `nil` for bytes that are no such file.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 64, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return nil }
        self.bytes = bytes
        machine = UInt16(bytes[18]) | UInt16(bytes[19]) << 8
        type = UInt16(bytes[16]) | UInt16(bytes[17]) << 8
    }

    /// The contents of the section with a name; `nil` if there is none.
    func section(_ name: String) -> ArraySlice<UInt8>? {
        let table = table(at: 40, sizeAt: 58, countAt: 60, least: 64)
        guard let names = number(at: 62, 2).flatMap({ table.indices.contains($0) ? contents(table[$0]) : nil }) else {
            return nil
        }
        let wanted = Array(name.utf8) + [0]
        for header in table {
            guard let offset = number(at: header, 4), offset < names.count else { continue }
            if names[(names.startIndex + offset)...].starts(with: wanted) { return contents(header) }
        }
        return nil
    }

    /// Whether the file asks for an interpreter, as dynamically linked programs do.
    var hasInterpreter: Bool {
        // PT_INTERP is 3.
        table(at: 32, sizeAt: 54, countAt: 56, least: 56).contains { number(at: $0, 4) == 3 }
    }

    /// Whether there is the note by which QEMU starts a kernel without its decompressor: owner `Xen`, type 0x12
    /// (XEN_ELFNOTE_PHYS32_ENTRY), of `CONFIG_PVH`.
    var hasPVHEntry: Bool {
        // PT_NOTE is 4.
        table(at: 32, sizeAt: 54, countAt: 56, least: 56).contains { header in
            guard number(at: header, 4) == 4, let offset = number(at: header + 8, 8),
                let size = number(at: header + 32, 8), let notes = slice(offset, size)
            else { return false }
            return Self.hasNote(in: Array(notes))
        }
    }

    private static func hasNote(in notes: [UInt8]) -> Bool {
        func word(_ at: Int) -> Int? {
            guard at >= 0, at <= notes.count - 4 else { return nil }
            return (0..<4).reduce(0) { $0 | Int(notes[at + $1]) << (8 * $1) }
        }
        var at = 0
        while let nameSize = word(at), let size = word(at + 4), let type = word(at + 8) {
            let name = notes[min(at + 12, notes.count)..<min(at + 12 + nameSize, notes.count)]
            if type == 0x12, name.starts(with: Array("Xen".utf8)) { return true }
            at += 12 + (nameSize + 3) / 4 * 4 + (size + 3) / 4 * 4
        }
        return false
    }

    /// Offsets of the headers of a table.
    private func table(at: Int, sizeAt: Int, countAt: Int, least: Int) -> [Int] {
        guard let start = number(at: at, 8), let size = number(at: sizeAt, 2), let count = number(at: countAt, 2),
            size >= least
        else { return [] }
        return (0..<count).map { start &+ $0 * size }.filter { $0 >= 0 && $0 <= bytes.count - size }
    }

    private func contents(_ header: Int) -> ArraySlice<UInt8>? {
        guard let offset = number(at: header + 24, 8), let size = number(at: header + 32, 8) else { return nil }
        return slice(offset, size)
    }

    private func slice(_ offset: Int, _ size: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, size >= 0, offset <= bytes.count, size <= bytes.count - offset else { return nil }
        return bytes[offset..<(offset + size)]
    }

    private func number(at offset: Int, _ width: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - width else { return nil }
        let value = (0..<width).reduce(UInt64(0)) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
        return Int(exactly: value)
    }
}
