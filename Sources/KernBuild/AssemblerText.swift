/// The assembler text of a translation unit, read from LLVM's textual intermediate form, in which macros are expanded,
/// literals joined and escapes resolved.
enum AssemblerText {
    /// Directives that read no file, run no macro and therefore cannot be made to.
    private static let harmless: Set<String> = [
        "2byte", "4byte", "8byte", "align", "ascii", "asciz", "balign", "byte", "data", "else", "endif", "fill",
        "global",
        "globl", "hidden", "if", "int", "local", "long", "octa", "org", "p2align", "popsection", "previous",
        "pushsection", "quad", "section", "set", "short", "size", "skip", "space", "string", "text", "type", "weak",
        "word", "zero",
    ]

    /// Finds the first directive that is not known to read no file.
    ///
    /// - Parameter module: The text that `clang -S -emit-llvm` writes.
    /// - Returns: The directive with its dot; `nil` if there is none.
    static func unprovenDirective(in module: [UInt8]) -> String? {
        var index = 0
        var isTemplate = false
        while index < module.count {
            let byte = module[index]
            if byte == UInt8(ascii: "\"") {
                let (text, end) = literal(module, index + 1)
                if isTemplate {
                    isTemplate = false
                    if let found = unproven(text) { return found }
                } else if index > 0, module[index - 1] == UInt8(ascii: "@"), text.starts(with: [1, UInt8(ascii: ".")]) {
                    // A name by which an operand would print a directive.
                    return String(decoding: text.dropFirst(), as: UTF8.self)
                }
                index = end
            } else if isWord(byte) {
                let start = index
                while index < module.count, isWord(module[index]) { index += 1 }
                if index - start == 3, module[start..<index].elementsEqual("asm".utf8) { isTemplate = true }
            } else {
                if byte == 0x0A { isTemplate = false }
                index += 1
            }
        }
        return nil
    }

    /// Letters, digits and what names of values have besides.
    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "$"),
            UInt8(ascii: "@"), UInt8(ascii: "%"), UInt8(ascii: "!"), UInt8(ascii: "#"):
            // `@` alone stands before a quoted name.
            true
        default: false
        }
    }

    /// The content of a quoted text that begins at an index, and the index behind its closing mark.
    private static func literal(_ module: [UInt8], _ start: Int) -> (text: [UInt8], end: Int) {
        var text: [UInt8] = []
        var index = start
        while index < module.count, module[index] != UInt8(ascii: "\"") {
            if module[index] == UInt8(ascii: "\\"), index + 2 < module.count,
                let value = UInt8(String(decoding: module[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                text.append(value)
                index += 3
            } else {
                text.append(module[index])
                index += 1
            }
        }
        return (text, index + 1)
    }

    private static func unproven(_ text: [UInt8]) -> String? {
        var index = 0
        while let dot = text[index...].firstIndex(of: UInt8(ascii: ".")) {
            index = dot + 1
            let word = text[index...].prefix { isWord($0) && $0 != UInt8(ascii: ".") || $0 == UInt8(ascii: "{") }
            let name = String(decoding: word, as: UTF8.self)
            index += word.count
            // Local labels begin with `.L`; an operand in the name of one could still not make a directive of it.
            if harmless.contains(name) || name.hasPrefix("L") { continue }
            // A dot alone is the place where the assembler is, and `.5` is part of a number.
            let isBare = word.allSatisfy { 0x30...0x39 ~= $0 }
            if isBare, index == text.count || "\n\t -+*,;)".utf8.contains(text[index]) { continue }
            return "." + name
        }
        return nil
    }
}
