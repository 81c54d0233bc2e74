extension JSONParser {
    /// Goes past a string and looks at its bytes: control characters, escapes and UTF-8.
    ///
    /// - Returns: Whether it has no escapes, so that its bytes are its text.
    mutating func skipString() throws(JSONFault) -> Bool {
        try expect(UInt8(ascii: "\""))
        let start = position
        var isPlain = true
        var joined: UInt8 = 0
        while true {
            guard position < bytes.count else { throw fault(.end) }
            let byte = bytes[position]
            joined |= byte
            switch byte {
            case UInt8(ascii: "\""):
                if joined >= 0x80, String(validating: slice(start, position), as: UTF8.self) == nil {
                    throw fault(.encoding)
                }
                position += 1
                return isPlain
            case UInt8(ascii: "\\"):
                isPlain = false
                _ = try escape()
            case 0..<0x20: throw fault(.control)
            default: position += 1
            }
        }
    }

    /// Reads a string.
    package mutating func string() throws(JSONFault) -> String {
        guard let quote = peek() else { throw fault(.end) }
        guard quote == UInt8(ascii: "\"") else { throw fault(.unexpected) }
        position += 1
        let start = position
        var joined: UInt8 = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let text = try text(start, position, isASCII: joined < 0x80)
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            if byte < 0x20 { throw fault(.control) }
            joined |= byte
            position += 1
        }
        throw fault(.end)
    }

    @inline(__always)
    private func text(_ start: Int, _ end: Int, isASCII: Bool) throws(JSONFault) -> String {
        let raw = slice(start, end)
        if isASCII {
            return raw.count <= StringPool.inlineSize ? String(decoding: raw, as: UTF8.self) : pool.string(raw)
        }
        guard let text = String(validating: raw, as: UTF8.self) else { throw fault(.encoding) }
        return text
    }

    /// The rest of a string that has an escape at the next byte.
    private mutating func escapedString(from start: Int) throws(JSONFault) -> String {
        var text = Array(slice(start, position))
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw fault(.encoding) }
                position += 1
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw fault(.control)
            default:
                text.append(byte)
                position += 1
            }
        }
        throw fault(.end)
    }

    /// Reads an escape, of one unit or of a surrogate pair.
    private mutating func escape() throws(JSONFault) -> Unicode.Scalar {
        guard position + 1 < bytes.count else { throw fault(.end) }
        let mark = bytes[position + 1]
        position += 2
        switch mark {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(mark)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try hexUnit()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            guard unit < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            else { throw fault(.escape) }
            position += 2
            let low = try hexUnit()
            guard (0xDC00...0xDFFF).contains(low),
                let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
            else { throw fault(.escape) }
            return scalar
        default: throw fault(.escape)
        }
    }

    private mutating func hexUnit() throws(JSONFault) -> UInt32 {
        guard bytes.count - position >= 4 else { throw fault(.end) }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else { throw fault(.escape) }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}

/// Strings that came before, so that what a record repeats 100,000 times is in memory once.
///
/// It is no larger for a larger record: a string takes the place of another one with the same hash.
package final class StringPool {
    /// The most bytes that a `String` keeps without an allocation.
    static let inlineSize = 15
    private static let longest = 128
    private var places = [String](repeating: "", count: 1024)

    package init() {}

    /// The string of these bytes, which must be ASCII.
    func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        if bytes.count > Self.longest { return String(decoding: bytes, as: UTF8.self) }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let place = Int((hash ^ (hash >> 32)) & 1023)
        let isKnown = places[place].utf8.withContiguousStorageIfAvailable { known in
            guard known.count == bytes.count else { return false }
            for (offset, byte) in bytes.enumerated() where known[offset] != byte { return false }
            return true
        }
        if isKnown == true { return places[place] }
        let string = String(decoding: bytes, as: UTF8.self)
        places[place] = string
        return string
    }
}
