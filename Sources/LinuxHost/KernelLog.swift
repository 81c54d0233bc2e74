import CLinux
import Glibc

/// A reader of the kernel's log (`/dev/kmsg`, Documentation/ABI/testing/dev-kmsg in the kernel tree).
///
/// It sees what is logged after it was made, and takes nothing away from other readers.
public struct KernelLog: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// Begins to listen at the log's present end.
    ///
    /// - Parameter fromStart: Whether to begin at the oldest record that the log still holds instead.
    /// - Throws: ``SystemCallError`` with `EPERM` without `CAP_SYSLOG` where `kernel.dmesg_restrict` is set.
    public init(fromStart: Bool = false) throws(SystemCallError) {
        let opened = try OwnedDescriptor.open("/dev/kmsg", O_RDONLY | O_NONBLOCK)
        let place = lseek(opened.number, 0, fromStart ? SEEK_SET : SEEK_END)
        try SystemCallError.check(place, "lseek(2)", on: "'/dev/kmsg'")
        descriptor = opened
    }

    /// The lines that the kernel itself logged since the last call, without their prefixes.
    ///
    /// Lines that a process wrote to `/dev/kmsg` bear its facility, which the kernel forces to be another than its own: they
    /// are passed over, so that nobody can make the kernel out to have said something.
    /// Records that were overwritten before they could be read are passed over; what could not be read is not an error.
    public func newLines() -> [String] {
        var lines: [String] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(descriptor.number, &buffer, buffer.count)
            if count < 0, errno == EPIPE || errno == EINTR { continue }
            guard count > 0 else { return lines }
            // 'PRIORITY,SEQUENCE,TIME,FLAGS;TEXT\n', then continuation lines that begin with a blank.
            if let line = Self.kernelLine(ofRecord: buffer[0..<count]) { lines.append(line) }
        }
    }

    /// The first line of a record of `/dev/kmsg` whose facility is the kernel's, 0; `nil` for any other.
    static func kernelLine(ofRecord record: ArraySlice<UInt8>) -> String? {
        // By bytes: this runs over a whole log in guests, where strings take seconds. The facility stands above the three
        // bits of the level, so that the kernel's own priorities have one digit.
        guard record.count > 2, (0x30...0x37).contains(record[record.startIndex]),
            record[record.startIndex + 1] == UInt8(ascii: ","), let semicolon = record.firstIndex(of: UInt8(ascii: ";"))
        else { return nil }
        return String(decoding: record[(semicolon + 1)...].prefix { $0 != 0x0a }, as: UTF8.self)
    }

    /// Whether a line tells that the kernel killed a process because memory had run out.
    public static func isMemoryKill(_ line: String) -> Bool {
        ["Out of memory: Killed process", "Memory cgroup out of memory: Killed process"].contains {
            line.utf8.starts(with: $0.utf8)
        }
    }

    /// Whether a line reports that the kernel caught itself at something wrong: a warning, an oops, a lock-up.
    ///
    /// The words are those that the BPF CI and LAVA look for.
    public static func isSplat(_ line: String) -> Bool {
        let starts = [
            "BUG: ", "WARNING: ", "UBSAN: ", "KASAN: ", "Oops: ", "Oops[", "general protection fault", "kernel BUG at ",
        ]
        if starts.contains(where: { line.utf8.starts(with: $0.utf8) }) { return true }
        let parts = [
            "soft lockup", "hard LOCKUP", "rcu_sched self-detected stall", "rcu_preempt self-detected stall",
            "detected stalls on CPUs", "blocked for more than",
        ]
        var line = line
        return line.withUTF8 { bytes in
            parts.contains { part in
                var part = part
                return part.withUTF8 {
                    lx_find(bytes.baseAddress, bytes.count, $0.baseAddress, $0.count) >= 0
                }
            }
        }
    }
}
