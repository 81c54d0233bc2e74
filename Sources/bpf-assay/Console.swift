import FileBytes
import Glibc
import Reporting
import RunModel
import Synchronization
import SystemPackage

/// Where the commands write: data to standard output, talk to standard error.
///
/// What standard output did not take is remembered, and is what the process ends with: see ``Ending``.
enum Console {
    private static let firstFailure = Mutex<CInt?>(nil)
    private static let live = Mutex(LiveLine())

    /// Sees to it that no file is opened under the number of a standard stream that the caller closed.
    ///
    /// What is written to such a stream is refused, as if it were still closed.
    static func reserveDescriptors() {
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
            _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Writes a line of data.
    static func put(_ line: String) {
        put(text: "\(line)\n")
    }

    /// Writes text as it is.
    static func put(text: String) {
        try? putBytes(Array(text.utf8))
    }

    /// Writes what a body puts into a sink.
    ///
    /// - Throws: What the body throws.
    static func put(_ body: (ReportSink) throws -> Void) throws {
        let sink = ReportSink { try putBytes($0) }
        try body(sink)
        try? sink.finish()
    }

    private static func putBytes(_ bytes: [UInt8]) throws(FileWriteError) {
        if let code = failure { throw FileWriteError("write", "standard output", code: code) }
        if let code = write(bytes, to: STDOUT_FILENO) {
            firstFailure.withLock { $0 = $0 ?? code }
            throw FileWriteError("write", "standard output", code: code)
        }
    }

    /// The error of the first write that standard output did not take.
    static var failure: CInt? { firstFailure.withLock { $0 } }

    /// Writes a line of talk.
    static func say(_ line: String) {
        say(text: "\(line)\n")
    }

    /// Writes text to standard error as it is, above a live line where there is one.
    static func say(text: String) {
        live.withLock { live in
            let text = live.text.isEmpty ? text : live.update(lines: text, next: live.text, width: width)
            _ = write(Array(text.utf8), to: STDERR_FILENO)
        }
    }

    /// Writes text to standard error and puts another line below it, which the next text takes the place of.
    static func say(text: String, above next: String) {
        live.withLock { live in
            let text = live.update(lines: text, next: next, width: width)
            if !text.isEmpty { _ = write(Array(text.utf8), to: STDERR_FILENO) }
        }
    }

    /// The columns of the terminal that a descriptor is, asked each time since a window can be resized; elsewhere as many as a
    /// line usually has.
    static func width(_ descriptor: CInt) -> Int {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return LineWrap.usualWidth
        }
        return max(Int(size.ws_col), LineWrap.leastWidth)
    }

    /// The columns that a line has that must not wrap.
    private static var width: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// Whether a descriptor wants colour.
    static func hasColour(_ descriptor: CInt) -> Bool { abilities(of: descriptor).hasColour }

    /// What may be written to a descriptor besides text.
    static func abilities(of descriptor: CInt) -> TerminalAbilities {
        TerminalAbilities(isTerminal: isatty(descriptor) == 1) { name in getenv(name).map { String(cString: $0) } }
    }

    /// Whether what is said and what is put stand on one screen.
    static var isOneTerminal: Bool {
        var (output, errors) = (stat(), stat())
        guard isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return false }
        guard fstat(STDOUT_FILENO, &output) == 0, fstat(STDERR_FILENO, &errors) == 0 else { return false }
        return output.st_rdev == errors.st_rdev
    }

    /// Writes bytes.
    ///
    /// - Returns: The error, `nil` where all was taken.
    private static func write(_ bytes: [UInt8], to descriptor: CInt) -> CInt? {
        WriteLoop.write(bytes, to: descriptor)?.rawValue
    }
}
