import Glibc
import GuestWire
import LinuxHost

/// A shell on the guest's console, for a person who wants to look round.
enum GuestShell {
    /// What the shell begins with: the kernel's lesser messages would disturb who types.
    private static let start = "dmesg -n 5; cd /root; exec cttyhack sh -i"

    /// Runs busybox's shell on the console until it ends.
    ///
    /// - Returns: How it ended.
    /// - Throws: `SystemCallError` where the console cannot be opened or the shell cannot be started.
    static func run() throws(SystemCallError) -> ChildProcess.End? {
        let console = try OwnedDescriptor.open(GuestLayout.console, O_RDWR | O_NOCTTY)
        for folder in ["/bin", "/root"] { try PrivateMounts.makeDirectory(folder) }
        let number = console.number
        let process = try ChildProcess(
            ChildProcess.Plan(
                path: GuestLayout.shell,
                // Job control and Ctrl-C need a controlling terminal, which cttyhack gives.
                arguments: ["busybox", "sh", "-c", "\(GuestLayout.shell) --install -s /bin; \(start)"],
                environment: ["PATH=/bin", "HOME=/root", "TERM=linux", "PS1=guest# "],
                descriptors: [number, number, number]
            )
        )
        while true {
            // It lasts as long as the person wants.
            if let end = try process.wait(deadline: Deadline(after: .seconds(3600))) { return end }
        }
    }
}
