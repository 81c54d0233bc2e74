/// Why a kernel refuses to a process what it has (`EPERM`), and what can be done about it.
///
/// One refusal has one cause: the first that applies of a missing right, a lockdown, a limit and a policy.
public enum Refusal: Sendable, Hashable {
    /// The process lacks these capabilities, such as `CAP_BPF`.
    case capabilities([String])
    /// The process has the rights, and the kernel is locked down in this mode (kernel_lockdown(7)).
    case lockdown(mode: String)
    /// The memory of maps and programs counts against the limit of locked memory, as before Linux 5.11, and exceeds it.
    case lockedMemory
    /// The process has the rights, no lockdown is in force, and the kernel refuses all the same.
    case policy

    /// Finds the cause of a refusal.
    ///
    /// - Parameters:
    ///   - missing: The capabilities that the process lacks, of those that are needed.
    ///   - lockdown: The kernel's lockdown mode; `nil` where it cannot be read.
    ///   - isBounded: Whether the memory of maps and programs counts against a limit.
    public init(missing: [String], lockdown: String?, isBounded: Bool = false) {
        if !missing.isEmpty {
            self = .capabilities(missing)
        } else if let lockdown, lockdown != "none" {
            self = .lockdown(mode: lockdown)
        } else if isBounded {
            self = .lockedMemory
        } else {
            self = .policy
        }
    }

    /// The cause, as it stands in a record.
    public var cause: String {
        switch self {
        case .capabilities(let names): "needs \(names.joined(separator: " and "))"
        case .lockdown(let mode): "the kernel is locked down for \(mode)"
        case .lockedMemory: "the limit of locked memory is too low"
        case .policy: "a security module or a seccomp filter refuses it to this process"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .capabilities: "run it as root, for example with 'sudo'"
        case .lockdown: "boot the kernel without 'lockdown=' on its command line and with Secure Boot off"
        case .lockedMemory: "raise it with 'ulimit -l unlimited'"
        case .policy: "run it outside of the container or sandbox, or change the security module's policy"
        }
    }

    /// What to do about a cause that a record gives.
    ///
    /// - Parameter cause: A ``cause``, perhaps with more behind it.
    /// - Returns: The remedy; `nil` for a cause that is not known.
    public static func remedy(for cause: String) -> String? {
        let known: [(beginning: String, remedy: String)] = [
            ("needs CAP_", Refusal.capabilities([]).remedy),
            (Refusal.lockdown(mode: "").cause, Refusal.lockdown(mode: "").remedy),
            (Refusal.lockedMemory.cause, Refusal.lockedMemory.remedy), (Refusal.policy.cause, Refusal.policy.remedy),
            ("net.core.bpf_jit_enable is 0", "sysctl net.core.bpf_jit_enable=1"),
        ]
        return known.first { cause.hasPrefix($0.beginning) }?.remedy
    }
}
