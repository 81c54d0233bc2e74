import Glibc
import SystemPackage

/// Files that somebody named on a command line, read without waiting for what may never come.
///
/// A path may lead anywhere: to a FIFO that nobody writes to, to `/dev/zero`, to a file of tracefs whose reader waits. So the
/// kind is looked at first, the file is opened without blocking, and no more is read than such an input can sensibly have.
/// A FIFO or a pipe that somebody writes to (`<(zcat config.gz)`) is read to its end.
public enum InputFile {
    /// How long a FIFO may be without a writer: the writer may have been started at the same moment.
    static let writerTime: CInt = 2000

    /// Reads a file to its end.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: The most bytes that it may have.
    /// - Returns: All its bytes; none of `/dev/null`.
    /// - Throws: ``InputError``.
    public static func read(_ path: String, limit: Int) throws(InputError) -> [UInt8] {
        var bytes: [UInt8] = []
        // Else an array that grows is copied again and again, and for a moment there is twice of it.
        bytes.reserveCapacity(expectedSize(of: path, limit: limit))
        try stream(path, limit: limit) { chunk in
            bytes += chunk
            return true
        }
        return bytes
    }

    /// The size that a file says it has, as far as memory may be asked for on its word.
    private static func expectedSize(of path: String, limit: Int) -> Int {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
        return (0...limit).contains(Int(status.st_size)) ? Int(status.st_size) : 0
    }

    /// Reads a file to its end as text; bytes that are no UTF-8 become U+FFFD.
    ///
    /// - Throws: ``InputError``.
    public static func text(_ path: String, limit: Int) throws(InputError) -> String {
        String(decoding: try read(path, limit: limit), as: UTF8.self)
    }

    /// Reads standard input to its end, whatever it is; a terminal ends with Ctrl-D.
    ///
    /// - Throws: ``InputError``.
    public static func standardInput(limit: Int) throws(InputError) -> [UInt8] {
        var bytes: [UInt8] = []
        try pump(STDIN_FILENO, isPipe: true, hasWriter: true, limit: limit) { chunk in
            bytes += chunk
            return true
        }
        return bytes
    }

    /// The first bytes of a regular file, to see what it is; it can be read again afterwards.
    ///
    /// - Throws: ``InputError``, with ``InputError/pipe`` for a pipe, whose bytes would be lost to the next reader.
    public static func beginning(of path: String, count: Int) throws(InputError) -> [UInt8] {
        guard try kind(of: path) == .regular else { throw .pipe }
        var bytes: [UInt8] = []
        try stream(path, limit: .max) { chunk in
            bytes += chunk.prefix(count - bytes.count)
            return bytes.count < count
        }
        return bytes
    }

    /// Reads a file in pieces.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: The most bytes that it may have.
    ///   - take: Takes a piece, which is gone when it returns; says whether to read on.
    /// - Throws: ``InputError``; a file that says itself that it is too large is not read at all.
    public static func stream(
        _ path: String,
        limit: Int,
        take: (UnsafeBufferPointer<UInt8>) -> Bool
    ) throws(InputError) {
        let kind = try kind(of: path)
        if kind == .empty { return }
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw .refused(Errno(rawValue: errno)) }
        defer { close(descriptor) }
        // What was opened may be something else than what was looked at.
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .refused(Errno(rawValue: errno)) }
        guard try Self.kind(of: status) == kind else { throw .refused(.resourceTemporarilyUnavailable) }
        guard kind == .pipe || Int(status.st_size) <= limit else { throw .tooLarge(limit: limit) }
        try pump(descriptor, isPipe: kind == .pipe, hasWriter: false, limit: limit, take)
    }

    private enum Kind { case regular, pipe, empty }

    private static func kind(of path: String) throws(InputError) -> Kind {
        var status = stat()
        // Before it is opened: opening alone has effects on some devices.
        guard stat(path, &status) == 0 else { throw .refused(Errno(rawValue: errno)) }
        return try kind(of: status)
    }

    private static func kind(of status: stat) throws(InputError) -> Kind {
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .regular
        case S_IFIFO: return .pipe
        case S_IFDIR: throw .folder
        case S_IFSOCK: throw .socket
        // /dev/null, by which people say "an empty one".
        case S_IFCHR where status.st_rdev == 0x103: return .empty
        default: throw .device
        }
    }

    private static func pump(
        _ descriptor: CInt,
        isPipe: Bool,
        hasWriter: Bool,
        limit: Int,
        _ take: (UnsafeBufferPointer<UInt8>) -> Bool
    ) throws(InputError) {
        var hasWriter = hasWriter
        var total = 0
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
            let code = errno
            if count > 0 {
                hasWriter = true
                total += count
                guard total <= limit else { throw .tooLarge(limit: limit) }
                if !take(UnsafeBufferPointer(rebasing: chunk.bindMemory(to: UInt8.self)[..<count])) { return }
            } else if count == 0 {
                if hasWriter || !isPipe { return }
                // Nobody has it open for writing: whoever comes in a moment makes it readable, or ends it.
                guard waitReadable(descriptor, milliseconds: writerTime) else { throw .noWriter }
                hasWriter = true
            } else if code == EAGAIN {
                guard isPipe else { throw .endless }
                // Somebody has it open and may take their time; a signal still ends this process.
                hasWriter = true
                _ = waitReadable(descriptor, milliseconds: -1)
            } else if code != EINTR {
                throw .refused(Errno(rawValue: code))
            }
        }
    }

    private static func waitReadable(_ descriptor: CInt, milliseconds: CInt) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, milliseconds) > 0
    }
}
