/// Writes a cpio archive in the newc form (Documentation/driver-api/early-userspace/buffer-format.rst in the kernel tree).
///
/// It needs no rights, a device node is just a field of a header, and equal contents give equal bytes: times are 0 and inode
/// numbers count up.
public struct CpioArchive: Sendable {
    /// The archive so far, without its end.
    private var bytes: [UInt8] = []
    private var inode: UInt32 = 0
    private var folders: Set<String> = []

    private static let regular: UInt32 = 0o100000
    private static let directory: UInt32 = 0o040000
    private static let character: UInt32 = 0o020000

    /// Creates an empty archive.
    public init() {}

    /// Adds a folder, and those above it, each once.
    public mutating func addFolder(_ path: String) {
        let parts = path.split(separator: "/")
        for count in 1...max(1, parts.count) where count <= parts.count {
            let folder = parts[..<count].joined(separator: "/")
            guard folders.insert(folder).inserted else { continue }
            add(folder, mode: Self.directory | 0o755, data: [][...])
        }
    }

    /// Adds a file and the folders above it.
    public mutating func addFile(_ path: String, _ data: [UInt8], executable: Bool = false) {
        let parts = path.split(separator: "/")
        addFolder(parts.dropLast().joined(separator: "/"))
        add(parts.joined(separator: "/"), mode: Self.regular | (executable ? 0o755 : 0o600), data: data[...])
    }

    /// Adds the node of a character device.
    public mutating func addCharacterDevice(_ path: String, major: UInt32, minor: UInt32) {
        let parts = path.split(separator: "/")
        addFolder(parts.dropLast().joined(separator: "/"))
        add(parts.joined(separator: "/"), mode: Self.character | 0o600, data: [][...], device: (major, minor))
    }

    /// The archive with its end, a multiple of 4 bytes: another may follow it directly.
    public var finished: [UInt8] {
        var archive = self
        archive.add("TRAILER!!!", mode: 0, data: [][...], isTrailer: true)
        return archive.bytes
    }

    private mutating func add(
        _ name: String,
        mode: UInt32,
        data: ArraySlice<UInt8>,
        device: (major: UInt32, minor: UInt32) = (0, 0),
        isTrailer: Bool = false
    ) {
        if !isTrailer { inode += 1 }
        let path = Array(name.utf8) + [0]
        // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
        let fields: [UInt32] = [
            isTrailer ? 0 : inode, mode, 0, 0, 1, 0, UInt32(data.count), 0, 0, device.major, device.minor,
            UInt32(path.count), 0,
        ]
        bytes += "070701".utf8
        for field in fields {
            let digits = String(field, radix: 16, uppercase: true)
            bytes += String(repeating: "0", count: 8 - digits.count).utf8
            bytes += digits.utf8
        }
        bytes += path
        pad()
        bytes += data
        pad()
    }

    private mutating func pad() {
        bytes += repeatElement(0, count: (4 - bytes.count % 4) % 4)
    }
}
