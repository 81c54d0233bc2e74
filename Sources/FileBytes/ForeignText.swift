/// Making text that a kernel, a compiler or a sample wrote fit for a line.
///
/// Such text is hostile input: a verifier log can hold an escape sequence, a serial log can hold NUL.
public enum ForeignText {
    /// The most bytes of one string that a report other than JSON repeats; the record keeps all of it.
    public static let limit = 16_384

    /// One line that cannot steer a terminal: control characters and what any reader takes for the end of a line are
    /// written as `\n`, `\x1b` or `\u{2028}`.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - forbidden: ASCII characters that the format gives a meaning of its own.
    /// - Returns: The line, without an end, and cut where it is very long.
    public static func line(_ text: String, forbidden: Set<Unicode.Scalar> = []) -> String {
        if isHarmless(text, forbidden) { return text }
        var line = ""
        for scalar in capped(text).unicodeScalars {
            switch scalar {
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F || forbidden.contains(scalar):
                line += "\\x" + hexadecimal(scalar.value, digits: 2)
            case _ where isUnprintable(scalar):
                line += "\\u{" + hexadecimal(scalar.value, digits: 1) + "}"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }

    /// Whether a text is printable ASCII that needs no look at its scalars, as nearly all of a record is.
    public static func isHarmless(_ text: String, _ forbidden: Set<Unicode.Scalar> = []) -> Bool {
        guard text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return false }
        // Those that are forbidden are few: a search for each is quicker than a look-up of each byte.
        return !forbidden.contains { scalar in text.utf8.contains(UInt8(truncatingIfNeeded: scalar.value)) }
    }

    /// At most ``limit`` bytes of a text, with a note of how many were left out.
    public static func capped(_ text: String) -> String {
        let size = text.utf8.count
        guard size > limit else { return text }
        // A cut inside of a character would make U+FFFD of its rest, so the cut moves back to a boundary.
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
        while end.samePosition(in: text.unicodeScalars) == nil { text.utf8.formIndex(before: &end) }
        let kept = text[..<end]
        return "\(kept) [... \(size - kept.utf8.count) more bytes in the record]"
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// C1 controls, the separators at which Python's `splitlines` ends a line, and the marks that turn the direction of
    /// writing round, with which a text can hide what it says.
    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x80...0x9F, 0x2028...0x202E, 0x2066...0x2069, 0xFFFE, 0xFFFF: true
        default: false
        }
    }
}
