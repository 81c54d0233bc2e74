import CLinux
import Glibc
import LinuxHost

/// The kernel's own account of what its processors do, which no tracepoint takes part in.
enum ProcessorAccount {
    /// Nanoseconds that some processors have been idle, waiting for I/O included, since the machine was started; 0 where
    /// `/proc` is not mounted.
    static func idle(of processors: [Int]) -> UInt64 {
        idle(
            of: processors,
            in: (try? SmallFile.text("/proc/stat")) ?? "",
            ticksASecond: UInt64(max(1, sysconf(CInt(_SC_CLK_TCK))))
        )
    }

    /// Reads it from the lines of proc_stat(5): `cpu1 user nice system idle iowait ...`, in ticks.
    static func idle(of processors: [Int], in text: String, ticksASecond: UInt64) -> UInt64 {
        let wanted = Set(processors.map { "cpu\($0)" })
        return text.split(separator: "\n").reduce(0) { sum, line in
            let fields = line.split(separator: " ")
            guard fields.count > 5, wanted.contains(String(fields[0])) else { return sum }
            return sum + (UInt64(fields[4]) ?? 0) + (UInt64(fields[5]) ?? 0)
        } * (1_000_000_000 / ticksASecond)
    }
}
