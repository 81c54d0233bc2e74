import Glibc

extension ArraySlice<UInt8> {
    /// Bytes from an offset on, `nil` where there are not as many.
    func bytes(at offset: Int, count: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, count >= 0, offset <= self.count - count else { return nil }
        return self[(startIndex + offset)..<(startIndex + offset + count)]
    }

    /// A 32-bit number, least significant byte first.
    func littleEndian32(at offset: Int) -> UInt32? {
        bytes(at: offset, count: 4).map { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }

    /// A 16-bit number, least significant byte first.
    func littleEndian16(at offset: Int) -> UInt16? {
        bigEndian16(at: offset)?.byteSwapped
    }

    /// A 16-bit number, most significant byte first.
    func bigEndian16(at offset: Int) -> UInt16? {
        bytes(at: offset, count: 2).map { $0.reduce(0) { $0 << 8 | UInt16($1) } }
    }
}

extension [UInt8] {
    /// Where a pattern stands first, at an offset or behind it; `nil` for nowhere.
    func position(of pattern: [UInt8], from offset: Int) -> Int? {
        withUnsafeBytes { area in
            guard let base = area.baseAddress, let first = pattern.first else { return nil }
            var offset = offset
            while offset + pattern.count <= area.count {
                // memmem(3) is a GNU extension that Swift's Glibc module lacks.
                let room = area.count - pattern.count - offset + 1
                guard let hit = memchr(base + offset, Int32(first), room) else { return nil }
                offset = UnsafeRawPointer(hit) - base
                if memcmp(hit, pattern, pattern.count) == 0 { return offset }
                offset += 1
            }
            return nil
        }
    }
}
