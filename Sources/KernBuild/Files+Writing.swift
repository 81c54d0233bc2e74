import Glibc
import SystemPackage

extension Files {
    /// Makes a folder and those above it; a folder that is there already is no error.
    static func makeFolder(_ path: FilePath) -> Result<Void, Errno> {
        if kind(of: path) == .success(.folder) { return .success(()) }
        if !path.removingLastComponent().isEmpty, case .failure(let cause) = makeFolder(path.removingLastComponent()) {
            return .failure(cause)
        }
        if mkdir(path.string, 0o777) == 0 { return .success(()) }
        let cause = Errno.latest
        guard cause == .fileExists else { return .failure(cause) }
        // Another process may have made it in between; or a file is in the way.
        return kind(of: path) == .success(.folder) ? .success(()) : .failure(.notDirectory)
    }

    /// Puts a file in place in one step: whoever reads it sees the old content or the new one, never a part.
    ///
    /// A file that already has the content is left as it is.
    static func write(_ bytes: [UInt8], to path: FilePath) -> Result<Void, Errno> {
        if case .success(bytes) = read(path, limit: bytes.count + 1) { return .success(()) }
        let temporary = FilePath("\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).tmp")
        unlink(temporary.string)
        let written = attempt {
            let file = try FileDescriptor.open(
                temporary,
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead]
            )
            try file.closeAfter { _ = try file.writeAll(bytes) }
        }
        return written.flatMap { rename(temporary, to: path) }.mapError { cause in
            unlink(temporary.string)
            return cause
        }
    }

    /// Puts a symbolic link in place in one step.
    static func link(_ path: FilePath, to destination: String) -> Result<Void, Errno> {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(path.string, &buffer, buffer.count)
        let present = buffer.prefix(max(0, length)).lazy.map { UInt8(bitPattern: $0) }
        if length >= 0, present.elementsEqual(destination.utf8) { return .success(()) }
        let temporary = FilePath("\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).tmp")
        unlink(temporary.string)
        guard symlink(destination, temporary.string) == 0 else { return .failure(.latest) }
        return rename(temporary, to: path).mapError { cause in
            unlink(temporary.string)
            return cause
        }
    }

    /// Moves a file over another of the same file system.
    static func rename(_ old: FilePath, to new: FilePath) -> Result<Void, Errno> {
        let code = Glibc.rename(old.string, new.string)
        return code == 0 ? .success(()) : .failure(.latest)
    }

    /// Flushes a file to disk, so that a name never outlives its content in a crash.
    static func synchronize(_ path: FilePath) -> Result<Void, Errno> {
        attempt {
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            let code = fsync(file.rawValue)
            let cause = Errno.latest
            try file.close()
            if code != 0 { throw cause }
        }
    }

    /// Takes a lock on a file, which is made for it; the lock ends with the descriptor, and so with the process.
    ///
    /// - Returns: `nil` where another holds it, or the file system has no locks.
    static func lock(_ path: FilePath) -> FileDescriptor? {
        let file = try? FileDescriptor.open(
            path,
            .readWrite,
            options: [.create, .closeOnExec],
            permissions: [.ownerReadWrite]
        )
        guard let file else { return nil }
        if flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 { return file }
        try? file.close()
        return nil
    }

    /// Makes a new folder whose name nobody else has.
    static func makeUniqueFolder(_ prefix: FilePath) -> Result<FilePath, Errno> {
        var template = Array("\(prefix)XXXXXX".utf8CString)
        return template.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, mkdtemp(base) != nil else { return .failure(.latest) }
            return .success(FilePath(platformString: base))
        }
    }

    /// Removes a file; one that is not there is no error.
    static func removeFile(_ path: FilePath) -> Result<Void, Errno> {
        if unlink(path.string) == 0 { return .success(()) }
        let cause = Errno.latest
        return cause == .noSuchFileOrDirectory ? .success(()) : .failure(cause)
    }

    /// Removes a folder if nothing is in it.
    static func removeEmptyFolder(_ folder: FilePath) { rmdir(folder.string) }

    /// Removes a folder and all below it; links are removed and not followed.
    static func removeTree(_ path: FilePath) -> Result<Void, Errno> {
        var status = stat()
        guard lstat(path.string, &status) == 0 else {
            let cause = Errno.latest
            return cause == .noSuchFileOrDirectory ? .success(()) : .failure(cause)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return removeFile(path) }
        for name in names(in: path) {
            if case .failure(let cause) = removeTree(path.appending(name)) { return .failure(cause) }
        }
        return rmdir(path.string) == 0 ? .success(()) : .failure(.latest)
    }

    /// Seconds since a file or folder was last changed; `nil` if it is not there.
    static func age(of path: FilePath) -> Int64? {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return nil }
        return FileStamp.now / 1_000_000_000 - Int64(status.st_mtim.tv_sec)
    }

    /// Removes a folder of files, as far as it can be removed.
    static func removeFolder(_ folder: FilePath) {
        for name in names(in: folder) { unlink(folder.appending(name).string) }
        rmdir(folder.string)
    }
}
