import FileBytes
import Glibc
import LinuxHost

/// What is worth keeping from one run to the next: unpacked kernels, and whether KVM works.
///
/// Everything in it can be made again; a file is there whole or not at all.
public struct CacheFolder: Sendable {
    /// The folder.
    public let path: String
    /// How many unpacked kernels are kept; the ones that were used longest ago go first.
    static let keptKernels = 16

    /// Names a folder, which is made when something is kept in it.
    public init(path: String) {
        self.path = path
    }

    /// `$XDG_CACHE_HOME/bpf-assay`, else `~/.cache/bpf-assay`; `nil` where neither variable is set.
    public static var usual: CacheFolder? {
        func variable(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        return (variable("XDG_CACHE_HOME") ?? variable("HOME").map { "\($0)/.cache" }).map {
            CacheFolder(path: "\($0)/bpf-assay")
        }
    }

    /// The path of a file that is kept; `nil` where it is not, or has another size than it must have.
    func find(_ name: String, size: Int? = nil) -> String? {
        let file = "\(path)/\(name)"
        var status = stat()
        guard stat(file, &status) == 0, size.map({ $0 == Int(status.st_size) }) ?? true else { return nil }
        // Used now: see `prune`.
        utimes(file, nil)
        return file
    }

    /// Keeps a file.
    ///
    /// - Returns: Its path; `nil` where it cannot be kept, as on a full disk. That costs time and is no failure.
    func keep(_ name: String, _ bytes: [UInt8]) -> String? {
        let file = "\(path)/\(name)"
        let folder = file.split(separator: "/").dropLast().reduce("") { above, part in
            _ = mkdir("\(above)/\(part)", 0o700)
            return "\(above)/\(part)"
        }
        guard (try? AtomicFile.write(bytes, to: file)) != nil else { return nil }
        prune(folder)
        return file
    }

    /// Removes what was not used for longest, and temporary files that dead processes left behind.
    private func prune(_ folder: String) {
        guard let listing = opendir(folder) else { return }
        defer { closedir(listing) }
        var files: [(time: Int, path: String)] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            let file = "\(folder)/\(name)"
            var status = stat()
            guard lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            if let owner = AtomicFile.owner(ofTemporary: name) {
                if kill(owner, 0) != 0, errno == ESRCH { unlink(file) }
            } else {
                files.append((status.st_mtim.tv_sec, file))
            }
        }
        for file in files.sorted(by: { $0.time > $1.time }).dropFirst(Self.keptKernels) { unlink(file.path) }
    }
}
