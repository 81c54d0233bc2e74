/// What a guest's console shows, taken apart into lines as it comes.
///
/// Anybody in the guest can write anything to it, so nothing is decided by it alone.
struct ConsoleWatch {
    /// The most lines that are kept.
    private static let keptLines = 400
    /// The longest line; a flood without line feeds is cut.
    private static let longestLine = 4096

    /// The last lines, without carriage returns.
    private(set) var lines: [String] = []
    /// How many bytes have come.
    private(set) var count = 0
    /// Where the first panic stands in what was said so far, and the lines around it as they came.
    private(set) var panic: [String]?
    private var pending: [UInt8] = []
    /// How many more lines belong to the panic's excerpt.
    private var excerptLeft = 0

    /// Takes in what has come.
    mutating func take(_ bytes: [UInt8]) {
        count += bytes.count
        for byte in bytes {
            if byte == 0x0a || pending.count >= Self.longestLine {
                finishLine()
            } else if byte != 0x0d {
                pending.append(byte)
            }
        }
    }

    /// Ends the last line, when nothing more can come.
    mutating func finish() {
        if !pending.isEmpty { finishLine() }
    }

    private mutating func finishLine() {
        let line = String(decoding: pending, as: UTF8.self)
        pending.removeAll(keepingCapacity: true)
        lines.append(line)
        if lines.count > Self.keptLines * 2 { lines.removeFirst(Self.keptLines) }
        if excerptLeft > 0 {
            panic?.append(line)
            excerptLeft -= 1
        } else if panic == nil, Self.isPanic(Self.message(of: line)) {
            // What led to it stands before it, from the first line of the report on.
            let recent = lines.suffix(60)
            let start =
                recent.firstIndex { Self.beginsReport(Self.message(of: $0)) }
                ?? max(recent.startIndex, recent.endIndex - 4)
            panic = Array(lines[start...].suffix(30))
            excerptLeft = 10
        }
    }

    /// A line without the time, and the caller, that printk puts before it: `[    1.234567][    T1] text`.
    static func message(of line: String) -> Substring {
        var rest = line[...]
        for _ in 0..<2 {
            guard rest.first == "[", let end = rest.firstIndex(of: "]") else { return rest }
            let inside = rest[rest.index(after: rest.startIndex)..<end].drop { $0 == " " }
            guard inside.allSatisfy({ $0.isNumber || $0 == "." || $0 == "T" || $0 == "C" }) else { return rest }
            rest = rest[rest.index(after: end)...]
            if rest.first == " " { rest = rest.dropFirst() }
        }
        return rest
    }

    /// The line of a panic; `nil` where there was none.
    var panicLine: String? {
        panic?.first { Self.isPanic(Self.message(of: $0)) }.map { String(Self.message(of: $0)) }
    }

    private static func isPanic(_ message: Substring) -> Bool {
        message.hasPrefix("Kernel panic - not syncing")
    }

    private static func beginsReport(_ message: Substring) -> Bool {
        ["BUG: ", "Oops: ", "kernel BUG at ", "general protection fault", "Out of memory", "sysrq: "].contains {
            message.hasPrefix($0)
        }
    }
}
