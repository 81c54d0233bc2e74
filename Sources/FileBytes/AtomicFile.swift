public import Glibc
import SystemPackage

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

    /// Writes a file in the same manner, with the filling of the temporary one left to the caller.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - fill: Writes to a descriptor, which is closed afterwards.
    /// - Throws: ``FileWriteError``, of which `fill` may throw its own; the file is then what it was before.
    public static func write(to path: String, fill: (Int32) throws(FileWriteError) -> Void) throws(FileWriteError) {
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

    /// The process that made a temporary file of such a name; `nil` for any other name.
    ///
    /// What a process that was killed has left can be removed by whoever owns the folder.
    public static func owner(ofTemporary name: String) -> pid_t? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "bpf-assay", parts[4] == "tmp" else { return nil }
        return pid_t(parts[2])
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

    /// Writes all bytes to a descriptor of a file.
    ///
    /// - Throws: ``FileWriteError``.
    public static func writeAll(_ bytes: [UInt8], to file: Int32, _ path: String) throws(FileWriteError) {
        if let cause = WriteLoop.write(bytes, to: file) { throw FileWriteError("write", path, code: cause.rawValue) }
    }
}
