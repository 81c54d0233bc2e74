/// How far the kernel is locked down against its own root (kernel_lockdown(7), Linux 5.4).
///
/// The options do not tell: a boot parameter, Secure Boot or root may lock a kernel down, and nothing unlocks it.
public struct KernelLockdown: Sendable, Hashable {
    /// `none`, `integrity` or `confidentiality`.
    public let mode: String
    /// What the kernel's file says, such as `none [integrity] confidentiality`.
    public let text: String

    /// Whether anything is refused for it.
    public var isInForce: Bool { mode != "none" }

    /// Where securityfs is mounted.
    public static let folder = "/sys/kernel/security"
    /// The kernel's file.
    public static let file = "\(folder)/lockdown"

    /// What the running kernel says.
    ///
    /// - Parameter folder: Where securityfs is mounted.
    /// - Returns: `nil` on a kernel without `CONFIG_SECURITY_LOCKDOWN_LSM`, and where securityfs is not mounted.
    public static func current(in folder: String = folder) -> KernelLockdown? {
        (try? SmallFile.text("\(folder)/lockdown")).flatMap { KernelLockdown(text: $0) }
    }

    /// Reads the mode in brackets of a line such as `none [integrity] confidentiality`; `nil` for a line without one.
    public init?(text: String) {
        guard let open = text.firstIndex(of: "["), let close = text[open...].firstIndex(of: "]") else { return nil }
        mode = String(text[text.index(after: open)..<close])
        self.text = String(text.prefix { !$0.isNewline })
    }
}
