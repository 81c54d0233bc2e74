/// Bytes of which no read can leave the bounds, whatever offsets they themselves contain.
struct ByteView {
    private let bytes: [UInt8]
    /// Where the view lies in the file.
    let range: Range<Int>

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        range = bytes.indices
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        self.range = range
    }

    var count: Int { range.count }

    /// A part of the view, `nil` where it would reach outside of it.
    func part(at offset: UInt64, size: UInt64) -> ByteView? {
        let (end, overflow) = offset.addingReportingOverflow(size)
        guard !overflow, end <= UInt64(range.count) else { return nil }
        return ByteView(bytes, range.lowerBound + Int(offset)..<range.lowerBound + Int(end))
    }

    func part(at offset: UInt32, size: UInt32) -> ByteView? {
        part(at: UInt64(offset), size: UInt64(size))
    }

    /// A little-endian number.
    func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type = Number.self) -> Number? {
        let size = MemoryLayout<Number>.size
        guard offset >= 0, offset <= count - size else { return nil }
        let start = range.lowerBound + offset
        return bytes[start..<start + size].reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    /// The most bytes that a name may have: names may share their bytes, so long ones would cost more than the file has.
    private static let longestName = 1024

    /// The text up to the next NUL, with control characters replaced; `nil` where none comes soon.
    func string(at offset: Int) -> String? {
        guard offset >= 0, offset < count else { return nil }
        let field = bytes[range.lowerBound + offset..<range.upperBound].prefix(Self.longestName)
        guard let end = field.firstIndex(of: 0) else { return nil }
        // What somebody else named must not move a terminal's cursor.
        return String(
            String.UnicodeScalarView(
                String(decoding: field[..<end], as: UTF8.self).unicodeScalars.map { scalar in
                    scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
                }
            )
        )
    }

    /// Whether the view begins with these bytes.
    func starts(with prefix: [UInt8]) -> Bool { bytes[range].starts(with: prefix) }
}
