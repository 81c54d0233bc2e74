import Glibc
import Reporting
import SystemPackage

/// Finding and reading what `report` and `compare` are pointed at.
enum RecordInput {
    /// Why there is nothing to read.
    enum Problem: Error, CustomStringConvertible {
        case unreadable(Errno)
        case folderWithoutRecord
        case tooLarge

        var description: String {
            switch self {
            case .unreadable(let errno): FileWriteError.cause(errno.rawValue)
            case .folderWithoutRecord: "the folder holds neither record.json nor journal.jsonl; name a results folder"
            case .tooLarge: "it is larger than \(limit >> 20) MiB, which no record is"
            }
        }
    }

    /// The most that is read: `/dev/zero` has no end.
    private static let limit = 512 << 20

    /// The bytes of a file, of standard input for `-`, or of the record or else the journal in a results folder.
    static func read(_ path: String) throws(Problem) -> [UInt8] {
        if path == "-" { return try contents(of: .standardInput) }
        guard isFolder(path) else { return try open(path) }
        for name in ["record.json", "journal.jsonl"] {
            do {
                return try open("\(path)/\(name)")
            } catch .unreadable(.noSuchFileOrDirectory) {
                continue
            }
        }
        throw .folderWithoutRecord
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func open(_ path: String) throws(Problem) -> [UInt8] {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        } catch {
            throw .unreadable(error as? Errno ?? .ioError)
        }
        defer { try? file.close() }
        return try contents(of: file)
    }

    private static func contents(of file: FileDescriptor) throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        // A file's size is known, and growing to it would take twice the memory.
        var status = stat()
        if fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            bytes.reserveCapacity(min(Int(status.st_size), limit) + 1)
        }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
            let count: Int
            do {
                count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
            } catch {
                throw .unreadable(error as? Errno ?? .ioError)
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw .tooLarge
    }
}
