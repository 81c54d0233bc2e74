/// Reads the tokens of C that ``SourceScan`` asks for, as clang's preprocessor splits a text.
struct SourceReader {
    enum Token {
        /// A word, outside of comments, literals and names of headers.
        case word(String)
        /// `##` between two tokens that could be parts of `asm`: such a part, or a parameter of the macro.
        case paste
        /// `#line` or a line marker with more than a number.
        case lineName
    }

    /// Whether something was seen by which this reader and a compiler may disagree on where literals end.
    private(set) var isOdd = false
    private let bytes: [UInt8]
    private var index = 0
    private var isLineStart = true
    /// The parameters of the macro whose definition is being read.
    private var parameters: Set<String> = []
    /// The word before this place on the line; `nil` where something else stands before it.
    private var previous: String?

    init(_ bytes: [UInt8]) { self.bytes = Self.spliced(bytes) }

    /// The text without the ends of lines that a backslash continues.
    private static func spliced(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "\\")) else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\") {
                // clang allows blanks behind the backslash.
                var end = index + 1
                while end < bytes.count, isBlank(bytes[end]) { end += 1 }
                if end < bytes.count, isNewline(bytes[end]) {
                    let isPair = end + 1 < bytes.count && isNewline(bytes[end + 1]) && bytes[end + 1] != bytes[end]
                    index = end + (isPair ? 2 : 1)
                    continue
                }
            }
            result.append(bytes[index])
            index += 1
        }
        return result
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0B || byte == 0x0C }
    private static func isNewline(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
    private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }

    private static func isWordStart(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
    }

    private func byte(_ offset: Int = 0) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }

    private mutating func skipLine() { while index < bytes.count, !Self.isNewline(bytes[index]) { index += 1 } }

    /// Skips a comment; `false` where none begins here.
    private mutating func skipComment() -> Bool {
        guard byte() == UInt8(ascii: "/") else { return false }
        if byte(1) == UInt8(ascii: "/") {
            skipLine()
            return true
        }
        guard byte(1) == UInt8(ascii: "*") else { return false }
        index += 2
        while index < bytes.count, !(byte() == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) { index += 1 }
        index = min(index + 2, bytes.count)
        return true
    }

    private mutating func skipBlanks(newlines: Bool = false) {
        while index < bytes.count {
            if Self.isBlank(byte()) || newlines && Self.isNewline(byte()) {
                index += 1
            } else if !skipComment() {
                return
            }
        }
    }

    private mutating func word() -> String {
        let start = index
        while index < bytes.count, Self.isWordStart(bytes[index]) || Self.isDigit(bytes[index]) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// Skips a literal, whose end is its own mark or the line's.
    private mutating func skipLiteral() {
        let mark = byte()
        index += 1
        while index < bytes.count, !Self.isNewline(byte()) {
            if byte() == mark {
                index += 1
                return
            }
            index += byte() == UInt8(ascii: "\\") && index + 1 < bytes.count ? 2 : 1
        }
    }

    /// The next token that matters; `nil` at the end.
    mutating func next() -> Token? {
        while index < bytes.count {
            let first = byte()
            if Self.isNewline(first) {
                isLineStart = true
                parameters = []
                previous = nil
                index += 1
            } else if Self.isBlank(first) {
                index += 1
            } else if skipComment() {
                continue
            } else if isLineStart,
                first == UInt8(ascii: "#") || first == UInt8(ascii: "%") && byte(1) == UInt8(ascii: ":")
            {
                isLineStart = false
                index += first == UInt8(ascii: "#") ? 1 : 2
                if let token = directive() { return token }
            } else {
                isLineStart = false
                if let token = token(first) { return token }
            }
        }
        return nil
    }

    private mutating func token(_ first: UInt8) -> Token? {
        let before = previous
        previous = nil
        switch first {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): skipLiteral()
        case UInt8(ascii: "#") where byte(1) == UInt8(ascii: "#"):
            index += 2
            var ahead = self
            ahead.skipBlanks()
            // Nothing but words makes a word.
            guard let before, Self.isWordStart(ahead.byte()) else { return nil }
            return isPart(before) && isPart(ahead.word()) ? .paste : nil
        case UInt8(ascii: "%") where byte(1) == UInt8(ascii: ":"):
            index += 2
            return .paste
        case UInt8(ascii: "\\"):
            isOdd = true
            index += 1
        case _ where Self.isWordStart(first):
            let word = word()
            // A raw string, where the compiler knows them: its end is not where this reader would look for it.
            if byte() == UInt8(ascii: "\""), word.hasSuffix("R") { isOdd = true }
            // It may stand between `##` and a part of a word.
            if word == "__VA_OPT__" { isOdd = true }
            previous = word
            // What a parameter stands for is read where the macro is used.
            return parameters.contains(word) ? nil : .word(word)
        case _ where Self.isDigit(first):
            while Self.isWordStart(byte()) || Self.isDigit(byte()) || byte() == UInt8(ascii: ".") { index += 1 }
        default: index += 1
        }
        return nil
    }

    /// Whether a token could become a part of `asm` or `__asm__` by pasting.
    private func isPart(_ word: String) -> Bool {
        let core = word.drop { $0 == "_" }.prefix { $0 != "_" }
        return parameters.contains(word) || word == "__VA_ARGS__"
            || ["", "a", "as", "asm", "s", "sm", "m"].contains(core)
    }

    /// Reads the name and the parameters of a macro that is defined here.
    private mutating func definition() -> Token? {
        skipBlanks()
        let name = word()
        guard byte() == UInt8(ascii: "(") else { return name.isEmpty ? nil : .word(name) }
        index += 1
        while index < bytes.count, byte() != UInt8(ascii: ")"), !Self.isNewline(byte()) {
            if Self.isWordStart(byte()) {
                parameters.insert(word())
            } else if !skipComment() {
                index += 1
            }
        }
        return .word(name)
    }

    /// Reads the beginning of a directive, and the name of a header with it.
    private mutating func directive() -> Token? {
        skipBlanks()
        let name = word()
        if name == "line" || name.utf8.first.map(Self.isDigit) == true {
            let start = index
            skipLine()
            let rest = bytes[start..<index]
            return rest.allSatisfy { Self.isDigit($0) || Self.isBlank($0) } ? nil : .lineName
        }
        if name == "define" { return definition() }
        guard ["include", "include_next", "import", "embed"].contains(name) else {
            return name.isEmpty ? nil : .word(name)
        }
        skipBlanks()
        let end: UInt8
        switch byte() {
        case UInt8(ascii: "<"): end = UInt8(ascii: ">")
        case UInt8(ascii: "\""): end = UInt8(ascii: "\"")
        default: return nil
        }
        index += 1
        while index < bytes.count, !Self.isNewline(byte()), byte() != end {
            if byte() == UInt8(ascii: "\\") { isOdd = true }
            index += 1
        }
        if byte() == end { index += 1 }
        return nil
    }

    /// Whether what follows the keyword is assembler text that can hold no directive: literals without a dot, or with dots
    /// inside of names only, such as `llvm.bpf.load.byte`.
    ///
    /// Nothing is consumed.
    func isPlainAssembler() -> Bool {
        var ahead = self
        ahead.skipBlanks(newlines: true)
        while Self.isWordStart(ahead.byte()) {
            let word = ahead.word()
            guard ["volatile", "__volatile__", "__volatile", "goto", "inline", "__inline__", "__inline"].contains(word)
            else { return false }
            ahead.skipBlanks(newlines: true)
        }
        guard ahead.byte() == UInt8(ascii: "(") else { return false }
        ahead.index += 1
        ahead.skipBlanks(newlines: true)
        while ahead.byte() == UInt8(ascii: "\"") {
            ahead.index += 1
            // A name that begins with a digit is a number to the assembler, and what follows another matter.
            var isInName = false
            var isInNumber = false
            while ahead.byte() != UInt8(ascii: "\"") {
                switch ahead.byte() {
                case 0, 0x0A, 0x0D: return false
                case UInt8(ascii: "."):
                    guard isInName else { return false }
                    ahead.index += 1
                case UInt8(ascii: "\\"):
                    guard ahead.byte(1) == UInt8(ascii: "n") || ahead.byte(1) == UInt8(ascii: "t") else { return false }
                    (isInName, isInNumber) = (false, false)
                    ahead.index += 2
                case let byte where Self.isDigit(byte):
                    isInNumber = !isInName
                    ahead.index += 1
                case let byte where Self.isWordStart(byte) && byte < 0x80:
                    isInName = !isInNumber
                    ahead.index += 1
                default:
                    (isInName, isInNumber) = (false, false)
                    ahead.index += 1
                }
            }
            ahead.index += 1
            ahead.skipBlanks(newlines: true)
        }
        return ahead.byte() == UInt8(ascii: ":") || ahead.byte() == UInt8(ascii: ")")
    }
}
