import FileBytes

/// Text in XML 1.0, which forbids most control characters even when escaped.
enum XMLText {
    /// Attributes with a space before each, escaped.
    static func attributes(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { " \($0.name)=\"\(escaped($0.value))\"" }.joined()
    }

    /// Text for an element or an attribute: U+FFFD for what XML forbids, references for what it gives a meaning.
    ///
    /// A tab or a line's end is a reference too: a reader of an attribute would make a space of it.
    static func escaped(_ text: String) -> String {
        if text.utf8.allSatisfy(isPlain) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n", "\r": result += "&#\(scalar.value);"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                result.unicodeScalars.append("\u{FFFD}")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whether a byte is ASCII that stands for itself in an element and in an attribute.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""): false
        case 0x20..<0x80: true
        default: false
        }
    }

    /// A word or words without white space at the ends or doubled inside, as `xs:token` has it; never empty.
    static func token(_ text: String) -> String {
        if !text.isEmpty, text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }), text.utf8.count <= ForeignText.limit {
            return text
        }
        let words = ForeignText.capped(text).unicodeScalars.split { $0.properties.isWhitespace }
        return words.isEmpty ? "unnamed" : words.map { String($0) }.joined(separator: " ")
    }

    /// An RFC 3339 time in UTC as Ant's schema wants it, with neither a fraction nor a zone.
    ///
    /// - Returns: The epoch for a text that is no such time, as the schema makes the attribute mandatory.
    static func timestamp(_ text: String) -> String {
        let epoch = "1970-01-01T00:00:00"
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, text.hasSuffix("Z") || text.hasSuffix("+00:00") else { return epoch }
        let shape = Array("0000-00-00T00:00:00".utf8)
        for (byte, model) in zip(bytes, shape) {
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            guard model == UInt8(ascii: "0") ? isDigit : byte == model else { return epoch }
        }
        func number(_ range: Range<Int>) -> Int {
            bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard year > 0, (1...12).contains(month), (1...lengths[month - 1]).contains(day),
            number(11..<13) < 24, number(14..<16) < 60, number(17..<19) < 60
        else { return epoch }
        return String(decoding: bytes.prefix(shape.count), as: UTF8.self)
    }
}
