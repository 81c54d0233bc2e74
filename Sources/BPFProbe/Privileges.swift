import CLinux
import LinuxHost
import RunModel

/// A capability that bpf(2) asks for (capabilities(7)).
public enum Capability: Int, Sendable, Hashable, Codable, CaseIterable {
    /// Network administration.
    case netAdmin = 12
    /// Everything that has no capability of its own; before Linux 5.8 all of BPF.
    case sysAdmin = 21
    /// Observing the system (Linux 5.8).
    case perfmon = 38
    /// BPF (Linux 5.8).
    case bpf = 39

    /// The kernel's name, such as `CAP_BPF`.
    public var name: String {
        switch self {
        case .netAdmin: "CAP_NET_ADMIN"
        case .sysAdmin: "CAP_SYS_ADMIN"
        case .perfmon: "CAP_PERFMON"
        case .bpf: "CAP_BPF"
        }
    }
}

/// What this process may do, and what explains a refusal that no capability does.
public struct Privileges: Sendable, Hashable {
    /// The effective capabilities, as the bit mask that capget(2) gives.
    public let effective: UInt64
    /// The kernel's lockdown mode, such as `integrity`; `nil` where securityfs does not say.
    public let lockdown: String?

    /// Creates a description.
    public init(effective: UInt64, lockdown: String?) {
        self.effective = effective
        self.lockdown = lockdown
    }

    /// Those of this thread, which are read without `/proc`.
    ///
    /// What cannot be read counts as not there.
    public static func current() -> Privileges {
        Privileges(effective: lx_effective_capabilities(), lockdown: KernelLockdown.current()?.mode)
    }

    /// The same, with the lockdown mode where the calling thread may look closer.
    ///
    /// - Precondition: The thread is in a mount namespace of its own: securityfs is mounted there where nobody has mounted it.
    func lookingCloser() -> Privileges {
        guard lockdown == nil, (try? PrivateMounts.mount("securityfs", on: KernelLockdown.folder)) != nil else {
            return self
        }
        return Privileges(effective: effective, lockdown: KernelLockdown.current()?.mode)
    }

    /// Whether a capability is effective; `CAP_SYS_ADMIN` stands in for each of them in bpf(2).
    public func has(_ capability: Capability) -> Bool {
        effective & (1 << UInt64(capability.rawValue) | 1 << UInt64(Capability.sysAdmin.rawValue)) != 0
    }

    /// Why the kernel refuses something that needs these capabilities: one cause, as `Refusal` words it.
    public func reasonForRefusal(needing capabilities: [Capability]) -> String {
        Refusal(missing: capabilities.filter { !has($0) }.map(\.name), lockdown: lockdown).cause
    }
}
