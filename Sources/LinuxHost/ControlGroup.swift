import CLinux
import Glibc
import SystemPackage

/// A directory of the cgroup2 hierarchy (cgroups(7)).
///
/// The value names the directory and owns nothing: a cgroup outlives its processes, so whoever makes one writes that
/// into the resource journal first and calls ``remove(deadline:)`` in the end.
public struct ControlGroup: Sendable, Hashable {
    /// The directory's absolute path.
    public let path: String

    /// Names a directory.
    public init(path: String) {
        self.path = path
    }

    /// The cgroup2 hierarchy's cgroup of this process: its mount point joined with the line `0::` of `/proc/self/cgroup`.
    ///
    /// - Throws: ``SystemCallError`` with `ENOENT` where no cgroup2 is mounted, which `mount -t cgroup2 none DIR` mends.
    public static func own() throws(SystemCallError) -> ControlGroup {
        let mounts = try SmallFile.text("/proc/self/mountinfo")
        let line = try SmallFile.text("/proc/self/cgroup").split(separator: "\n").first { $0.hasPrefix("0::") }
        for mount in mounts.split(separator: "\n") {
            // Fields of proc(5): id, parent, device, root, mount point, options, …, '-', type, source, options.
            let halves = mount.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2, halves[1].hasPrefix("cgroup2 ") else { continue }
            let fields = halves[0].split(separator: " ")
            guard fields.count > 4 else { continue }
            let point = String(fields[4])
            let relative = line.map { String($0.dropFirst(3)) } ?? "/"
            let joined = relative == "/" ? point : point + relative
            // Inside a container the line may name a path of the host's hierarchy: then the mount point itself is ours.
            return ControlGroup(path: access(joined, F_OK) == 0 ? joined : point)
        }
        throw SystemCallError("find cgroup2", on: "/proc/self/mountinfo", errno: .noSuchFileOrDirectory)
    }

    /// A child's name, which may not exist yet.
    public func child(_ name: String) -> ControlGroup {
        ControlGroup(path: "\(path)/\(name)")
    }

    /// Makes the directory.
    ///
    /// - Throws: ``SystemCallError`` with `EEXIST`, or with `EACCES` or `EROFS` without the right to.
    public func create() throws(SystemCallError) {
        try SystemCallError.check(mkdir(path, 0o755), "mkdir(2)", on: "cgroup '\(path)'")
    }

    /// The number by which programs and maps name the cgroup, which is its directory's inode (Linux 5.5).
    ///
    /// - Throws: ``SystemCallError`` with `ENOENT` where there is no such cgroup.
    public func number() throws(SystemCallError) -> UInt64 {
        var status = stat()
        try SystemCallError.check(stat(path, &status), "stat(2)", on: "cgroup '\(path)'")
        return UInt64(status.st_ino)
    }

    /// Opens the directory, for clone3(2) or for attaching programs.
    public func open() throws(SystemCallError) -> OwnedDescriptor {
        try OwnedDescriptor.open(path, O_RDONLY | O_DIRECTORY)
    }

    /// Moves the calling process into the cgroup.
    public func enter() throws(SystemCallError) {
        try SmallFile.write("0", to: "\(path)/cgroup.procs")
    }

    /// Kills every process of the cgroup and of those below it (`cgroup.kill`, Linux 5.14).
    ///
    /// A kernel without the file gets a SIGKILL for every process listed, until none is. A cgroup that is gone is no error.
    public func kill() {
        if (try? SmallFile.write("1", to: "\(path)/cgroup.kill")) != nil { return }
        for child in children() { child.kill() }
        for _ in 0..<64 {
            let pids = ((try? SmallFile.text("\(path)/cgroup.procs")) ?? "").split(separator: "\n").compactMap {
                pid_t($0)
            }
            if pids.isEmpty { return }
            for pid in pids where pid > 1 { _ = Glibc.kill(pid, SIGKILL) }
        }
    }

    /// The cgroups directly below this one.
    public func children() -> [ControlGroup] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var found: [ControlGroup] = []
        while let entry = readdir(directory) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { found.append(child(name)) }
        }
        return found
    }

    /// Kills what is inside and removes the cgroup with all below it.
    ///
    /// A killed process leaves its cgroup only once it is reaped, so the removal is tried again every 2 ms until the
    /// deadline. A cgroup that is gone is no error.
    ///
    /// - Throws: ``SystemCallError`` with `EBUSY` if something is still inside at the deadline.
    public func remove(deadline: Deadline) throws(SystemCallError) {
        kill()
        while true {
            for child in children() { try child.remove(deadline: deadline) }
            if rmdir(path) == 0 || errno == ENOENT { return }
            let failure = errno
            guard failure == EBUSY, !deadline.hasPassed else {
                throw SystemCallError("rmdir(2)", on: "cgroup '\(path)'", errno: Errno(rawValue: failure))
            }
            deadline.pause(milliseconds: 2)
        }
    }
}
