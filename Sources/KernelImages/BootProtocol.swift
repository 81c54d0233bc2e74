/// The setup header of a bzImage, of the Linux/x86 boot protocol (`Documentation/arch/x86/boot.rst`).
struct BootProtocol {
    /// The compressed kernel, as the header names it: since protocol 2.08, Linux 2.6.26.
    let payload: Range<Int>
    /// What the kernel calls itself, such as `6.1.0-56-amd64 (me@here) #1 SMP`, `nil` where the header does not say.
    let name: String?
    /// The release, such as `6.1.0-56-amd64`, `nil` where the header names none.
    var release: String? {
        name?.split(separator: " ").first.flatMap { $0.utf8.count < 64 ? String($0) : nil }
    }

    /// Reads a header; `nil` for a file that has none, or whose payload is not in it.
    init?(_ image: ArraySlice<UInt8>) {
        guard image.littleEndian16(at: 0x1fe) == 0xaa55,
            image.bytes(at: 0x202, count: 4)?.elementsEqual("HdrS".utf8) == true,
            let version = image.littleEndian16(at: 0x206), version >= 0x208,
            let sectors = image.bytes(at: 0x1f1, count: 1)?.first,
            let offset = image.littleEndian32(at: 0x248), let length = image.littleEndian32(at: 0x24c)
        else { return nil }
        // A count of 0 stands for 4; the boot sector itself is not counted.
        let start = ((sectors == 0 ? 4 : Int(sectors)) + 1) * 512 + Int(offset)
        guard length > 0, start + Int(length) <= image.count else { return nil }
        payload = start..<(start + Int(length))
        name = image.littleEndian16(at: 0x20e).flatMap { pointer in
            guard pointer > 0, let text = image.bytes(at: Int(pointer) + 0x200, count: 64) else { return nil }
            let start = text.startIndex
            let name = image[start...].prefix(512).prefix { $0 >= 0x20 && $0 < 0x7f }
            return name.isEmpty || name.first == 0x20 ? nil : String(decoding: name, as: UTF8.self)
        }
    }
}
