import Glibc

/// Writes the Swift sources that a build makes for itself: `source-writer index|versions OUTPUT ...`.
@main
enum SourceWriter {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("index", 4...):
            write(sampleIndex(of: arguments[2], in: arguments[3], arguments.dropFirst(4)), arguments[1])
        case ("versions", 2...): write(versionList(arguments.dropFirst(2)), arguments[1])
        default:
            complain(
                "usage: source-writer index OUTPUT MODULE FOLDER FILE...\n       source-writer versions OUTPUT NAME VERSION...",
                64
            )
        }
    }

    /// Writes a source under another name first, so that a build that is killed never compiles half of one.
    private static func write(_ text: String, _ path: String) {
        let unfinished = "\(path).unfinished"
        guard let file = fopen(unfinished, "w") else { complain("opening '\(unfinished)': \(cause)", 74) }
        let isWritten = fputs(text, file) >= 0
        // A full disk may show only when the stream's buffer is flushed.
        guard fclose(file) == 0, isWritten else { complain("writing '\(unfinished)': \(cause)", 74) }
        guard rename(unfinished, path) == 0 else { complain("renaming '\(unfinished)' to '\(path)': \(cause)", 74) }
    }

    private static var cause: String { String(cString: strerror(errno)) }

    /// Ends the build with a message.
    static func complain(_ text: String, _ status: Int32) -> Never {
        let line = text + "\n"
        _ = line.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
        exit(status)
    }
}
