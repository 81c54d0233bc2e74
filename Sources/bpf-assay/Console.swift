import Glibc
import RunModel

/// Where the commands write: data to standard output, talk to standard error.
enum Console {
    /// Writes a line of data.
    static func put(_ line: String) {
        write("\(line)\n", to: STDOUT_FILENO)
    }

    /// Writes text as it is.
    static func put(text: String) {
        write(text, to: STDOUT_FILENO)
    }

    /// Writes a line of talk.
    static func say(_ line: String) {
        write("\(line)\n", to: STDERR_FILENO)
    }

    /// Writes text to standard error as it is.
    static func say(text: String) {
        write(text, to: STDERR_FILENO)
    }

    /// Whether a descriptor is a terminal that wants colour: see no-color.org.
    static func hasColour(_ descriptor: CInt) -> Bool {
        guard isatty(descriptor) == 1 else { return false }
        return getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
    }

    /// The columns of the terminal that a descriptor is, or as many as a line usually has.
    static func width(_ descriptor: CInt) -> Int {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return LineWrap.usualWidth
        }
        return max(Int(size.ws_col), LineWrap.leastWidth)
    }

    private static func write(_ text: String, to descriptor: CInt) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // A reader that has gone away is told by SIGPIPE; nothing sensible is left to do about the rest.
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}
