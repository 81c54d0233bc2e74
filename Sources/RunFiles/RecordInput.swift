public import FileBytes
import Glibc
import SystemPackage

/// Finding and reading what `report` and `compare` are pointed at.
public enum RecordInput {
    /// Why there is nothing to read.
    public enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// The system refused, or the path leads to what is not read.
        case unreadable(InputError)
        /// A folder that is no results folder.
        case folderWithoutRecord

        /// The cause and the remedy.
        public var description: String {
            switch self {
            case .unreadable(let error): "\(error)"
            case .folderWithoutRecord: "the folder holds neither record.json nor journal.jsonl; name a results folder"
            }
        }
    }

    /// The most that is read: no record is larger.
    private static let limit = 512 << 20

    /// The bytes of a file, of standard input for `-`, or of the record or else the journal in a results folder.
    ///
    /// - Throws: ``Problem``.
    public static func read(_ path: String) throws(Problem) -> [UInt8] {
        guard isFolder(path) else {
            do throws(InputError) {
                return try path == "-" ? InputFile.standardInput(limit: limit) : InputFile.read(path, limit: limit)
            } catch {
                throw .unreadable(error)
            }
        }
        for name in ["record.json", "journal.jsonl"] {
            do throws(InputError) {
                return try InputFile.read("\(path)/\(name)", limit: limit)
            } catch .refused(.noSuchFileOrDirectory) {
                continue
            } catch {
                throw .unreadable(error)
            }
        }
        throw .folderWithoutRecord
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
