import LibBPF
import LinuxHost
import SampleKit
import SystemPackage
import WorkerWire

/// Refusals for lack of memory (`ENOMEM`), on machines that have too little of it.
///
/// Where there is plenty, a kernel that says so is at fault like one that refuses for any other reason.
enum MemoryShortage {
    /// MiB that must be free for a refusal to count against the kernel; the largest maps of samples take half of it.
    static let plenty = 256

    /// The frame of a refusal for lack of memory; `nil` for any other error, and where there is plenty.
    static func frame(of error: any Error, isShort: @autoclosure () -> Bool = isShort()) -> WorkerFrame? {
        guard errno(of: error) == .noMemory, isShort() else { return nil }
        return .starved(message: "\(error)", details: evidence())
    }

    private static func errno(of error: any Error) -> Errno? {
        switch error {
        case let error as ObjectError: error.cause.errno
        case let error as AttachError: error.cause.errno
        case let error as RefusedAttachment: error.refusal.cause.errno
        case let error as SystemCallError: error.errno
        default: nil
        }
    }

    private static func isShort() -> Bool {
        let free = available(in: (try? SmallFile.text("/proc/meminfo")) ?? "")
        return free.map { $0 < plenty } ?? true || limits().contains { $0.left >> 20 < plenty }
    }

    /// What was seen of this machine's memory.
    static func evidence() -> [String] {
        let text = (try? SmallFile.text("/proc/meminfo")) ?? ""
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("MemTotal:") || $0.hasPrefix("MemAvailable:") }
        return lines.map { $0.split(separator: " ").joined(separator: " ") }
            + limits().map { "\($0.file): \($0.left >> 10) kB left" }
    }

    /// MiB that are available by a text of `/proc/meminfo`; `nil` where it does not say.
    static func available(in text: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 >> 10 }
    }

    /// What the limits of this process's cgroups leave it, in bytes, from its own cgroup upwards.
    private static func limits() -> [(file: String, left: Int)] {
        guard let own = try? ControlGroup.own() else { return [] }
        func number(_ file: String) -> Int? {
            (try? SmallFile.text(file))?.split(separator: "\n").first.flatMap { Int($0) }
        }
        var found: [(file: String, left: Int)] = []
        var path = own.path[...]
        while let slash = path.lastIndex(of: "/") {
            // 'max' where there is no limit.
            if let most = number("\(path)/memory.max") {
                found.append(("\(path)/memory.max", most - (number("\(path)/memory.current") ?? 0)))
            }
            path = path[..<slash]
        }
        return found
    }
}
