import FileBytes

/// Lines of C that hold foreign text.
enum MacroText {
    /// A comment of one line, which foreign text can neither end nor begin anew.
    static func comment(_ text: String) -> String {
        "/* \(ForeignText.line(text, forbidden: ["*"])) */"
    }

    /// A name without a prefix, such as `XDP` of `BPF_PROG_TYPE_XDP`.
    ///
    /// - Returns: `nil` where the name has another prefix, or its rest cannot be a part of a C identifier.
    static func identifier(_ name: String, without prefix: String = "") -> String? {
        guard name.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = name.utf8.dropFirst(prefix.utf8.count)
        let isWord = rest.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
        return rest.isEmpty || !isWord || rest.count > 128 ? nil : String(Substring(rest))
    }

    /// A decimal number, which is all that a macro of the kernel's config can hold here; `nil` for anything else.
    static func number(_ text: String) -> String? {
        let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isNumber && (1...18).contains(text.utf8.count) && (text == "0" || text.utf8.first != UInt8(ascii: "0"))
            ? text : nil
    }
}
