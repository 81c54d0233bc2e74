/// The lines of a list that somebody wrote by hand: `WHAT  # COMMENT`.
///
/// Deny lists and lists of allowed splats have this form. Blank lines and lines that begin with `#` mean nothing.
public struct ListLines: Sendable, Hashable {
    /// A line that means something.
    public struct Line: Sendable, Hashable {
        /// Its number, from 1.
        public let number: Int
        /// What stands before the `#`, without spaces around it.
        public let text: String
        /// What follows the `#`, without spaces around it; `nil` where there is no `#`.
        public let comment: String?
    }

    /// A list that cannot be used, with the place.
    public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// The list: a file's path, or what else it is called.
        public let list: String
        /// The line's number, from 1; `nil` where the whole list is meant.
        public let line: Int?
        /// What is wrong, and what to do.
        public let cause: String

        /// Creates a fault.
        public init(list: String, line: Int?, cause: String) {
            self.list = list
            self.line = line
            self.cause = cause
        }

        /// Where and what: `reading '…': line 3: …`.
        public var description: String {
            "reading '\(list)': \(line.map { "line \($0): " } ?? "")\(cause)"
        }
    }

    /// The lines, in their order.
    public let lines: [Line]

    /// Reads a list.
    ///
    /// - Parameters:
    ///   - bytes: The file's contents, UTF-8.
    ///   - list: What the list is called in messages.
    ///   - mark: What begins a comment behind a text: `#`, or ` #` where a `#` may be part of the text.
    /// - Throws: ``Fault`` for a line that is no text: a binary file was named by mistake.
    public init(_ bytes: [UInt8], list: String, commentMark mark: String = "#") throws(Fault) {
        var lines: [Line] = []
        for (index, raw) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            guard let text = String(validating: raw, as: UTF8.self),
                !text.unicodeScalars.contains(where: Self.isControl)
            else {
                throw Fault(
                    list: list,
                    line: index + 1,
                    cause: "it is not text; write a line 'WHAT  # REASON' for each"
                )
            }
            // A byte order mark is what some editors begin a file with.
            let line = Self.trimmed(text.unicodeScalars.first == "\u{feff}" ? text.dropFirst() : text[...])
            guard !line.isEmpty, line.first != "#" else { continue }
            if let place = line.firstRange(of: mark) {
                lines.append(
                    Line(
                        number: index + 1,
                        text: String(Self.trimmed(line[..<place.lowerBound])),
                        comment: String(Self.trimmed(line[place.upperBound...]))
                    )
                )
            } else {
                lines.append(Line(number: index + 1, text: String(line), comment: nil))
            }
        }
        self.lines = lines
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value < 0x20 && scalar != "\t" && scalar != "\r") || scalar.value == 0x7f
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
