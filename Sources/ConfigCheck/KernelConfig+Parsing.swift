extension KernelConfig {
    /// Reads the text of a kernel configuration file.
    ///
    /// Where an option is set twice the later line wins, as in Kconfig, so that a fragment may be appended to a base;
    /// ``duplicates`` says so. CRLF line ends, a byte order mark, a missing header, comments and blank lines are nothing to
    /// speak of. A line that cannot be read is one of ``faults``: what it names is unknown and the rest is read. The time is
    /// linear in the number of bytes, whatever they are.
    ///
    /// - Parameter bytes: The whole file, not compressed. It need not be valid UTF-8.
    public init(parsing bytes: [UInt8]) {
        self.init()
        // Real configs have a line every 25 to 35 bytes. The bound keeps a file of newlines from reserving gigabytes.
        entries.reserveCapacity(min(bytes.count / 32, 1 << 15))
        var reader = ConfigLineReader(bytes)
        var conflict: MergeConflict?
        while true {
            let line: ConfigLine
            do {
                guard let next = try reader.next() else { break }
                line = next
            } catch {
                if conflict?.take(marker: reader.bytes[reader.range]) == true {
                    if conflict?.isOver == true { settle(&conflict) }
                } else if MergeConflict.begins(reader.bytes[reader.range]) {
                    settle(&conflict)
                    conflict = MergeConflict(line: error.line)
                } else {
                    add(error, of: reader)
                }
                continue
            }
            switch line {
            case .blank: break
            case .comment(let range):
                let text = reader.bytes[range]
                // Kconfig ends every line, and the last one is at most the end of a menu.
                if isGenerated, reader.isUnfinished, !text.starts(with: Self.endOfMenu) {
                    add(ConfigSyntaxError(line: reader.number, reason: .cutShort("#" + printable(text))), of: reader)
                }
                readHeader(text)
            case .setting(let option, let value):
                // Kconfig ends every line with a newline. Of all values only a number can lose its end and still be
                // one, so a generated file that stops behind a number may have said 8192 where it now says 81.
                if case .number(let digits) = value, reader.isUnfinished, isGenerated {
                    let text = printable("\(option)=\(digits)".utf8)
                    add(ConfigSyntaxError(line: reader.number, reason: .cutShort(text)), of: reader)
                    continue
                }
                conflict?.note(option, value)
                record(option, Entry(value: value, line: reader.number))
            }
        }
        settle(&conflict)
    }

    private static let endOfMenu = Array(" end of ".utf8)
    private static let generatedMark = Array(" Automatically generated".utf8)

    /// A header stands before the first option; a menu's title may look like one and must not count.
    private mutating func readHeader(_ text: ArraySlice<UInt8>) {
        guard entries.isEmpty, !isGenerated || header == nil else { return }
        header = header ?? Header(String(decoding: text.prefix(200), as: UTF8.self))
        if text.starts(with: Self.generatedMark) || header != nil { isGenerated = true }
    }

    private mutating func record(_ option: String, _ entry: Entry) {
        doubts[option] = nil
        guard let earlier = entries.updateValue(entry, forKey: option), duplicates.count < Self.duplicateLimit else {
            return
        }
        duplicates.append(Duplicate(option: option, earlierLine: earlier.line, line: entry.line))
    }

    /// Takes a line that cannot be read: nobody knows what it says of the options that it names.
    private mutating func add(_ fault: ConfigSyntaxError, of reader: ConfigLineReader) {
        if faults.count < Self.faultLimit { faults.append(fault) }
        faultCount += 1
        switch fault.reason {
        case .cutShort, .overlong: isIncomplete = true
        default: isIncomplete = isIncomplete || reader.isDamaged
        }
        for option in reader.optionsNamed() { doubt(option, fault) }
    }

    private mutating func doubt(_ option: String, _ fault: ConfigSyntaxError) {
        entries[option] = nil
        doubts[option] = fault
    }

    /// Ends a conflict: what its two sides say differently is unknown.
    private mutating func settle(_ conflict: inout MergeConflict?) {
        guard let ended = conflict else { return }
        conflict = nil
        let fault = ConfigSyntaxError(line: ended.line, reason: .mergeConflict)
        if faults.count < Self.faultLimit { faults.append(fault) }
        faultCount += 1
        for option in ended.disputed { doubt(option, fault) }
    }
}

/// The two sides of a conflict that git(1) or merge(1) left in a file.
private struct MergeConflict {
    /// Where it begins, from 1.
    let line: Int
    private(set) var isOver = false
    private var side = 0
    /// What each side sets, and the common ancestor that `diff3` shows between them.
    private var sides: [[String: KernelConfig.Value]] = [[:], [:], [:]]

    init(line: Int) { self.line = line }

    static func begins(_ text: ArraySlice<UInt8>) -> Bool { isMarker(text, "<") }

    /// Whether a line is a marker inside the conflict, which it takes.
    mutating func take(marker text: ArraySlice<UInt8>) -> Bool {
        if Self.isMarker(text, "|") {
            side = 1
        } else if Self.isMarker(text, "=") {
            side = 2
        } else if Self.isMarker(text, ">") {
            isOver = true
        } else {
            return false
        }
        return true
    }

    mutating func note(_ option: String, _ value: KernelConfig.Value) { sides[side][option] = value }

    /// The options that the two sides set differently, or only one of them sets.
    var disputed: [String] {
        Set(sides.flatMap(\.keys)).filter { sides[0][$0] != sides[2][$0] || sides[2][$0] == nil }.sorted()
    }

    private static func isMarker(_ text: ArraySlice<UInt8>, _ sign: Unicode.Scalar) -> Bool {
        let marker = [UInt8](repeating: UInt8(ascii: sign), count: 7)
        return text.starts(with: marker) && (text.count == 7 || text.dropFirst(7).first == UInt8(ascii: " "))
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
