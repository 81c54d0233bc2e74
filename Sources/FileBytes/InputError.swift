public import SystemPackage

/// Why a file that somebody named cannot be read.
public enum InputError: Error, Sendable, Hashable {
    /// The system refused.
    case refused(Errno)
    /// The path leads to a folder.
    case folder
    /// The path leads to a device, whose end may never come.
    case device
    /// The path leads to a socket.
    case socket
    /// The path leads to a pipe or a FIFO, and the input is read more than once.
    case pipe
    /// The path leads to a FIFO that nobody opened for writing.
    case noWriter
    /// The file is a regular one that has nothing to read now, as files of tracefs have.
    case endless
    /// The file is larger than this many bytes.
    case tooLarge(limit: Int)
}

extension InputError: CustomStringConvertible {
    /// The cause and, where one is known, the remedy; a clause to follow the name of the file.
    public var description: String {
        switch self {
        case .refused(.tooManyOpenFiles): "\(Errno.tooManyOpenFiles.inWords); raise the limit with 'ulimit -n'"
        case .refused(let errno): errno.inWords
        case .folder: "it is a folder; name a file in it"
        case .device: "it is a device; name a file"
        case .socket: "it is a socket; name a file"
        case .pipe: "it is a pipe, and it is read more than once; name a file"
        case .noWriter: "it is a pipe that no process writes to; start the writer first, or name a file"
        case .endless: "it never ends; copy what it holds into a file and name that"
        case .tooLarge(let limit): "it is larger than \(Self.size(limit)), the most that is read of such a file"
        }
    }

    /// A number of bytes in words.
    static func size(_ count: Int) -> String {
        count >= 1 << 20 ? "\(count >> 20) MiB" : count >= 1 << 10 ? "\(count >> 10) KiB" : "\(count) bytes"
    }
}

extension Errno {
    /// The error in words and by its symbol, as far as files give it: `permission denied (EACCES)`.
    var inWords: String {
        let words = description
        let lowered = words.prefix(1).lowercased() + words.dropFirst()
        let symbols: [Errno: String] = [
            .permissionDenied: "EACCES", .notPermitted: "EPERM", .noSuchFileOrDirectory: "ENOENT", .ioError: "EIO",
            .notDirectory: "ENOTDIR", .isDirectory: "EISDIR", .tooManySymbolicLinkLevels: "ELOOP",
            .fileNameTooLong: "ENAMETOOLONG", .tooManyOpenFiles: "EMFILE", .tooManyOpenFilesInSystem: "ENFILE",
            .noMemory: "ENOMEM", .noSuchAddressOrDevice: "ENXIO", .invalidArgument: "EINVAL",
        ]
        return symbols[self].map { "\(lowered) (\($0))" } ?? lowered
    }
}
