/// Complaints of a kernel against itself that are known and put up with, each with a reason.
///
/// A line is `TEXT  # REASON`; a line of the kernel's log that contains the text makes no sample fail. A line without a reason
/// is an error: nobody could tell later whether it may go.
public struct SplatAllowList: Sendable, Hashable {
    /// A line that gives no text or no reason.
    public struct NoReason: Error, Sendable, Hashable, CustomStringConvertible {
        /// Its number, from 1.
        public let line: Int

        /// Which line, and what it lacks.
        public var description: String {
            "line \(line) of the list of allowed splats: write 'TEXT  # REASON', with a reason for putting up with it"
        }
    }

    private let texts: [String]

    /// An empty list.
    public init() {
        texts = []
    }

    /// Reads a list; blank lines and lines that begin with `#` mean nothing.
    ///
    /// - Throws: ``NoReason`` for the first line without a text of at least four letters or without a reason.
    public init(parsing list: String) throws(NoReason) {
        var texts: [String] = []
        for (index, line) in list.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.drop { $0.isWhitespace }
            guard !line.isEmpty, line.first != "#" else { continue }
            guard let mark = line.range(of: " #") else { throw NoReason(line: index + 1) }
            var text = line[..<mark.lowerBound]
            while text.last?.isWhitespace == true { text.removeLast() }
            let reason = line[mark.upperBound...].drop { $0.isWhitespace }
            // A shorter text would allow nearly everything.
            guard text.count >= 4, !reason.isEmpty else { throw NoReason(line: index + 1) }
            texts.append(String(text))
        }
        self.texts = texts
    }

    /// Whether a line of the kernel's log is put up with.
    public func allows(_ line: String) -> Bool {
        texts.contains { line.contains($0) }
    }
}

extension Substring {
    /// Where a text stands first; by characters, without Foundation.
    fileprivate func range(of text: String) -> Range<Index>? {
        firstRange(of: text)
    }
}
