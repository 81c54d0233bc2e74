/// The text of a config as editors and shells of other systems leave it, brought into the form that Kconfig writes.
enum ConfigText {
    /// The text in UTF-8 without a byte order mark, with a newline at the end of each line.
    ///
    /// PowerShell's `>` writes UTF-16. A file with carriage returns alone is of an old Macintosh or a serial console; those of
    /// CRLF files stay, and the reader takes them for blanks.
    static func plain(_ bytes: [UInt8]) -> [UInt8] {
        var text = bytes
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
            text = Array(bytes.dropFirst(3))
        } else if bytes.starts(with: [0xff, 0xfe]) {
            text = utf8(fromUTF16: bytes.dropFirst(2), high: 1)
        } else if bytes.starts(with: [0xfe, 0xff]) {
            text = utf8(fromUTF16: bytes.dropFirst(2), high: 0)
        }
        let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        guard text.contains(carriageReturn), !text.contains(newline) else { return text }
        return text.map { $0 == carriageReturn ? newline : $0 }
    }

    /// UTF-16 as UTF-8; `high` is the place of the more significant byte in each pair.
    private static func utf8(fromUTF16 bytes: ArraySlice<UInt8>, high: Int) -> [UInt8] {
        let units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { index in
            UInt16(bytes[index + high]) << 8 | UInt16(bytes[index + 1 - high])
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
