import Glibc
import SystemPackage

/// The few calls on files that this module makes, each answering with an errno and none following up on its own.
enum Files {
    /// What a path names, behind symbolic links.
    enum Kind { case file, folder, pipe, device, socket }

    /// A path made absolute against the working folder, without `.`, doubled or trailing slashes.
    ///
    /// `..` is kept: behind a symbolic link it does not mean the folder before it.
    static func absolute(_ path: String) -> FilePath {
        var result = FilePath(path)
        if result.isRelative, let folder = getcwd(nil, 0) {
            result = FilePath(platformString: folder).pushing(result)
            free(folder)
        }
        result.components.removeAll { $0.kind == .currentDirectory }
        return result
    }

    /// A path with every symbolic link followed, as far as it exists; what does not exist yet cannot be a link.
    static func resolved(_ path: FilePath) -> FilePath {
        if let real = realpath(path.string, nil) {
            defer { free(real) }
            return FilePath(platformString: real)
        }
        guard let last = path.lastComponent else { return path }
        return resolved(path.removingLastComponent()).appending(last).lexicallyNormalized()
    }

    /// Why this process may not read a file; `nil` where it may.
    static func refusal(ofReading path: FilePath) -> Errno? {
        access(path.string, R_OK) == 0 ? nil : .latest
    }

    static func kind(of path: FilePath) -> Result<Kind, Errno> { kind(ofPath: path.string) }

    /// The same of a path as text, as it goes to stat(2).
    static func kind(ofPath path: String) -> Result<Kind, Errno> {
        var status = stat()
        guard stat(path, &status) == 0 else { return .failure(.latest) }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .success(.file)
        case S_IFDIR: .success(.folder)
        case S_IFIFO: .success(.pipe)
        case S_IFSOCK: .success(.socket)
        default: .success(.device)
        }
    }

    /// Whether a path names anything, if only a link to nothing.
    static func isThere(_ path: FilePath) -> Bool {
        var status = stat()
        return lstat(path.string, &status) == 0
    }

    static func isLink(_ path: FilePath) -> Bool {
        var status = stat()
        return lstat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    static func isExecutable(_ path: FilePath) -> Bool {
        kind(of: path) == .success(.file) && access(path.string, X_OK) == 0
    }

    /// Why the names in a folder cannot be read; `nil` where they can.
    static func refusal(ofListing folder: FilePath) -> Errno? {
        guard let stream = opendir(folder.string) else { return .latest }
        closedir(stream)
        // Without the right to search, its files have names and nothing else.
        return access(folder.string, X_OK) == 0 ? nil : .latest
    }

    /// The names in a folder, sorted; none if it cannot be read.
    static func names(in folder: FilePath) -> [String] {
        guard let stream = opendir(folder.string) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The first bytes of a regular file.
    ///
    /// Anything else is refused: opening a FIFO to read from it could wait for ever.
    static func read(_ path: FilePath, limit: Int) -> Result<[UInt8], Errno> {
        switch kind(of: path) {
        case .failure(let cause): return .failure(cause)
        case .success(.folder): return .failure(.isDirectory)
        case .success(.pipe), .success(.device), .success(.socket): return .failure(.invalidArgument)
        case .success(.file): break
        }
        return attempt {
            let file = try FileDescriptor.open(path, .readOnly, options: [.nonBlocking, .closeOnExec])
            return try file.closeAfter {
                var bytes: [UInt8] = []
                while bytes.count < limit {
                    let chunk = try [UInt8](unsafeUninitializedCapacity: min(limit - bytes.count, 1 << 16)) {
                        buffer,
                        count in
                        count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                    }
                    if chunk.isEmpty { break }
                    bytes += chunk
                }
                return bytes
            }
        }
    }

    /// The text of bytes, with lines that end as this system's do.
    ///
    /// To Swift `"\r\n"` is one `Character`, which is no `"\n"`: a file with such lines would be one line.
    static func text(_ bytes: [UInt8]) -> String {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard bytes.contains(0x0D) else { return String(decoding: bytes[start...], as: UTF8.self) }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        for index in start..<bytes.count
        where bytes[index] != 0x0D || index + 1 < bytes.count && bytes[index + 1] != 0x0A {
            plain.append(bytes[index])
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// Whether a file is what Git keeps in place of a large one that was never fetched.
    static func isPointer(_ path: FilePath) -> Bool {
        guard case .success(let bytes) = read(path, limit: 64) else { return false }
        return bytes.starts(with: Array("version https://git-lfs.github.com/".utf8))
    }

    /// Runs a body whose only errors are errnos.
    static func attempt<Value>(_ body: () throws -> Value) -> Result<Value, Errno> {
        do { return .success(try body()) } catch { return .failure(error as? Errno ?? .ioError) }
    }
}

extension Errno {
    /// What the C library left in `errno`.
    static var latest: Errno { Errno(rawValue: errno) }
}
