import Foundation
import LinuxHost
import Reporting
import RunModel
import Synchronization

/// The folder of one run: its journal while it goes on, its record in the end.
struct ResultsFolder: Sendable {
    /// The run's folder.
    let path: String
    /// The run's id, which is the folder's name.
    let runID: String
    /// The folder that the runs' folders are in.
    private let parent: String
    /// What is worth saying of `latest`; `nil` where it is the link that it should be.
    let note: String?

    /// Results cannot be written; nothing has run yet.
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    /// Looks whether a results folder can be made, before anything else is done.
    ///
    /// - Throws: ``Unusable``.
    static func check(under parent: String) throws(Unusable) {
        if let complaint = WritableFolder.complaint(about: parent, option: "--results") {
            throw Unusable(description: complaint)
        }
    }

    /// Makes the folder of a new run and points `latest` beside it to it.
    ///
    /// What is called `latest` and is no link is somebody's own, and is left alone.
    ///
    /// - Throws: ``Unusable`` with what mkdir(2) says.
    init(under parent: String, started: Date) throws {
        let style = Date.ISO8601FormatStyle(
            dateSeparator: .omitted,
            dateTimeSeparator: .standard,
            timeSeparator: .omitted
        )
        runID = "\(started.formatted(style))-\(getpid())"
        path = "\(parent)/\(runID)"
        self.parent = parent
        do {
            try PrivateMounts.makeDirectory(parent)
            try SystemCallError.check(mkdir(path, 0o755), "mkdir(2)", on: "'\(path)'")
        } catch {
            throw Unusable(description: "\(error); name another folder with --results")
        }
        let latest = "\(parent)/latest"
        var status = stat()
        guard lstat(latest, &status) != 0 || status.st_mode & S_IFMT == S_IFLNK else {
            note = "'\(latest)' is not a link, so it was left as it is: this run is in '\(path)'"
            return
        }
        note = nil
        // The link is a convenience: a file system without links is no reason to fail.
        let temporary = "\(parent)/.latest-\(runID)"
        if symlink(runID, temporary) == 0, rename(temporary, latest) != 0 { unlink(temporary) }
    }

    /// The newest run's folder: what `latest` leads to, or the last by name where something else is called so.
    static func newest(under parent: String) -> String {
        let latest = "\(parent)/latest"
        var status = stat()
        guard stat(latest, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return latest }
        let runs = ((try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []).sorted()
        return runs.last { access("\(parent)/\($0)/journal.jsonl", F_OK) == 0 }.map { "\(parent)/\($0)" } ?? latest
    }

    /// Gives the folder to the user who called sudo, where it lies in a folder of that user's.
    func giveToCaller() {
        let environment = ProcessInfo.processInfo.environment
        CallersFolder { environment[$0] }?.take(runID, in: parent, with: "latest")
    }

    /// Where the record is written.
    var record: String { "\(path)/record.json" }

    /// Where the comparison with a baseline is written.
    var comparison: String { "\(path)/comparison.json" }

    /// Where kern objects are built.
    var objects: String { "\(path)/objects" }
}

/// The journal of a run on disk: JSON Lines, each event in one write(2) when it happens.
final class JournalFile: Sendable {
    private let path: String
    private let file: OwnedDescriptor

    /// Creates the file in a run's folder.
    ///
    /// - Throws: `SystemCallError` with `EEXIST` if it exists, `EACCES` or `ENOSPC` where it cannot be made.
    init(in folder: ResultsFolder) throws(SystemCallError) {
        path = "\(folder.path)/journal.jsonl"
        let number = open(path, O_CREAT | O_EXCL | O_WRONLY | O_APPEND | O_CLOEXEC, 0o644)
        file = OwnedDescriptor(owning: try SystemCallError.check(number, "open(2)", on: "'\(path)'"))
    }

    /// Appends an event.
    ///
    /// - Throws: `SystemCallError` with `ENOSPC` where the disk is full.
    func append(_ event: RunEvent) throws {
        var rest = try JournalLine.bytes(of: event)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file.number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            try SystemCallError.check(count, "write(2)", on: "'\(path)'")
            rest = rest.dropFirst(count)
        }
    }
}
