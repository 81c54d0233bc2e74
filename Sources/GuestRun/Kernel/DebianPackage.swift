import FileBytes
import Glibc
import KernelImages
import LinuxHost
import SystemPackage

/// A kernel's Debian package (deb(5)): an ar archive with a compressed tar archive in it.
enum DebianPackage {
    /// Whether a file begins as a package does.
    static func isLike(_ path: String) -> Bool {
        (try? InputFile.beginning(of: path, count: 8)) == Array("!<arch>\n".utf8)
    }

    /// Unpacks what a guest needs of a package into the cache, once: `boot`, the modules, and the config that is among them.
    ///
    /// Where a kernel comes in several packages (Debian 14, Ubuntu), those of the same release and version that lie beside it are
    /// unpacked with it.
    ///
    /// - Returns: The folder.
    static func unpacked(_ path: String, _ cache: CacheFolder?) throws(GuestKernelError.Cause) -> String {
        guard let cache else { throw .damagedPackage("there is no cache to unpack it into; set XDG_CACHE_HOME") }
        var packages: [[UInt8]] = []
        for part in [path] + companions(of: path) {
            do {
                packages.append(try InputFile.read(part, limit: 1 << 30))
            } catch {
                throw .refused("\(error)")
            }
        }
        let digests = packages.map { SHA256.hex($0) }
        let folder =
            "\(cache.path)/packages/\(digests.count == 1 ? digests[0] : SHA256.hex(Array(digests.joined().utf8)))"
        if access(folder, F_OK) == 0 { return folder }
        _ = folder.split(separator: "/").dropLast().reduce("") { above, part in
            _ = mkdir("\(above)/\(part)", 0o700)
            return "\(above)/\(part)"
        }
        let temporary = "\(folder).\(getpid())"
        guard mkdir(temporary, 0o700) == 0 else {
            throw .refused("\(SystemCallError("mkdir(2)", on: "'\(temporary)'", errno: Errno(rawValue: errno)))")
        }
        var isKept = false
        defer { if !isKept { FileTree.remove(temporary) } }
        for bytes in packages { try extract(bytes, into: temporary) }
        // A rename, so that a package that was cut short is never taken for a whole one. Two at once leave one of them.
        isKept = rename(temporary, folder) == 0
        guard isKept || access(folder, F_OK) == 0 else { throw .damagedPackage("it cannot be kept in '\(folder)'") }
        return folder
    }

    /// The packages beside this one that have the rest of the same kernel.
    static func companions(of path: String) -> [String] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast().map { "\($0)/" }.joined()
        let name = parts.last ?? ""
        let prefixes = ["linux-image-unsigned-", "linux-image-", "linux-binary-"]
        guard let prefix = prefixes.first(where: { name.hasPrefix($0) }) else { return [] }
        let rest = name.dropFirst(prefix.count)
        return ["linux-binary-", "linux-modules-", "linux-base-"].filter { $0 != prefix }.map {
            "\(folder)\($0)\(rest)"
        }
        .filter { isLike($0) }
    }

    private static func extract(_ package: [UInt8], into folder: String) throws(GuestKernelError.Cause) {
        guard let data = member("data.tar", of: package) else { throw .damagedPackage("it has no member data.tar") }
        var tar = TarExtractor(into: folder) { name in
            ["boot/", "lib/modules/", "usr/lib/modules/"].contains { name.hasPrefix($0) }
        }
        do {
            _ = try Compression.unpack(data, limit: 4 << 30) { tar.take($0) }
        } catch {
            throw .damagedPackage("\(error)")
        }
        if let failure = tar.failure { throw .damagedPackage(failure) }
        guard tar.isAtEnd else { throw .damagedPackage("its data ends too early") }
    }

    /// The contents of the ar member whose name begins so (ar(5)).
    static func member(_ prefix: String, of archive: [UInt8]) -> ArraySlice<UInt8>? {
        var at = 8
        while at + 60 <= archive.count {
            let name = String(decoding: archive[at..<(at + 16)], as: UTF8.self)
            let digits = archive[(at + 48)..<(at + 58)].prefix { $0 != 0x20 }
            guard let size = Int(String(decoding: digits, as: UTF8.self)), size >= 0, size <= archive.count - at - 60
            else {
                return nil
            }
            if name.hasPrefix(prefix) { return archive[(at + 60)..<(at + 60 + size)] }
            at += 60 + size + size % 2
        }
        return nil
    }
}

/// Folders and what is in them.
enum FileTree {
    /// Removes a file, or a folder with what is in it; what is gone already is no error.
    static func remove(_ path: String) {
        if unlink(path) == 0 || errno == ENOENT { return }
        for name in entries(of: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }

    /// The names in a folder; none where there is no folder.
    static func entries(of path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
