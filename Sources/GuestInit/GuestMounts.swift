import CLinux
import Glibc
import LinuxHost
import SystemPackage

/// The file systems that a guest's first process mounts.
enum GuestMounts {
    /// What is mounted where, in this order; nothing but `/dev` and `/sys/fs/cgroup` is needed by all samples.
    private static let all: [(type: String, path: String)] = [
        ("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("tmpfs", "/run"), ("tmpfs", "/tmp"),
        ("cgroup2", "/sys/fs/cgroup"), ("bpf", "/sys/fs/bpf"), ("tracefs", "/sys/kernel/tracing"),
        ("debugfs", "/sys/kernel/debug"), ("securityfs", "/sys/kernel/security"),
    ]

    /// Mounts all that the kernel has.
    ///
    /// - Returns: What could not be mounted and why; a kernel without `CONFIG_DEBUG_FS`, say, has no debugfs, and who needs it
    ///   will find out.
    static func mountAll() -> [String] {
        var failures: [String] = []
        for (type, path) in all {
            _ = mkdir(path, 0o755)
            // /proc is mounted already, for the Swift runtime (clinux.c).
            if type == "proc", access("/proc/self/exe", F_OK) == 0 { continue }
            let flags: CUnsignedLong =
                type == "devtmpfs" ? UInt(LX_MS_NOSUID) : UInt(LX_MS_NOSUID | LX_MS_NODEV | LX_MS_NOEXEC)
            if mount(type, path, type, flags, nil) != 0 {
                let error = SystemCallError("mount(2) of \(type)", on: "'\(path)'", errno: Errno(rawValue: errno))
                failures.append("\(error)")
            }
        }
        return failures
    }
}
