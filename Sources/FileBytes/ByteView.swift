/// Bytes of which no read can leave the bounds, whatever offsets they themselves contain.
public struct ByteView: Sendable {
    @usableFromInline let bytes: [UInt8]
    /// Where the view lies in the file.
    public let range: Range<Int>

    /// All of some bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        range = bytes.indices
    }

    @usableFromInline init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        self.range = range
    }

    /// How many bytes there are.
    @inlinable public var count: Int { range.count }

    /// A part of the view, `nil` where it would reach outside of it.
    @inlinable public func part(at offset: UInt64, size: UInt64) -> ByteView? {
        let (end, overflow) = offset.addingReportingOverflow(size)
        guard !overflow, end <= UInt64(range.count) else { return nil }
        return ByteView(bytes, range.lowerBound + Int(offset)..<range.lowerBound + Int(end))
    }

    /// A part of the view, `nil` where it would reach outside of it.
    @inlinable public func part(at offset: UInt32, size: UInt32) -> ByteView? {
        part(at: UInt64(offset), size: UInt64(size))
    }

    /// A little-endian number; `nil` where it would reach outside of the view.
    @inlinable public func number<Number: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int,
        as type: Number.Type = Number.self
    ) -> Number? {
        let size = MemoryLayout<Number>.size
        guard offset >= 0, offset <= count - size else { return nil }
        let start = range.lowerBound + offset
        return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: Number.self)) }
    }

    /// Hands out the bytes as they lie in memory, so that many of them can be looked through.
    @inlinable public func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// The most bytes that a name may have: names may share their bytes, so long ones would cost more than the file has.
    public static let longestName = 1024

    /// The bytes up to the next NUL; `nil` where none comes soon.
    public func name(at offset: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, offset < count else { return nil }
        let field = bytes[range.lowerBound + offset..<range.upperBound].prefix(Self.longestName)
        return field.firstIndex(of: 0).map { field[..<$0] }
    }

    /// The text up to the next NUL, with control characters replaced; `nil` where none comes soon.
    public func string(at offset: Int) -> String? {
        guard let name = name(at: offset) else { return nil }
        // The names of C are ASCII.
        if name.allSatisfy({ (0x20..<0x7f).contains($0) }) { return String(decoding: name, as: UTF8.self) }
        // What somebody else named must not move a terminal's cursor.
        return String(
            String.UnicodeScalarView(
                String(decoding: name, as: UTF8.self).unicodeScalars.map { scalar in
                    scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
                }
            )
        )
    }

    /// The bytes themselves, at the indices that they have in the file.
    public var slice: ArraySlice<UInt8> { bytes[range] }

    /// Whether the view begins with these bytes.
    public func starts(with prefix: [UInt8]) -> Bool { bytes[range].starts(with: prefix) }
}
