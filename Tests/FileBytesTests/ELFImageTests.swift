import FileBytes
import TestSupport
import Testing

/// ELF headers of files that somebody else made.
struct ELFImageTests {
    private static func number(_ value: UInt64, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    /// A file with one segment, and the sections nothing, `.data` with some bytes, `.bss` without, and the names.
    private static let file: [UInt8] = {
        let names = Array("\0.data\0.bss\0.names\0".utf8)
        let data: [UInt8] = [1, 2, 3, 4]
        let start = UInt64(64 + 56 + names.count + data.count)
        func section(_ name: UInt64, _ type: UInt64, _ offset: Int, _ size: Int) -> [UInt8] {
            number(name, 4) + number(type, 4) + number(3, 8) + number(0, 8) + number(UInt64(offset), 8)
                + number(UInt64(size), 8) + number(5, 4) + number(6, 4) + number(0, 16)
        }
        let header: [UInt8] =
            [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + number(0, 9) + number(1, 2) + number(247, 2) + number(1, 4)
            + number(0, 8) + number(64, 8) + number(start, 8) + number(0, 4) + number(64, 2)
            + number(56, 2) + number(1, 2) + number(64, 2) + number(4, 2) + number(3, 2)
        let segment = number(4, 4) + number(0, 4) + number(120, 8) + number(0, 16) + number(5, 8) + number(0, 16)
        return header + segment + names + data + section(0, 0, 0, 0) + section(1, 1, 120 + names.count, data.count)
            + section(7, 8, 1 << 40, 1 << 40) + section(12, 3, 120, names.count)
    }()

    @Test func `a file is what its headers say`() throws {
        let image = try #require(ELFImage(Self.file))
        #expect(image.type == 1 && image.machine == 247)
        let sections = try #require(image.sections)
        #expect(sections.map(\.type) == [0, 1, 8, 3] && sections[1].flags == 3)
        #expect(sections[1].link == 5 && sections[1].info == 6)
        #expect(image.contents(ofSection: ".data").map { Array($0.slice) } == [1, 2, 3, 4])
        // What has no bytes in the file may say that it has any number of them anywhere.
        #expect(image.contents(ofSection: ".bss") == nil && image.contents(ofSection: ".text") == nil)
        #expect(image.segments.count == 1 && image.contents(of: image.segments[0])?.count == 5)
    }

    @Test func `other files are none`() {
        #expect(ELFImage([]) == nil && ELFImage(Array(Self.file.prefix(63))) == nil)
        for (place, value) in [(0, UInt8(0)), (4, 1), (5, 2)] {
            var other = Self.file
            other[place] = value
            #expect(ELFImage(other) == nil)
        }
        #expect(ELFImage.isLike(Self.file.prefix(4)) && !ELFImage.isReadable(Array(Self.file.prefix(4))))
    }

    @Test func `a table that leads out of the file is not there`() throws {
        for length in 64..<Self.file.count {
            let image = try #require(ELFImage(Array(Self.file.prefix(length))))
            #expect(image.sections == nil && image.sectionNames == nil && image.contents(ofSection: ".data") == nil)
        }
        // e_shoff, e_shentsize, e_phoff, e_phentsize.
        for (place, width) in [(40, 8), (58, 2), (32, 8), (54, 2)] {
            var other = Self.file
            for byte in 0..<width { other[place + byte] = 0xff }
            let image = try #require(ELFImage(other))
            #expect(place < 56 && place != 40 ? image.segments.isEmpty : image.sections == nil, "\(place)")
        }
    }

    @Test func `changed bytes never lead out of the file`() {
        for seed in UInt64(0)..<5000 {
            var generator = SeededGenerator(seed: seed)
            var changed = Self.file
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                changed[Int.random(in: 6..<changed.count, using: &generator)] = .random(
                    in: .min ... .max,
                    using: &generator
                )
            }
            guard let image = ELFImage(changed) else { continue }
            for section in image.sections ?? [] { _ = image.contents(of: section).map { Array($0.slice) } }
            for segment in image.segments { _ = image.contents(of: segment).map { Array($0.slice) } }
            _ = image.contents(ofSection: ".data")
        }
    }
}
