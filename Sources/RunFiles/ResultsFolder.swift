public import FoundationEssentials
import Glibc
import LinuxHost
import Reporting

/// The folder of one run: its journal while it goes on, its record in the end.
public struct ResultsFolder: Sendable {
    /// The run's folder.
    public let path: String
    /// The run's id, which is the folder's name.
    public let runID: String
    /// The folder that the runs' folders are in.
    private let parent: String
    /// What is worth saying of `latest`; `nil` where it is the link that it should be.
    public let note: String?

    /// Results cannot be written; nothing has run yet.
    public struct Unusable: Error, Sendable, Hashable, CustomStringConvertible {
        /// Why, and what to do.
        public let description: String
    }

    /// Looks whether a results folder can be made, before anything else is done.
    ///
    /// - Throws: ``Unusable``.
    public static func check(under parent: String) throws(Unusable) {
        if let complaint = WritableFolder.complaint(about: parent, option: "--results") {
            throw Unusable(description: complaint)
        }
    }

    /// Makes the folder of a new run and points `latest` beside it to it.
    ///
    /// What is called `latest` and is no link is somebody's own, and is left alone.
    ///
    /// - Throws: ``Unusable`` with what mkdir(2) says.
    public init(under parent: String, started: Date) throws {
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
    public static func newest(under parent: String) -> String {
        let latest = "\(parent)/latest"
        var status = stat()
        guard stat(latest, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return latest }
        let runs = ((try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []).sorted()
        return runs.last { access("\(parent)/\($0)/journal.jsonl", F_OK) == 0 }.map { "\(parent)/\($0)" } ?? latest
    }

    /// Gives the folder to the user who called sudo, where it lies in a folder of that user's.
    public func giveToCaller() {
        let environment = ProcessInfo.processInfo.environment
        CallersFolder { environment[$0] }?.take(runID, in: parent, with: "latest")
    }

    /// Where the record is written.
    public var record: String { "\(path)/record.json" }

    /// Where the comparison with a baseline is written.
    public var comparison: String { "\(path)/comparison.json" }

    /// Where kern objects are built.
    public var objects: String { "\(path)/objects" }
}
