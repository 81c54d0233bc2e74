import CLinux
import Glibc
import SystemPackage

/// A file descriptor that is closed when this value ends.
public struct OwnedDescriptor: ~Copyable, Sendable {
    /// The descriptor's number, valid as long as this value lives.
    public let number: CInt

    /// Takes over a descriptor that the caller opened and will not close.
    public init(owning number: CInt) {
        self.number = number
    }

    deinit {
        // Closing can only fail for a number that is not open, and this one is.
        _ = Glibc.close(number)
    }

    /// Gives the descriptor up without closing it.
    public consuming func release() -> CInt {
        let number = number
        discard self
        return number
    }

    /// Another descriptor of the same open file, close-on-exec.
    ///
    /// - Throws: ``SystemCallError`` with `EMFILE`.
    public func duplicate() throws(SystemCallError) -> OwnedDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        return OwnedDescriptor(
            owning: try SystemCallError.check(copy, "fcntl(F_DUPFD_CLOEXEC)", on: "descriptor \(number)")
        )
    }

    /// Opens a path, close-on-exec.
    ///
    /// - Throws: ``SystemCallError`` with what open(2) says.
    public static func open(_ path: String, _ flags: CInt) throws(SystemCallError) -> OwnedDescriptor {
        let number = try SystemCallError.check(Glibc.open(path, flags | O_CLOEXEC), "open(2)", on: "'\(path)'")
        return OwnedDescriptor(owning: number)
    }

    /// Makes a pipe whose ends are close-on-exec.
    ///
    /// - Throws: ``SystemCallError`` with `EMFILE` or `ENFILE`.
    public static func pipe() throws(SystemCallError) -> Pipe {
        var ends: [CInt] = [-1, -1]
        try SystemCallError.checkNegated(lx_pipe(&ends), "pipe2(2)", on: "a new pipe")
        return Pipe(reader: OwnedDescriptor(owning: ends[0]), writer: OwnedDescriptor(owning: ends[1]))
    }

    /// The two ends of a pipe.
    public struct Pipe: ~Copyable, Sendable {
        /// Where bytes come out.
        public var reader: OwnedDescriptor
        /// Where bytes go in.
        public var writer: OwnedDescriptor
    }
}

/// Whole small files, by plain system calls: what the kernel's pseudo file systems need.
public enum SmallFile {
    /// Reads a file to its end.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: The most bytes that are read; a larger file is cut there.
    /// - Returns: The bytes, at most that many.
    /// - Throws: ``SystemCallError`` with what open(2) or read(2) says.
    public static func read(_ path: String, limit: Int = 16 << 20) throws(SystemCallError) -> [UInt8] {
        let file = try OwnedDescriptor.open(path, O_RDONLY)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while bytes.count < limit {
            let count = Glibc.read(file.number, &buffer, min(buffer.count, limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            try SystemCallError.check(count, "read(2)", on: "'\(path)'")
            if count == 0 { break }
            bytes += buffer[0..<count]
        }
        return bytes
    }

    /// Reads a file to its end as text; bytes that are no UTF-8 become U+FFFD.
    public static func text(_ path: String, limit: Int = 16 << 20) throws(SystemCallError) -> String {
        String(decoding: try read(path, limit: limit), as: UTF8.self)
    }

    /// Writes a text to an existing file in one write(2), as the kernel's control files want it.
    ///
    /// - Throws: ``SystemCallError`` with what open(2) or write(2) says.
    public static func write(_ text: String, to path: String) throws(SystemCallError) {
        let file = try OwnedDescriptor.open(path, O_WRONLY)
        let bytes = Array(text.utf8)
        try SystemCallError.check(Glibc.write(file.number, bytes, bytes.count), "write(2)", on: "'\(path)'")
    }
}
