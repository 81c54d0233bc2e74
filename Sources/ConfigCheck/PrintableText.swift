/// Foreign bytes as text that is safe to print on a terminal.
///
/// Bytes outside printable ASCII become `\xNN`: a config or profile must not be able to move the cursor, and invalid
/// UTF-8 must stay recognisable.
///
/// - Parameters:
///   - bytes: The text.
///   - limit: How many characters to keep; `…` stands for the rest.
/// - Returns: Printable ASCII, and `…` at the end of a text that was cut.
func printable(_ bytes: some Sequence<UInt8>, limit: Int = 60) -> String {
    let hexDigits = Array("0123456789abcdef".unicodeScalars)
    var text = ""
    var length = 0
    for byte in bytes {
        let width = (0x20..<0x7f).contains(byte) ? 1 : 4
        // `text.count` here would make this quadratic for a limit that is large.
        if length + width >= limit { return text + "…" }
        length += width
        if width == 1 {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
            text += "\\x"
            text.unicodeScalars.append(hexDigits[Int(byte >> 4)])
            text.unicodeScalars.append(hexDigits[Int(byte & 15)])
        }
    }
    return text
}

/// Foreign text with its control characters made visible; what is printable in any language stays.
func printable(_ text: String, limit: Int = 60) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        // Format characters (Cf) include the bidirectional overrides, which can make a line read as another one.
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
            shown += "\\u{" + String(scalar.value, radix: 16) + "}"
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return text.unicodeScalars.count > limit ? shown + "…" : shown
}
