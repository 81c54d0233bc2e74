import Glibc
import SystemPackage

/// What stat(2) says of a file's content without reading it: if it is the same, so is the content.
///
/// The time of the last change of the inode is among it, which no program can set back.
struct FileStamp: Sendable, Hashable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let modified: Int64
    /// Nanoseconds since 1970.
    let changed: Int64

    /// Reads a file's stamp, behind symbolic links; `nil` where there is no regular file.
    init?(_ path: FilePath) {
        var status = stat()
        guard stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    }

    /// Reads back ``text``.
    init?(_ text: some StringProtocol) {
        let numbers = text.split(separator: " ")
        guard numbers.count == 5, let device = UInt64(numbers[0]), let inode = UInt64(numbers[1]),
            let size = Int64(numbers[2]), let modified = Int64(numbers[3]), let changed = Int64(numbers[4])
        else { return nil }
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    /// The stamp as five numbers.
    var text: String { "\(device) \(inode) \(size) \(modified) \(changed)" }

    /// The clock that the file system stamps with, in nanoseconds since 1970.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// How old a stamp must be before the same stamp means the same content.
    ///
    /// A file that was written twice within one tick of the file system's clock (4 ms at 250 Hz) can have one stamp
    /// for two contents.
    static let settling: Int64 = 20_000_000
}
