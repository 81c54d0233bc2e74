/// Why no guest can be started on this host.
public enum GuestSetupError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no QEMU.
    case noEmulator(String)
    /// The worker cannot be a guest's first process.
    case worker(String, String)
    /// There is no shell for it.
    case shell(String)

    /// The attempt, the cause and the remedy.
    public var description: String {
        switch self {
        case .noEmulator(let name):
            "starting guests: there is no executable '\(name)'; install QEMU ('apt-get install qemu-system-x86'), or name it in "
                + "BPF_ASSAY_QEMU"
        case .shell(let why): "opening a shell in a guest: \(why)"
        case .worker(let path, let why): "starting guests: '\(path)' cannot be their first process: \(why)"
        }
    }
}
