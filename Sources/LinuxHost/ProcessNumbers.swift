import CLinux
import Glibc
import SystemPackage

/// Process and thread numbers as programs in the kernel see them.
public enum ProcessNumbers {
    /// The number of the calling thread (gettid(2)), in its own pid namespace.
    public static var thread: CInt { lx_gettid() }

    /// The number of the user that this process is (getuid(2)).
    public static var user: UInt32 { getuid() }

    /// The number of the group that this process is of (getgid(2)).
    public static var group: UInt32 { getgid() }

    /// Makes sure that this process knows itself by the numbers that `bpf_get_current_pid_tgid` gives.
    ///
    /// These are the numbers of the first pid namespace. In another one, as a container has, getpid(2) says something else. A kernel
    /// without pid namespaces (`CONFIG_PID_NS`) has only one kind of numbers.
    ///
    /// - Throws: ``SystemCallError`` with `EXDEV` in another namespace.
    public static func requireInitialNamespace() throws(SystemCallError) {
        var about = stat()
        let path = "/proc/self/ns/pid"
        let result = stat(path, &about)
        if result != 0, errno == ENOENT { return }
        try SystemCallError.check(result, "stat(2)", on: "'\(path)'")
        // PROC_PID_INIT_INO of include/linux/proc_ns.h, the same since Linux 3.8.
        guard about.st_ino == 0xefff_fffc else {
            throw SystemCallError("know the own process number", on: "a pid namespace of its own", errno: .improperLink)
        }
    }
}
