/// As much of an EFI program (a PE file) as is asked of kernels.
///
/// Every number in a file may be a lie: what leads out of it is as good as not there.
package struct EFIProgram {
    /// What the file's header says of the processor: 0x8664 is x86-64, 0xaa64 arm64.
    package let machine: UInt16
    /// The compressed kernel of an image that unpacks itself (`CONFIG_EFI_ZBOOT`, Linux 6.1); `nil` in any other program.
    package let zbootPayload: Range<Int>?
    private let sections: [(name: [UInt8], contents: Range<Int>)]

    /// Reads the headers; `nil` for bytes that are no such file.
    ///
    /// A bzImage with an EFI stub is one as well.
    package init?(_ bytes: [UInt8]) {
        let image = bytes[...]
        guard bytes.starts(with: Array("MZ".utf8)), let at = image.littleEndian32(at: 0x3c).map(Int.init),
            image.bytes(at: at, count: 4)?.elementsEqual(Array("PE\0\0".utf8)) == true,
            let machine = image.littleEndian16(at: at + 4), let count = image.littleEndian16(at: at + 6),
            let optional = image.littleEndian16(at: at + 20)
        else { return nil }
        self.machine = machine
        let table = at + 24 + Int(optional)
        sections = (0..<Int(count)).compactMap { index in
            let header = table + index * 40
            guard let name = image.bytes(at: header, count: 8), let used = image.littleEndian32(at: header + 8),
                let size = image.littleEndian32(at: header + 16), let start = image.littleEndian32(at: header + 20)
            else { return nil }
            // What is there in the file, without the padding to a block; objcopy(1) may leave either of both larger.
            let contents = Int(start)..<(Int(start) + Int(used == 0 ? size : min(used, size)))
            return contents.upperBound <= bytes.count ? (name.prefix { $0 != 0 }.map(\.self), contents) : nil
        }
        let isZboot = image.bytes(at: 4, count: 4)?.elementsEqual("zimg".utf8) == true
        zbootPayload =
            if isZboot, let start = image.littleEndian32(at: 8), let size = image.littleEndian32(at: 12), size > 0,
                Int(start) + Int(size) <= bytes.count
            { Int(start)..<(Int(start) + Int(size)) } else { nil }
    }

    /// Where the kernel of a unified kernel image lies, its section `.linux`; `nil` in any other program.
    package var unifiedKernel: Range<Int>? {
        sections.first { $0.name == Array(".linux".utf8) && !$0.contents.isEmpty }?.contents
    }
}
