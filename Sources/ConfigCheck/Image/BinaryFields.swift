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
