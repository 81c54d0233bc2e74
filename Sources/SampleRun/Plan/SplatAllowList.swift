public import CommandInput

/// Kernel warnings that are known and ignored, each with a reason.
///
/// A line is `TEXT  # REASON`; a line of the kernel's log that contains the text makes no sample fail. A line without a reason
/// is an error: nobody could tell later whether it may go.
public struct SplatAllowList: Sendable, Hashable {
    private let texts: [String]

    /// An empty list.
    public init() {
        texts = []
    }

    /// Reads a list.
    ///
    /// - Parameters:
    ///   - bytes: The file's contents.
    ///   - list: What the list is called in messages, such as its path.
    /// - Throws: `ListLines.Fault` for the first line without a text of at least four letters or without a reason.
    public init(_ bytes: [UInt8], list: String) throws(ListLines.Fault) {
        var texts: [String] = []
        // A `#` may be part of a message: `#PF`.
        for line in try ListLines(bytes, list: list, commentMark: " #").lines {
            // A shorter text would allow nearly everything.
            guard line.text.count >= 4, let reason = line.comment, !reason.isEmpty else {
                throw ListLines.Fault(
                    list: list,
                    line: line.number,
                    cause: "write 'TEXT  # REASON', with at least four letters of the warning and why it is ignored"
                )
            }
            texts.append(line.text)
        }
        self.texts = texts
    }

    /// Whether to ignore a line of the kernel log.
    public func allows(_ line: String) -> Bool {
        texts.contains { line.contains($0) }
    }
}
