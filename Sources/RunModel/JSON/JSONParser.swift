/// Reads JSON (RFC 8259) byte by byte, in one pass.
///
/// Foundation's decoder takes some hundred microseconds for one result of a sample, and records hold up to 100,000. This parser
/// is as strict as the RFC, refuses what readers disagree about (duplicate keys, halves of surrogate pairs), and never looks at
/// a byte more than a few times, whatever it is given.
///
/// A parser borrows its bytes: it must not outlive the call of `withUnsafeBufferPointer` that it was made in.
package struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    /// The offset of the next byte.
    package internal(set) var position = 0
    let pool: StringPool
    /// Lists and observations of results that were read before.
    var checks = RepeatedValues<[Check]>()
    var needLists = RepeatedValues<[Need]>()
    var observations = RepeatedValues<JSONValue?>()

    /// The most values inside each other; more would be a danger to the stack.
    package static let depthLimit = 512

    /// Creates a parser of bytes.
    package init(_ bytes: UnsafeBufferPointer<UInt8>, pool: StringPool = StringPool()) {
        self.bytes = bytes
        self.pool = pool
        // A byte order mark may be ignored (RFC 8259, section 8.1).
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
    }

    package func fault(_ cause: JSONFault.Cause) -> JSONFault { JSONFault(cause: cause, offset: position) }

    /// The next byte that is no white space, which stays the next one; `nil` at the end.
    @inline(__always)
    package mutating func peek() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return bytes[position]
            }
        }
        return nil
    }

    /// Takes the byte, or nothing.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    @inline(__always)
    mutating func expect(_ byte: UInt8) throws(JSONFault) {
        guard let next = peek() else { throw fault(.end) }
        guard next == byte else { throw fault(.unexpected) }
        position += 1
    }

    /// Demands that nothing but white space follows.
    package mutating func expectEnd() throws(JSONFault) {
        if peek() != nil { throw fault(.trailing) }
    }

    /// A key of an object, as it stands in the bytes.
    package struct Key {
        let start: Int
        let end: Int
        /// Whether the bytes are the key, without escapes.
        let isPlain: Bool
    }

    /// Whether a key is a word.
    ///
    /// A key that is written with escapes is none: who asks for words that he knows must be content with "another".
    @inline(__always)
    package func isKey(_ key: Key, _ word: StaticString) -> Bool {
        guard key.isPlain, key.end - key.start == word.utf8CodeUnitCount else { return false }
        for offset in 0..<word.utf8CodeUnitCount where bytes[key.start + offset] != word.utf8Start[offset] {
            return false
        }
        return true
    }

    /// Goes into a list or an object; `false` where the next value is none.
    @inline(__always)
    package mutating func enter(_ bracket: Unicode.Scalar) -> Bool { take(UInt8(truncatingIfNeeded: bracket.value)) }

    /// The next key of the object that was entered, with its value next.
    ///
    /// - Parameter isFirst: `true` before the first call, which sets it to `false`.
    /// - Returns: The key; `nil` behind the last one.
    /// - Throws: ``JSONFault``.
    @inline(__always)
    package mutating func nextKey(_ isFirst: inout Bool) throws(JSONFault) -> Key? {
        guard let next = peek() else { throw fault(.end) }
        if next == UInt8(ascii: "}") {
            position += 1
            return nil
        }
        if !isFirst { try expect(UInt8(ascii: ",")) }
        isFirst = false
        guard let quote = peek() else { throw fault(.end) }
        guard quote == UInt8(ascii: "\"") else { throw fault(.unexpected) }
        let start = position + 1
        let isPlain = try skipString()
        let key = Key(start: start, end: position - 1, isPlain: isPlain)
        try expect(UInt8(ascii: ":"))
        return key
    }

    /// Whether another element of the list that was entered is next.
    ///
    /// - Parameter isFirst: `true` before the first call, which sets it to `false`.
    /// - Returns: Whether there is one; the list's end is taken where there is none.
    /// - Throws: ``JSONFault``.
    @inline(__always)
    package mutating func hasElement(_ isFirst: inout Bool) throws(JSONFault) -> Bool {
        guard let next = peek() else { throw fault(.end) }
        if next == UInt8(ascii: "]") {
            position += 1
            return false
        }
        if !isFirst {
            try expect(UInt8(ascii: ","))
            guard peek() != UInt8(ascii: "]") else { throw fault(.unexpected) }
        }
        isFirst = false
        return true
    }

    /// Takes a word such as `null`; `false` where another value is next.
    @inline(__always)
    package mutating func take(word: StaticString) -> Bool {
        guard peek() == word.utf8Start[0], bytes.count - position >= word.utf8CodeUnitCount else { return false }
        for offset in 0..<word.utf8CodeUnitCount where bytes[position + offset] != word.utf8Start[offset] {
            return false
        }
        position += word.utf8CodeUnitCount
        return true
    }

    /// The bytes between two offsets.
    package func slice(_ start: Int, _ end: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[start..<end])
    }

    /// Goes back to an offset that the parser had, to read what is there another way.
    package mutating func goBack(to offset: Int) { position = offset }
}
