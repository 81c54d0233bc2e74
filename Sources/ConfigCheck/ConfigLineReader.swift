/// One line of the language that `.config` files, fragments and profiles share.
enum ConfigLine: Equatable {
    /// Nothing but blanks.
    case blank
    /// A `#` line other than `# CONFIG_X is not set`: the bytes after the `#`, by position.
    case comment(Range<Int>)
    /// An option and its value, ``KernelConfig/Value/notSet`` included.
    case setting(option: String, value: KernelConfig.Value)
}

/// Reads a config's bytes line by line, as `conf_read_simple` in `scripts/kconfig/confdata.c` does.
///
/// It works on bytes because real files hold compiler names in any encoding, and because a config is read at the start
/// of every run. Unlike the kernel's reader it refuses what it cannot read: a line skipped is an option judged absent.
/// After a line that it refuses it goes on with the next one.
struct ConfigLineReader {
    /// The longest line that is read: the longest that Kconfig writes are command lines, of some kilobytes at most.
    static let lineLimit = 16 << 10

    /// The text, which ranges of lines refer to: as it was given, except what ``ConfigText`` changes.
    let bytes: [UInt8]
    /// Where the line last read stands, without its end.
    private(set) var range = 0..<0
    /// The number of the line last read, from 1; 0 before the first.
    private(set) var number = 0
    /// Whether the line last read ends at the end of the file without a newline.
    private(set) var isUnfinished = false
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = ConfigText.plain(bytes)
    }

    /// The next line, `nil` at the end.
    mutating func next() throws(ConfigSyntaxError) -> ConfigLine? {
        guard position < bytes.count else { return nil }
        let start = position
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        isUnfinished = end == bytes.count
        position = end + 1
        number += 1
        while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
        range = start..<end
        do throws(ConfigSyntaxError.Reason) {
            guard end - start <= Self.lineLimit else { throw ConfigSyntaxError.Reason.overlong(end - start) }
            return try line(start..<end)
        } catch {
            throw ConfigSyntaxError(line: number, reason: error)
        }
    }

    private func line(_ range: Range<Int>) throws(ConfigSyntaxError.Reason) -> ConfigLine {
        guard let first = range.first else { return .blank }
        if bytes[first] == UInt8(ascii: "#") { return try commentOrNotSet(range) }
        if isUnfinished, Self.prefix.starts(with: bytes[range]), range.count < Self.prefix.count {
            throw .cutShort(printable(bytes[range]))
        }
        guard let name = name(in: range) else {
            if bytes[range].allSatisfy(Self.isBlank) { return .blank }
            throw .notASetting(printable(bytes[range]))
        }
        do {
            return .setting(option: text(name), value: try value(in: name.upperBound..<range.upperBound, of: name))
        } catch {
            throw isUnfinished ? .cutShort(printable(bytes[range])) : error
        }
    }

    /// The kernel's reader takes a line for "is not set" if it begins so; what follows is a remark.
    private func commentOrNotSet(_ range: Range<Int>) throws(ConfigSyntaxError.Reason) -> ConfigLine {
        let body = range.dropFirst()
        guard body.count > Self.prefix.count, bytes[body.lowerBound] == UInt8(ascii: " "),
            let name = name(in: body.dropFirst())
        else { return .comment(body) }
        let rest = bytes[name.upperBound..<range.upperBound]
        if rest.starts(with: Self.notSet) { return .setting(option: text(name), value: .notSet) }
        if isUnfinished, Self.notSet.starts(with: rest) { throw .cutShort(printable(bytes[range])) }
        return .comment(body)
    }

    /// The option's name at the start of a line; `nil` unless it is `CONFIG_` and at least one more character.
    private func name(in range: Range<Int>) -> Range<Int>? {
        guard bytes[range].starts(with: Self.prefix) else { return nil }
        var end = range.lowerBound + Self.prefix.count
        while end < range.upperBound, Self.isNameByte(bytes[end]) { end += 1 }
        return end > range.lowerBound + Self.prefix.count ? range.lowerBound..<end : nil
    }

    private func value(in range: Range<Int>, of name: Range<Int>) throws(ConfigSyntaxError.Reason) -> KernelConfig.Value
    {
        let equals = bytes[range].first
        guard equals == nil || equals == UInt8(ascii: "=") else {
            throw .notASetting(printable(bytes[name.lowerBound..<range.upperBound]))
        }
        let value = bytes[range.dropFirst()]
        guard let first = value.first else { throw .missingValue(option: shownName(name)) }
        if value.count == 1 {
            switch first {
            case UInt8(ascii: "y"): return .builtIn
            case UInt8(ascii: "m"): return .module
            case UInt8(ascii: "n"): return .no
            default: break
            }
        }
        if first == UInt8(ascii: "\"") { return .string(try string(value.dropFirst(), of: name)) }
        guard Self.isNumber(value) else { throw .unreadableValue(option: shownName(name), printable(value)) }
        return .number(String(decoding: value, as: UTF8.self))
    }

    /// A string up to its closing quotation mark.
    ///
    /// A backslash makes the next byte an ordinary one.
    private func string(_ body: ArraySlice<UInt8>, of name: Range<Int>) throws(ConfigSyntaxError.Reason) -> String {
        var content: [UInt8] = []
        var index = body.startIndex
        while index < body.endIndex {
            switch body[index] {
            case UInt8(ascii: "\""):
                let rest = body[(index + 1)...]
                guard rest.isEmpty else { throw .textAfterString(option: shownName(name), printable(rest)) }
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\") where index + 1 < body.endIndex && body[index + 1] != 0:
                content.append(body[index + 1])
                index += 2
            case 0: throw .unreadableValue(option: shownName(name), printable(body))
            case let byte:
                content.append(byte)
                index += 1
            }
        }
        throw .unterminatedString(option: shownName(name))
    }

    /// The options that the line last read names, wherever in it they stand; at most eight.
    ///
    /// Of a line that cannot be read: what it wanted to say of them nobody knows.
    func optionsNamed() -> [String] {
        var names: [String] = []
        var index = range.lowerBound
        let end = min(range.upperBound, index + 4096)
        while index < end, names.count < 8 {
            guard bytes[index] == UInt8(ascii: "C"), let name = name(in: index..<end) else {
                index += 1
                continue
            }
            names.append(text(name))
            index = name.upperBound
        }
        return names
    }

    /// Whether the line last read holds bytes that no text has, as after a disk or a copy went wrong.
    var isDamaged: Bool {
        bytes[range].contains { $0 < 0x20 && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r") }
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private func shownName(_ range: Range<Int>) -> String {
        printable(bytes[range])
    }
}

extension ConfigLineReader {
    private static let prefix = Array("CONFIG_".utf8)
    private static let notSet = Array(" is not set".utf8)

    /// Space, tab, and the carriage return of a file that was edited on Windows.
    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    /// What Kconfig allows in a symbol's name.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Decimal with an optional minus sign, or `0x` and hexadecimal digits.
    private static func isNumber(_ value: ArraySlice<UInt8>) -> Bool {
        let digits = value.first == UInt8(ascii: "-") ? value.dropFirst() : value
        if digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8) {
            let hexadecimal = digits.dropFirst(2)
            return !hexadecimal.isEmpty
                && hexadecimal.allSatisfy {
                    isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0 | 0x20)
                }
        }
        return !digits.isEmpty && digits.allSatisfy(isDigit)
    }
}
