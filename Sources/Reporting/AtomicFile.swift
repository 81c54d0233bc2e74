import Glibc

/// Files that are written whole or not at all.
public enum AtomicFile {
    /// Writes a file through a temporary name in the same folder, fsync(2) and rename(2).
    ///
    /// A reader sees the old file or the new one, also after a power cut. A file that is already there keeps its mode, and
    /// a symbolic link keeps pointing at it. What is no regular file (`/dev/stdout`, a FIFO) has nothing to be renamed
    /// over, and is written to as it is. Blocks until the disk has the bytes.
    ///
    /// - Throws: ``FileWriteError``; the file is then what it was before, and the temporary name is gone.
    public static func write(_ bytes: [UInt8], to path: String) throws(FileWriteError) {
        try write(to: path) { (file: Int32) throws(FileWriteError) in try writeAll(bytes, to: file, path) }
    }

    /// Writes what a body puts into a sink, in the same manner, without having it in memory as a whole.
    ///
    /// - Throws: ``FileWriteError``, or what the body throws; the file is then what it was before.
    public static func stream(to path: String, _ body: (ReportSink) throws -> Void) throws {
        var objection: (any Error)?
        do {
            try write(to: path) { (file: Int32) throws(FileWriteError) in
                let sink = ReportSink { try writeAll($0, to: file, path) }
                do {
                    try body(sink)
                    try sink.finish()
                } catch {
                    objection = error
                    throw error as? FileWriteError ?? FileWriteError("write", path, code: EINVAL)
                }
            }
        } catch {
            throw objection ?? error
        }
    }

    /// Finds out whether a file could be written, before there is anything to write.
    ///
    /// - Throws: ``FileWriteError`` as writing would.
    public static func check(_ path: String) throws(FileWriteError) {
        var status = stat()
        let isThere = stat(path, &status) == 0
        if isThere && status.st_mode & S_IFMT == S_IFDIR { throw FileWriteError("open", path, code: EISDIR) }
        if isThere && status.st_mode & S_IFMT != S_IFREG {
            if access(path, W_OK) != 0 { throw FileWriteError("access", path) }
            return
        }
        let (temporary, file) = try openTemporary(for: isThere ? try resolved(path) : path, path)
        close(file)
        unlink(temporary)
    }

    /// The same with the filling of the temporary file left to the caller, so that a full disk can be played.
    static func write(to path: String, fill: (Int32) throws(FileWriteError) -> Void) throws(FileWriteError) {
        var status = stat()
        let isThere = stat(path, &status) == 0
        if isThere && status.st_mode & S_IFMT != S_IFREG { return try writeInPlace(path, fill) }
        let target = isThere ? try resolved(path) : path
        let (temporary, file) = try openTemporary(for: target, path)
        do throws(FileWriteError) {
            defer { close(file) }
            if isThere && fchmod(file, status.st_mode & 0o7777) != 0 { throw FileWriteError("fchmod", path) }
            try fill(file)
            if fsync(file) != 0 { throw FileWriteError("fsync", path) }
            if rename(temporary, target) != 0 { throw FileWriteError("rename", path) }
        } catch {
            unlink(temporary)
            throw error
        }
        syncFolder(of: target)
    }

    private static func writeInPlace(_ path: String, _ fill: (Int32) throws(FileWriteError) -> Void)
        throws(FileWriteError)
    {
        let file = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
        if file < 0 { throw FileWriteError("open", path) }
        defer { close(file) }
        try fill(file)
    }

    private static func resolved(_ path: String) throws(FileWriteError) -> String {
        guard let target = realpath(path, nil) else { throw FileWriteError("realpath", path) }
        defer { free(target) }
        return String(cString: target)
    }

    /// Opens a new file beside the target: rename(2) works within one file system only.
    private static func openTemporary(for target: String, _ path: String) throws(FileWriteError) -> (String, Int32) {
        for attempt in 0..<100 {
            let temporary = "\(folder(of: target)).bpf-assay.\(getpid()).\(attempt).tmp"
            let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
            if file >= 0 { return (temporary, file) }
            // The name of a process that was killed, whose id has come round again.
            if errno != EEXIST { break }
        }
        throw FileWriteError("open", path)
    }

    /// The folder with the slash behind it; empty for a bare name.
    private static func folder(of path: String) -> Substring {
        path.lastIndex(of: "/").map { path[...$0] } ?? ""
    }

    /// Makes the new name last.
    ///
    /// The bytes are safe by then, so a file system that cannot do this is no failure.
    private static func syncFolder(of path: String) {
        let folder = folder(of: path)
        let descriptor = open(folder.isEmpty ? "." : String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32, _ path: String) throws(FileWriteError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Self.writeSome(file, $0) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw FileWriteError("write", path)
            }
        }
    }

    private static func writeSome(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        Glibc.write(file, bytes.baseAddress, bytes.count)
    }
}
