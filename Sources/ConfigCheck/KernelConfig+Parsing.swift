extension KernelConfig {
    /// Reads the text of a kernel configuration file.
    ///
    /// Where an option is set twice the later line wins, as in Kconfig, so that a fragment may be appended to a base;
    /// ``duplicates`` says so. CRLF line ends, a missing header, comments and blank lines are no errors. The time is
    /// linear in the number of bytes, whatever they are.
    ///
    /// - Parameter bytes: The whole file, not compressed. It need not be valid UTF-8.
    /// - Throws: ``ConfigSyntaxError`` for the first line that is neither a setting, a comment nor blank, and for a
    ///   file that ends in the middle of a line.
    public init(parsing bytes: [UInt8]) throws(ConfigSyntaxError) {
        self.init()
        // Real configs have a line every 25 to 35 bytes. The bound keeps a file of newlines from reserving gigabytes.
        entries.reserveCapacity(min(bytes.count / 32, 1 << 15))
        var reader = ConfigLineReader(bytes)
        var isGenerated = false
        while let line = try reader.next() {
            switch line {
            case .blank: break
            case .comment(let range):
                // A header stands before the first option; a menu's title may look like one and must not count.
                guard entries.isEmpty, !isGenerated || header == nil else { break }
                let text = bytes[range]
                if text.starts(with: Self.generatedMark) { isGenerated = true }
                header = header ?? Header(String(decoding: text.prefix(200), as: UTF8.self))
            case .setting(let option, let value):
                // Kconfig ends every line with a newline. Of all values only a number can lose its end and still be
                // one, so a generated file that stops behind a number may have said 8192 where it now says 81.
                if case .number(let digits) = value, reader.isUnfinished, isGenerated || header != nil {
                    let text = printable("\(option)=\(digits)".utf8)
                    throw ConfigSyntaxError(line: reader.number, reason: .cutShort(text))
                }
                record(option, Entry(value: value, line: reader.number))
            }
        }
    }

    private static let generatedMark = Array(" Automatically generated".utf8)

    private mutating func record(_ option: String, _ entry: Entry) {
        guard let earlier = entries.updateValue(entry, forKey: option), duplicates.count < Self.duplicateLimit else {
            return
        }
        duplicates.append(Duplicate(option: option, earlierLine: earlier.line, line: entry.line))
    }
}

extension KernelConfig.Header {
    /// Reads a comment's text, without its `#`; `nil` if it is no header.
    init?(_ comment: String) {
        let words = comment.split(separator: " ")
        guard words.count == 4, words[2...] == ["Kernel", "Configuration"], words[0].hasPrefix("Linux/"),
            words[1].first?.isNumber == true
        else { return nil }
        arch = String(words[0].dropFirst("Linux/".count))
        versionText = String(words[1])
    }
}
