import CLibbpf
public import LinuxHost

/// Names of maps and programs in a BPF file system.
///
/// A worker has one of its own on `/sys/fs/bpf`, so that nothing that a sample pins stays on the machine.
public enum Pins {
    /// Where a sample's BPF file system is.
    public static let folder = "/sys/fs/bpf"

    /// Gives what a descriptor stands for a name (`BPF_OBJ_PIN`, Linux 4.4).
    ///
    /// - Throws: `SystemCallError` with `EEXIST` for a name in use, `EPERM` outside of a BPF file system.
    public static func pin(_ descriptor: CInt, as path: String) throws(SystemCallError) {
        try check(bpf_obj_pin(descriptor, path), "bpf(BPF_OBJ_PIN)", on: "'\(path)'")
    }

    /// Opens what has a name (`BPF_OBJ_GET`, Linux 4.4).
    ///
    /// - Throws: `SystemCallError` with `ENOENT` where there is no such name.
    public static func open(_ path: String) throws(SystemCallError) -> OwnedDescriptor {
        OwnedDescriptor(owning: try check(bpf_obj_get(path), "bpf(BPF_OBJ_GET)", on: "'\(path)'"))
    }
}
