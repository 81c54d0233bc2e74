import FileBytes
import Glibc
public import LinuxHost
import Reporting
public import RunModel

/// The journal of a run on disk: JSON Lines, each event in one write(2) when it happens.
public final class JournalFile: Sendable {
    private let path: String
    private let file: OwnedDescriptor

    /// Creates the file in a run's folder.
    ///
    /// - Throws: `SystemCallError` with `EEXIST` if it exists, `EACCES` or `ENOSPC` where it cannot be made.
    public init(in folder: ResultsFolder) throws(SystemCallError) {
        path = "\(folder.path)/journal.jsonl"
        let number = open(path, O_CREAT | O_EXCL | O_WRONLY | O_APPEND | O_CLOEXEC, 0o644)
        file = OwnedDescriptor(owning: try SystemCallError.check(number, "open(2)", on: "'\(path)'"))
    }

    /// Appends an event.
    ///
    /// - Throws: `SystemCallError` with `ENOSPC` where the disk is full.
    public func append(_ event: RunEvent) throws {
        if let cause = WriteLoop.write(try JournalLine.bytes(of: event), to: file.number) {
            throw SystemCallError("write(2)", on: "'\(path)'", errno: cause)
        }
    }
}
