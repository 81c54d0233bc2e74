/// The files that a compiler says it read: a dependency file in make's form, as `-MD` writes it.
enum Depfile {
    /// Reads the prerequisites of the file's first rule.
    ///
    /// A backslash keeps the blank, the `#` or the backslash behind it, `$$` is a `$`, and a backslash at a line's end
    /// continues the rule.
    static func prerequisites(_ bytes: [UInt8]) -> [String] {
        let blank = UInt8(ascii: " ")
        let backslash = UInt8(ascii: "\\")
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        var index = 0
        func next() -> UInt8? { index + 1 < bytes.count ? bytes[index + 1] : nil }
        func end() {
            if !word.isEmpty { words.append(word) }
            word = []
        }
        while index < bytes.count {
            let byte = bytes[index]
            switch (byte, next()) {
            case (backslash, UInt8(ascii: "\n")):
                end()
                index += 1
            case (backslash, blank), (backslash, UInt8(ascii: "#")):
                word.append(bytes[index + 1])
                index += 1
            case (UInt8(ascii: "$"), UInt8(ascii: "$")):
                word.append(byte)
                index += 1
            case (UInt8(ascii: "\n"), _):
                end()
                // The rule ends here; what follows would be another one's.
                index = bytes.count
            case (blank, _), (UInt8(ascii: "\r"), _), (UInt8(ascii: "\t"), _): end()
            default: word.append(byte)
            }
            index += 1
        }
        end()
        let texts = words.map { String(decoding: $0, as: UTF8.self) }
        // The target's own colon stands at the end of the first word.
        guard let target = texts.first, target.hasSuffix(":") else { return [] }
        return Array(texts.dropFirst())
    }
}
