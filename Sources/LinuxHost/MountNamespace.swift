import CLinux
import Glibc

/// Mounts in a mount namespace of the caller's own.
///
/// They are gone with the namespace's last process.
public enum PrivateMounts {
    /// Stops mounts of this namespace from reaching the one it was copied from (mount_namespaces(7)).
    ///
    /// - Throws: ``SystemCallError`` with `EPERM` if the process lacks `CAP_SYS_ADMIN` over the namespace.
    public static func isolate() throws(SystemCallError) {
        try SystemCallError.check(
            Glibc.mount("none", "/", nil, UInt(LX_MS_REC | LX_MS_PRIVATE), nil),
            "mount(MS_REC|MS_PRIVATE)",
            on: "'/'"
        )
    }

    /// Moves the calling thread into a mount namespace of its own, whose mounts nobody else sees.
    ///
    /// The thread then has a working directory of its own too.
    ///
    /// - Throws: ``SystemCallError`` with `EPERM` if the process lacks `CAP_SYS_ADMIN`.
    public static func enter() throws(SystemCallError) {
        try SystemCallError.checkNegated(lx_unshare(CInt(LX_NEWNS)), "unshare(CLONE_NEWNS)", on: "this thread")
        try isolate()
    }

    /// Mounts a pseudo file system (`tmpfs`, `tracefs`, `bpf`, `proc`, …) on a directory.
    ///
    /// - Throws: ``SystemCallError`` with `ENODEV` where the kernel has no such file system.
    public static func mount(_ type: String, on directory: String) throws(SystemCallError) {
        let flags = UInt(LX_MS_NOSUID | LX_MS_NODEV | LX_MS_NOEXEC)
        try SystemCallError.check(
            Glibc.mount(type, directory, type, flags, nil),
            "mount(2) of \(type)",
            on: "'\(directory)'"
        )
    }

    /// Makes a directory; one that exists is no error.
    ///
    /// - Throws: ``SystemCallError`` with what mkdir(2) says otherwise.
    public static func makeDirectory(_ path: String) throws(SystemCallError) {
        let result = mkdir(path, 0o755)
        if result != 0, errno == EEXIST { return }
        try SystemCallError.check(result, "mkdir(2)", on: "'\(path)'")
    }
}
