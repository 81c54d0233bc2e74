import FileBytes

/// How a program or a kernel is started, read from its segments.
extension ELFImage {
    /// Whether the file asks for an interpreter, as dynamically linked programs do.
    var hasInterpreter: Bool { segments.contains { $0.type == 3 } }

    /// Whether there is the note by which QEMU starts a kernel without its decompressor: owner `Xen`, type 0x12
    /// (XEN_ELFNOTE_PHYS32_ENTRY), of `CONFIG_PVH`.
    var hasPVHEntry: Bool {
        segments.contains { segment in
            segment.type == 4 && contents(of: segment).map { Self.hasNote(in: Array($0.slice)) } ?? false
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
}
