import Glibc
import SystemPackage

/// What a run or a probe has made that outlives its processes, written down before it is made.
///
/// Only cgroups are of that kind: namespaces, mounts, programs, maps and links die with their process. The file holds a path a
/// line and is locked (flock(2)) as long as the process that made it lives. A file that can be locked therefore belongs to one
/// that is dead, and the next start sweeps it. A kernel without `CONFIG_FILE_LOCKING`, as one in a virtual machine may be, locks
/// nothing: there a journal is written without a lock, and nothing is swept.
public struct ResourceJournal: ~Copyable {
    /// Where the journals of all runs and probes of this machine are.
    public static let directory = "/run/bpf-assay"

    private let path: String
    private let file: OwnedDescriptor

    /// Begins the journal of a run or a probe.
    ///
    /// - Parameter run: Its name, which is the file's and must be nobody else's.
    /// - Throws: ``SystemCallError`` with `EACCES` without the right to write to `/run`, `ENOSPC` where it is full.
    public init(run: String) throws(SystemCallError) {
        try PrivateMounts.makeDirectory(Self.directory)
        let path = "\(Self.directory)/\(run)"
        while true {
            let number = open(path, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0o600)
            let file = OwnedDescriptor(owning: try SystemCallError.check(number, "open(2)", on: "'\(path)'"))
            let error = flock(file.number, LOCK_EX) == 0 ? 0 : errno
            if !Self.mayBegin(afterLocking: error) {
                throw SystemCallError("flock(2)", on: "'\(path)'", errno: Errno(rawValue: error))
            }
            // A sweeper that came between the two calls has removed the file: then it is made again.
            var status = stat()
            if fstat(file.number, &status) == 0, status.st_nlink > 0 {
                self.path = path
                self.file = file
                return
            }
        }
    }

    /// Whether a journal may be begun where flock(2) has ended with this errno, 0 for success.
    package static func mayBegin(afterLocking error: CInt) -> Bool { error == 0 || error == ENOSYS }

    /// Writes down that a cgroup is about to be made.
    ///
    /// - Throws: ``SystemCallError`` with `ENOSPC` where `/run` is full; the cgroup must not be made then.
    public func note(_ cgroup: ControlGroup) throws(SystemCallError) {
        let line = Array("\(cgroup.path)\n".utf8)
        let count = write(file.number, line, line.count)
        try SystemCallError.check(count, "write(2)", on: "'\(path)'")
    }

    /// Ends the journal, when all that it lists is gone.
    public consuming func finish() {
        unlink(path)
    }

    /// Removes what dead runs and probes have left behind.
    ///
    /// Only cgroups whose name is of ours are touched, whatever a file may say.
    ///
    /// - Returns: What was removed, for telling the user.
    public static func sweep() -> [String] {
        guard let listing = opendir(directory) else { return [] }
        defer { closedir(listing) }
        var removed: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            removed += sweep(file: "\(directory)/\(name)")
        }
        return removed
    }

    private static func sweep(file path: String) -> [String] {
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard number >= 0 else { return [] }
        let file = OwnedDescriptor(owning: number)
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else { return [] }
        var removed: [String] = []
        var everythingGone = true
        for line in ((try? SmallFile.text(path, limit: 1 << 20)) ?? "").split(separator: "\n") {
            guard line.hasPrefix("/"), line.split(separator: "/").last?.hasPrefix(cgroupPrefix) == true else {
                continue
            }
            let cgroup = ControlGroup(path: String(line))
            guard access(cgroup.path, F_OK) == 0 else { continue }
            do {
                try cgroup.remove(deadline: Deadline(after: .seconds(5)))
                removed.append("cgroup \(cgroup.path)")
            } catch {
                everythingGone = false
            }
        }
        if everythingGone { unlink(path) }
        return removed
    }

    /// How the names of all cgroups begin that runs and probes make.
    public static let cgroupPrefix = "bpf-assay-"
}
