import Glibc
import SystemPackage

/// Folders that root makes on behalf of somebody who called sudo(8), and that belong to that user afterwards.
///
/// No link is ever followed, and nothing that root does not own is touched: the user may put anything into the folder above.
public struct CallersFolder: Sendable, Hashable {
    /// The user's number.
    public let user: UInt32
    /// The number of the user's group.
    public let group: UInt32

    /// The user who called sudo; `nil` where this process is not root's or nobody called it that way.
    public init?(environment: (String) -> String?) {
        guard geteuid() == 0, let user = environment("SUDO_UID").flatMap({ UInt32($0) }),
            let group = environment("SUDO_GID").flatMap({ UInt32($0) }), user != 0, user != UInt32.max
        else { return nil }
        self.user = user
        self.group = group
    }

    /// Gives a folder to the user with all that is in it, if the folder above belongs to the user.
    ///
    /// The folder above is given first, alone, where root made it in a folder of the user's: the next run of the user's
    /// would else have no place to write to.
    ///
    /// - Parameters:
    ///   - name: The folder's name, one component.
    ///   - parent: The folder above.
    ///   - link: A symbolic link beside the folder that goes with it.
    /// - Returns: Whether the folder is the user's now.
    @discardableResult
    public func take(_ name: String, in parent: String, with link: String? = nil) -> Bool {
        guard let above = Self.folder(parent) else { return false }
        defer { close(above) }
        if Self.status(above)?.st_uid == 0, let place = Self.folder("\(parent)/..") {
            // By "..", which nobody can turn into a link.
            if Self.status(place)?.st_uid == user { fchown(above, user, group) }
            close(place)
        }
        guard Self.status(above)?.st_uid == user else { return false }
        if let link, let found = Self.look(link, in: above) {
            if Self.status(found)?.isLink == true { give(found) }
            close(found)
        }
        return takeTree(name, in: above)
    }

    /// Gives a folder after all that is in it: as long as it is root's, nobody can exchange what is in it.
    private func takeTree(_ name: String, in above: CInt) -> Bool {
        let folder = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return false }
        defer { close(folder) }
        guard Self.status(folder)?.st_uid == 0 else { return false }
        for entry in Self.entries(of: folder) {
            guard let found = Self.look(entry, in: folder) else { continue }
            defer { close(found) }
            guard let status = Self.status(found), status.st_uid == 0 else { continue }
            if status.isFolder {
                _ = takeTree(entry, in: folder)
            } else if status.isLink || status.st_nlink == 1 {
                // A second name of a file may stand anywhere, also for /etc/shadow.
                give(found)
            }
        }
        return fchown(folder, user, group) == 0
    }

    private func give(_ file: CInt) {
        let emptyPath: CInt = 0x1000  // AT_EMPTY_PATH
        _ = fchownat(file, "", user, group, emptyPath)
    }

    private static func folder(_ path: String) -> CInt? {
        let number = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        return number >= 0 ? number : nil
    }

    /// A descriptor that only names a file, be it a link, a device or a FIFO.
    private static func look(_ name: String, in folder: CInt) -> CInt? {
        let pathOnly: CInt = 0o10000000  // O_PATH
        let number = openat(folder, name, pathOnly | O_NOFOLLOW | O_CLOEXEC)
        return number >= 0 ? number : nil
    }

    private static func status(_ file: CInt) -> stat? {
        var status = stat()
        return fstat(file, &status) == 0 ? status : nil
    }

    private static func entries(of folder: CInt) -> [String] {
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

extension stat {
    fileprivate var isLink: Bool { st_mode & S_IFMT == S_IFLNK }
    fileprivate var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
}

/// A folder in which this process wants to make another, looked at before any work is done for it.
public enum WritableFolder {
    /// Why nothing can be made in a folder.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - option: The option by which another is named.
    /// - Returns: The cause with a remedy; `nil` where something can be made in it, or the folder itself can be made.
    public static func complaint(about path: String, option: String) -> String? {
        var status = stat()
        if stat(path, &status) != 0 {
            let code = errno
            let attempt = "making the folder '\(path)'"
            guard code == ENOENT else {
                return "\(attempt): \(Errno(rawValue: code).named); name another with \(option)"
            }
            let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            let above =
                trimmed.lastIndex(of: "/").map { $0 == trimmed.startIndex ? "/" : String(trimmed[..<$0]) } ?? "."
            guard access(above, W_OK | X_OK) == 0 else {
                return "\(attempt): \(Errno(rawValue: errno).named); name another with \(option)"
            }
            return nil
        }
        let attempt = "making a folder in '\(path)'"
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return "\(attempt): it is no folder; name another with \(option)"
        }
        guard access(path, W_OK | X_OK) != 0 else { return nil }
        let cause = Errno(rawValue: errno).named
        guard status.st_uid == 0, geteuid() != 0 else { return "\(attempt): \(cause); name another with \(option)" }
        return
            "\(attempt): \(cause); it belongs to root, as after a run with sudo: 'sudo chown -R $(id -u) \(path)' gives it "
            + "to you, or name another with \(option)"
    }
}
