import RunModel

/// JSON as it is laid out in reports: sorted keys, indented by two, or all on one line.
///
/// The same value gives the same bytes.
struct JSONLayout {
    /// What was written so far; whoever takes it may empty it.
    var bytes: [UInt8] = []
    /// A number that JSON cannot represent; `null` was written in its place.
    private(set) var oddNumber: Double?
    private let isPretty: Bool
    private var depth: Int
    private var isFirst = true

    /// Creates a layout.
    ///
    /// - Parameters:
    ///   - pretty: Whether each value has a line of its own.
    ///   - depth: How far the first line is indented already.
    init(pretty: Bool, depth: Int = 0) {
        isPretty = pretty
        self.depth = depth
    }

    mutating func begin(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(truncatingIfNeeded: bracket.value))
        depth += 1
        isFirst = true
    }

    mutating func end(_ bracket: Unicode.Scalar) {
        depth -= 1
        // An empty list is laid out as Foundation's encoder does it, which wrote the records of earlier versions.
        if isFirst, isPretty { bytes.append(UInt8(ascii: "\n")) }
        breakLine()
        bytes.append(UInt8(truncatingIfNeeded: bracket.value))
        isFirst = false
    }

    /// Begins an element of a list.
    mutating func element() {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        breakLine()
        isFirst = false
    }

    /// Begins a member of an object; keys must come in order.
    mutating func key(_ name: String) {
        element()
        string(name)
        bytes.append(contentsOf: isPretty ? " : ".utf8 : ":".utf8)
    }

    private mutating func breakLine() {
        guard isPretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth { bytes.append(contentsOf: [0x20, 0x20]) }
    }

    mutating func value(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let value): bool(value)
        case .integer(let value): raw("\(value)")
        case .unsigned(let value): raw("\(value)")
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let values): list(values) { $0.value($1) }
        case .object(let members):
            begin("{")
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                key(name)
                self.value(value)
            }
            end("}")
        }
    }

    mutating func list<Element>(_ elements: [Element], _ write: (inout JSONLayout, Element) -> Void) {
        begin("[")
        for element in elements {
            self.element()
            write(&self, element)
        }
        end("]")
    }

    mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

    /// Writes a number; a whole one as an integer, which it is read back as.
    mutating func number(_ value: Double) {
        if let whole = Int64(exactly: value) {
            raw("\(whole)")
        } else if let whole = UInt64(exactly: value) {
            raw("\(whole)")
        } else if value.isFinite {
            raw("\(value)")
        } else {
            oddNumber = value
            raw("null")
        }
    }

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Writes a string, with escapes for what RFC 8259 forbids in it and for nothing else.
    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            bytes.append(contentsOf: text.utf8)
        } else {
            for byte in text.utf8 { escaped(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case 0x08: raw("\\b")
        case 0x09: raw("\\t")
        case 0x0A: raw("\\n")
        case 0x0C: raw("\\f")
        case 0x0D: raw("\\r")
        case 0..<0x20: raw(byte < 0x10 ? "\\u000" + String(byte, radix: 16) : "\\u00" + String(byte, radix: 16))
        default: bytes.append(byte)
        }
    }
}
