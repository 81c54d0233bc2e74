import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import KernelImages

/// The types that images embed.
struct ImageTypesTests {
    /// BTF as far as a scanner looks into it: a header, and what it measures out.
    private static func types(_ size: Int, seed: UInt64 = 7) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        let piece = (0..<4093).map { _ in UInt8.random(in: 0...31, using: &generator) }
        let noise = Array(repeatElement(piece, count: size / piece.count + 1).joined().prefix(size))
        let parts = size / 8 * 4
        // The first name is empty, and the last ends.
        let names = [0] + noise[parts..<size].dropFirst().dropLast() + [0]
        return [0x9f, 0xeb, 1, 0] + littleEndian(24) + littleEndian(0) + littleEndian(UInt32(parts))
            + littleEndian(UInt32(parts)) + littleEndian(UInt32(size - parts)) + noise[..<parts] + names
    }

    private static func kernel(around types: [UInt8]) throws -> [UInt8] {
        let kernel = try KernelImageTests.kernel(embedding: nil)
        return kernel + [0x9f, 0xeb, 1, 0, 0xff, 0xff, 0, 0] + types + kernel.prefix(5000)
    }

    private func contents(_ bytes: [UInt8], wanted: Set<KernelImage.Part> = [.types]) throws -> ImageContents {
        let folder = try ScratchFolder()
        return try KernelImage.contents(of: try folder.write("image", bytes), wanted: wanted)
    }

    /// Compares without printing megabytes where they differ.
    private func expectSame(_ found: [UInt8]?, _ wanted: [UInt8], at place: SourceLocation = #_sourceLocation) {
        let isSame = found == wanted
        #expect(isSame, "\(found?.count ?? 0) bytes, not those \(wanted.count)", sourceLocation: place)
    }

    @Test(arguments: Compression.allCases)
    func `types and banner come out of a bzImage whole`(compression: Compression) throws {
        let types = Self.types(700_000)
        let image = KernelImageTests.bzImage(try compressed(try Self.kernel(around: types), as: compression))
        let found = try contents(image)
        expectSame(found.types, types)
        #expect(found.banner == "Linux version 6.1.192-test (me@here) ")
    }

    @Test func `a vmlinux and a file of types alone are read as they are`() throws {
        let types = Self.types(3 << 20)
        expectSame(try contents(try Self.kernel(around: types)).types, types)
        let alone = try contents(types)
        expectSame(alone.types, types)
        #expect(alone.banner == nil)
    }

    @Test(arguments: [Compression.lz4, .lzo])
    func `what a compression leaves as it was is not taken for types`(compression: Compression) throws {
        var generator = SeededGenerator(seed: 3)
        // Random bytes, so that the header stands in the compressed data as well.
        let noise = (0..<20_000).map { _ in UInt8.random(in: 1...255, using: &generator) }
        let parts = [0x9f, 0xeb, 1, 0] + littleEndian(24) + littleEndian(0) + littleEndian(10_000)
        let types =
            parts + littleEndian(10_000) + littleEndian(10_000) + noise[..<10_000] + [0]
            + noise[10_002...] + [0]
        let packed = try compressed(try Self.kernel(around: types), as: compression)
        for image in [packed, KernelImageTests.bzImage(packed)] { expectSame(try contents(image).types, types) }
    }

    @Test func `a frame of lz4 is read like the form that kernels have, and a torn one is told`() throws {
        let text = Array(repeating: Array("CONFIG_BPF=y\n".utf8), count: 40_000).flatMap(\.self)
        let frame = try lz4Frame(text)
        #expect(try Compression.unpacked(frame[...], limit: 1 << 20) == text)
        #expect(throws: DecompressionError(compression: .lz4, cause: .truncated)) {
            try Compression.unpacked(frame.dropLast(20), limit: 1 << 20)
        }
        #expect(throws: DecompressionError.self) { try Compression.unpacked(frame[...], limit: 1 << 10) }
    }

    @Test func `of several the largest is the kernel's`() throws {
        let kernel = try Self.kernel(around: Self.types(4000) + Self.types(90_000) + Self.types(30_000, seed: 9))
        expectSame(try contents(kernel).types, Self.types(90_000))
    }

    @Test func `config and types are found in one pass`() throws {
        let types = Self.types(100_000)
        let kernel = try KernelImageTests.kernel(embedding: "CONFIG_BPF=y\n") + types
        let found = try contents(
            KernelImageTests.bzImage(try compressed(kernel, as: .zstd)),
            wanted: [.config, .types]
        )
        expectSame(found.types, types)
        #expect(found.config == Array("CONFIG_BPF=y\n".utf8))
    }

    @Test func `an image without types says where they were looked for`() throws {
        let found = try contents(
            KernelImageTests.bzImage(try compressed(try KernelImageTests.kernel(embedding: nil), as: .xz))
        )
        #expect(found.types == nil && found.search.searched.count == 2)
        #expect(throws: KernelImageError.notAnImage) { try contents(Array("no kernel".utf8)) }
        let missing = FilePath("/nonexistent/vmlinuz")
        #expect(throws: KernelImageError.refused(.noSuchFileOrDirectory)) {
            try KernelImage.contents(of: missing, wanted: [.types])
        }
    }

    @Test func `types that are cut short are not taken`() throws {
        let types = Self.types(100_000)
        for length in [3, 23, 24, 1000, types.count - 1] {
            let found = try contents(try Self.kernel(around: []) + types.prefix(length))
            #expect(found.types == nil, "\(length) bytes")
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `hostile headers neither crash nor take more than a header may claim`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var bytes = try KernelImageTests.kernel(embedding: nil).prefix(2000) + Self.types(5000)
        for _ in 0..<40 {
            let place = Int.random(in: 0..<bytes.count - 24, using: &generator)
            bytes.replaceSubrange(place..<place + 4, with: [0x9f, 0xeb, 1, 0])
            bytes[place + 4] = UInt8.random(in: 0...40, using: &generator)
            bytes[place + Int.random(in: 4..<24, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        let found = try? contents(Array(bytes))
        #expect(found?.types?.count ?? 0 <= bytes.count, "seed \(seed)")
    }

    @Test func `the running kernel's types are those of sysfs`() throws {
        let file = "/sys/kernel/btf/vmlinux"
        let found = try KernelImage.contents(of: FilePath(file), wanted: [.types])
        expectSame(found.types, Array(try Data(contentsOf: URL(fileURLWithPath: file))))
    }
}
