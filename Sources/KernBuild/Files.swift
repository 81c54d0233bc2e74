import SystemPackage

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// The few calls on files that this module makes, each answering with an errno and none following up on its own.
enum Files {
    /// What a path names, behind symbolic links.
    enum Kind { case file, folder, other }

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

    static func kind(of path: FilePath) -> Result<Kind, Errno> {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return .failure(.latest) }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .success(.file)
        case S_IFDIR: .success(.folder)
        default: .success(.other)
        }
    }

    static func isExecutable(_ path: FilePath) -> Bool {
        kind(of: path) == .success(.file) && access(path.string, X_OK) == 0
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
        case .success(.other): return .failure(.invalidArgument)
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

    /// Runs a body whose only errors are errnos.
    static func attempt<Value>(_ body: () throws -> Value) -> Result<Value, Errno> {
        do { return .success(try body()) } catch { return .failure(error as? Errno ?? .ioError) }
    }
}

extension Errno {
    /// What the C library left in `errno`.
    static var latest: Errno { Errno(rawValue: errno) }
}
