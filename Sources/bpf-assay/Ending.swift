import ArgumentParser
import FileBytes
import Glibc
import Reporting
import RunModel

extension BpfAssay {
    /// Ends the process after a command, which threw this or nothing.
    ///
    /// A command line that cannot be understood is refused in the exit style that it asks for. What standard output did not
    /// take outranks whatever the command found: whoever reads the output must not take half of it for all.
    static func end(after error: (any Error)? = nil) -> Never {
        Console.say(text: "", above: "")
        let style = ExitStyle(askedForBy: CommandLine.arguments)
        var code: Int32 = 0
        if let error {
            let found = exitCode(for: error)
            let isMisuse = found == .validationFailure
            code = isMisuse ? (style ?? .own).code(for: .usage) : found.rawValue
            // Help and the version are thrown as well, and are data.
            let message = fullMessage(for: error)
            if !message.isEmpty { code == 0 ? Console.put(message) : Console.say(message) }
        }
        // A file system over a network may say only now that it has no room.
        if Console.failure == nil, isOpen(STDOUT_FILENO), close(STDOUT_FILENO) != 0 {
            tell(errno)
            Glibc.exit((style ?? .own).code(for: .unavailable))
        }
        if let failure = Console.failure {
            // As a reader that has gone away ends others: by the signal where it is not ignored, else as if by it.
            if failure == EPIPE { Glibc.exit(128 + SIGPIPE) }
            tell(failure)
            Glibc.exit((style ?? .own).code(for: .unavailable))
        }
        Glibc.exit(code)
    }

    private static func isOpen(_ descriptor: CInt) -> Bool { fcntl(descriptor, F_GETFD) >= 0 }

    private static func tell(_ code: CInt) {
        Console.say("bpf-assay: writing standard output: \(FileWriteError.cause(code))")
    }
}
