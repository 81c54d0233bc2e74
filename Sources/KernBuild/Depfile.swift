/// The files that a compiler says it read: a dependency file in make's form, as `-MD` writes it.
enum Depfile {
    /// Reads the prerequisites of the file's first rule.
    ///
    /// A backslash keeps the blank or the `#` behind it, `$$` is a `$`, and a backslash behind a blank at a line's end
    /// continues the rule.
    ///
    /// - Returns: `nil` where the list can be read in more than one way: clang does not write down all backslashes and blanks
    ///   so that they can be told from its own, and a name that is read wrong is another file.
    static func prerequisites(_ bytes: [UInt8]) -> [String]? {
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
        reading: while index < bytes.count {
            let byte = bytes[index]
            switch (byte, next()) {
            case (backslash, UInt8(ascii: "\n")):
                // clang puts a blank before it: without one it is the end of a name.
                guard word.isEmpty else { return nil }
                index += 1
            case (backslash, blank), (backslash, UInt8(ascii: "#")):
                word.append(bytes[index + 1])
                index += 1
            case (UInt8(ascii: "$"), UInt8(ascii: "$")):
                word.append(byte)
                index += 1
            case (UInt8(ascii: "\n"), _):
                // The rule ends here; what follows would be another one's.
                break reading
            case (blank, _):
                if word.last == blank { return nil }
                end()
            case (0..<0x20, _), (0x7F, _), (backslash, _): return nil
            default: word.append(byte)
            }
            index += 1
        }
        if word.last == blank { return nil }
        end()
        let texts = words.compactMap { String(validating: $0, as: UTF8.self) }
        // The target's own colon stands at the end of the first word.
        guard texts.count == words.count, let target = texts.first, target.hasSuffix(":") else { return nil }
        return Array(texts.dropFirst())
    }
}
