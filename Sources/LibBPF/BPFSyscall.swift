import CLibbpf
import Glibc

/// What bpf(2) says to this process before anything is loaded.
public enum BPFSyscall {
    /// How bpf(2) answers.
    public enum Access: Sendable, Hashable {
        /// It creates maps for this process.
        case granted
        /// `EPERM` or `EACCES`: this process lacks a right, or a lockdown or security module refuses.
        case denied
        /// `ENOSYS`: the kernel was built without `CONFIG_BPF_SYSCALL`, or a seccomp filter says so.
        case absent
    }

    /// Asks for a small array map and frees it.
    ///
    /// `CAP_SYS_ADMIN` is asked for first, since a worker's namespaces need it: a kernel that lets everybody create maps
    /// (`kernel.unprivileged_bpf_disabled` = 0) would otherwise look as if it granted all that a sample does.
    public static func access() -> Access {
        let descriptor = bpf_map_create(BPF_MAP_TYPE_ARRAY, nil, 4, 4, 1, nil)
        if descriptor >= 0 { close(descriptor) }
        return access(errno: descriptor < 0 ? -descriptor : 0, isAdministrator: hasAdministratorCapability())
    }

    static func access(errno: CInt, isAdministrator: Bool) -> Access {
        switch errno {
        case ENOSYS: .absent
        case EPERM, EACCES: .denied
        // Another error (no memory, say) is for the samples to run into.
        default: isAdministrator ? .granted : .denied
        }
    }

    /// Whether `CAP_SYS_ADMIN` (21) is among the effective capabilities (`CapEff` of proc_pid_status(5)).
    private static func hasAdministratorCapability() -> Bool {
        guard let file = fopen("/proc/self/status", "re") else { return geteuid() == 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, CInt(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("CapEff:") else { continue }
            let digits = text.dropFirst(7).filter { $0.isHexDigit }
            return (UInt64(digits, radix: 16) ?? 0) & 1 << 21 != 0
        }
        return geteuid() == 0
    }
}
