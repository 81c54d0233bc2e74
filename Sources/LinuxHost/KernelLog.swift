import Glibc

/// A reader of the kernel's log (`/dev/kmsg`, Documentation/ABI/testing/dev-kmsg in the kernel tree).
///
/// It sees what is logged after it was made, and takes nothing away from other readers.
public struct KernelLog: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// Begins to listen at the log's present end.
    ///
    /// - Throws: ``SystemCallError`` with `EPERM` without `CAP_SYSLOG` where `kernel.dmesg_restrict` is set.
    public init() throws(SystemCallError) {
        let opened = try OwnedDescriptor.open("/dev/kmsg", O_RDONLY | O_NONBLOCK)
        try SystemCallError.check(lseek(opened.number, 0, SEEK_END), "lseek(2)", on: "'/dev/kmsg'")
        descriptor = opened
    }

    /// The lines that were logged since the last call, without their prefixes.
    ///
    /// Records that were overwritten before they could be read are passed over; what could not be read is not an error.
    public func newLines() -> [String] {
        var lines: [String] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(descriptor.number, &buffer, buffer.count)
            if count < 0, errno == EPIPE || errno == EINTR { continue }
            guard count > 0 else { return lines }
            // 'PRIORITY,SEQUENCE,TIME,FLAGS;TEXT\n', then continuation lines that begin with a blank.
            let record = String(decoding: buffer[0..<count], as: UTF8.self)
            if let semicolon = record.firstIndex(of: ";") {
                lines.append(String(record[record.index(after: semicolon)...].prefix { $0 != "\n" }))
            }
        }
    }

    /// Whether a line reports that the kernel caught itself at something wrong: a warning, an oops, a lock-up.
    ///
    /// The words are those that the BPF CI and LAVA look for.
    public static func isSplat(_ line: String) -> Bool {
        let starts = [
            "BUG: ", "WARNING: ", "UBSAN: ", "KASAN: ", "Oops: ", "Oops[", "general protection fault", "kernel BUG at ",
        ]
        if starts.contains(where: { line.hasPrefix($0) }) { return true }
        let parts = [
            "soft lockup", "hard LOCKUP", "rcu_sched self-detected stall", "rcu_preempt self-detected stall",
            "detected stalls on CPUs", "blocked for more than",
        ]
        return parts.contains { line.contains($0) }
    }
}
