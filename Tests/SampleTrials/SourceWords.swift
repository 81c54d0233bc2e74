/// The words of a C source, as ``SourceMutant`` counts them: outside of comments and literals.
package struct SourceWords {
    private let bytes: [UInt8]
    private var index = 0

    /// Begins at the start of a text.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Where the `occurrence`-th appearance of a word stands, counted from 1; `nil` where it appears less often.
    package static func range(of word: String, _ occurrence: Int, in bytes: [UInt8]) -> Range<Int>? {
        let wanted = Array(word.utf8)
        var words = SourceWords(bytes)
        var left = occurrence
        while let range = words.next() {
            guard bytes[range].elementsEqual(wanted) else { continue }
            left -= 1
            if left == 0 { return range }
        }
        return nil
    }

    /// The operators of C that have more than one character, the longest first.
    private static let operators = [
        "<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=", "/=",
        "%=", "&=", "^=", "|=",
    ].map { Array($0.utf8) }

    /// The place of the next word; `nil` at the end of the text.
    package mutating func next() -> Range<Int>? {
        while index < bytes.count {
            if starts(with: "//") {
                skip(to: "\n")
            } else if starts(with: "/*") {
                index += 2
                skip(to: "*/")
            } else if bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'") {
                skipLiteral()
            } else if bytes[index] <= 0x20 {
                index += 1
            } else {
                return word()
            }
        }
        return nil
    }

    private mutating func word() -> Range<Int> {
        let start = index
        if Self.isLetter(bytes[index]) {
            while index < bytes.count, Self.isLetter(bytes[index]) { index += 1 }
        } else {
            index += Self.operators.first { bytes[start...].starts(with: $0) }?.count ?? 1
        }
        return start..<index
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_")
    }

    private func starts(with text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

    /// Goes on behind the next appearance of a text.
    private mutating func skip(to text: String) {
        while index < bytes.count, !starts(with: text) { index += 1 }
        index = min(bytes.count, index + text.utf8.count)
    }

    private mutating func skipLiteral() {
        let quote = bytes[index]
        index += 1
        while index < bytes.count, bytes[index] != quote {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index = min(bytes.count, index + 1)
    }
}
