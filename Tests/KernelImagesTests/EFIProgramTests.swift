import SystemPackage
import TestSupport
import Testing

@testable import KernelImages

/// Kernels in EFI programs: unified kernel images, and images that unpack themselves.
struct EFIProgramTests {
    /// An EFI program with these sections, each padded to 512 bytes as linkers do.
    static func program(_ sections: [(name: String, contents: [UInt8])], start: [UInt8] = []) -> [UInt8] {
        let first = 64 + 24 + sections.count * 40
        var table: [UInt8] = []
        var body: [UInt8] = []
        for (name, contents) in sections {
            let size = (contents.count + 511) / 512 * 512
            table += Array(name.utf8) + [UInt8](repeating: 0, count: 8 - name.utf8.count)
            table += littleEndian(UInt32(contents.count)) + littleEndian(0x1000) + littleEndian(UInt32(size))
            table += littleEndian(UInt32(first + body.count)) + [UInt8](repeating: 0, count: 16)
            body += contents + [UInt8](repeating: 0, count: size - contents.count)
        }
        var dos = Array("MZ".utf8) + [UInt8](repeating: 0, count: 58) + littleEndian(64)
        dos.replaceSubrange(4..<(4 + start.count), with: start)
        let count = UInt8(sections.count)
        return dos + Array("PE\0\0".utf8) + [0x64, 0xaa, count, 0] + [UInt8](repeating: 0, count: 16) + table + body
    }

    private func contents(_ bytes: [UInt8]) throws -> ImageContents {
        let folder = try ScratchFolder()
        return try KernelImage.contents(of: try folder.write("image", bytes), wanted: [.config])
    }

    private static let text = "CONFIG_BPF=y\n"

    @Test func `a unified image's config is its kernel's, whatever its initramfs holds`() throws {
        let decoy = try KernelImageTests.kernel(embedding: "CONFIG_DECOY=y\n", seed: 2)
        let kernel = KernelImageTests.bzImage(
            try compressed(try KernelImageTests.kernel(embedding: Self.text), as: .zstd),
            appended: 0
        )
        let image = Self.program([(".osrel", Array("ID=x\n".utf8)), (".initrd", decoy), (".linux", kernel)])
        let found = try contents(image)
        #expect(found.config == Array(Self.text.utf8) && found.banner == "Linux version 6.1.192-test (me@here) ")
        let bare = KernelImageTests.bzImage(try compressed(try KernelImageTests.kernel(embedding: nil), as: .gzip))
        let none = try contents(Self.program([(".initrd", decoy), (".linux", bare)]))
        #expect(none.config == nil && none.search.searched.first?.contains("section .linux") == true)
    }

    @Test(arguments: [Compression.gzip, .zstd])
    func `a kernel that unpacks itself is found by its header`(compression: Compression) throws {
        let payload = try compressed(try KernelImageTests.kernel(embedding: Self.text), as: compression)
        let plain = Self.program([(".text", payload)])
        let start = Array("zimg".utf8) + littleEndian(UInt32(64 + 24 + 40)) + littleEndian(UInt32(payload.count))
        let image = Self.program([(".text", payload)], start: start)
        #expect(EFIProgram(plain)?.zbootPayload == nil)
        #expect(EFIProgram(image)?.zbootPayload == 128..<(128 + payload.count))
        #expect(try contents(image).config == Array(Self.text.utf8))
    }

    @Test func `headers that lie lead nowhere`() throws {
        let image = Self.program([(".linux", [1, 2, 3, 4])])
        #expect(EFIProgram(image)?.unifiedKernel == 128..<132)
        for length in 0..<128 { #expect(EFIProgram(Array(image.prefix(length)))?.unifiedKernel == nil) }
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            var bytes = image
            for _ in 0..<4 {
                bytes[Int.random(in: 0..<128, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            if let kernel = EFIProgram(bytes)?.unifiedKernel { #expect(kernel.upperBound <= bytes.count) }
        }
    }
}
