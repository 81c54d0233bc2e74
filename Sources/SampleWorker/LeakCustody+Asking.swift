import Glibc
import LibBPF
import LinuxHost
import RunModel
import WorkerWire

extension LeakCustody {
    /// The number of the first namespace of processes (`PROC_PID_INIT_INO` in the kernel's sources).
    private static let firstNamespace = "pid:[4026531836]"

    /// Asks whether processes or pins hold objects.
    ///
    /// No object is opened. The cgroup and the comparison are the caller's.
    ///
    /// - Parameters:
    ///   - leaks: The objects.
    ///   - start: When the worker was started, in seconds since 1970.
    ///   - proc: Where procfs is mounted.
    init(of leaks: [SampleResult.Leak], since start: Int, proc: String = "/proc") {
        self.init()
        let others = leaks.filter { KernelObjectKind(rawValue: $0.kind) == nil }
        doubts += others.map { "\($0.kind) \($0.subject) is still there" }
        doubts += Self.holders(of: leaks, proc)
        doubts += Self.pins(since: start, proc)
        if doubts.isEmpty { evidence.append("no process has a descriptor of it, and nothing was pinned meanwhile") }
    }

    /// What processes hold, by what `fdinfo` says of their descriptors (proc(5)).
    private static func holders(of leaks: [SampleResult.Leak], _ proc: String) -> [String] {
        let namespace = link("\(proc)/self/ns/pid")
        guard namespace == firstNamespace else {
            return ["this is a container, which does not show all processes that may hold it"]
        }
        let fields = ["program": "prog_id", "map": "map_id", "link": "link_id"]
        let wanted = Set(leaks.compactMap { leak in fields[leak.kind].map { "\($0):\t\(leak.subject)" } })
        var found: [String] = []
        for pid in names(in: proc) ?? [] where pid.allSatisfy(\.isNumber) {
            let folder = "\(proc)/\(pid)/fdinfo"
            guard let descriptors = names(in: folder) else {
                // A process that has just ended holds nothing. The first may be hidden even from root, and opens nobody's objects.
                if errno != ENOENT, errno != ESRCH, pid != "1" {
                    found.append("the descriptors of process \(pid) cannot be seen")
                }
                continue
            }
            for descriptor in descriptors {
                let text = (try? SmallFile.text("\(folder)/\(descriptor)", limit: 4096)) ?? ""
                guard let line = text.split(separator: "\n").first(where: { wanted.contains(String($0)) }) else {
                    continue
                }
                let name = (try? SmallFile.text("\(proc)/\(pid)/comm"))?.split(separator: "\n").first ?? "?"
                found.append("process \(pid) (\(name)) holds \(line.replacing(tab: " "))")
            }
        }
        return found
    }

    /// Pins that were made since then, in every BPF file system that is mounted here.
    private static func pins(since start: Int, _ proc: String) -> [String] {
        guard let mounts = try? SmallFile.text("\(proc)/self/mountinfo") else { return ["the mounts cannot be seen"] }
        var found: [String] = []
        for mount in mounts.split(separator: "\n") {
            let halves = mount.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2, halves[1].hasPrefix("bpf ") else { continue }
            let fields = halves[0].split(separator: " ")
            guard fields.count > 4 else { continue }
            walk(String(fields[4]), depth: 0) { path, status in
                // The clock of file times lags by a tick.
                if Int(status.st_ctim.tv_sec) >= start - 1 { found.append("'\(path)' was pinned meanwhile") }
            }
        }
        return found
    }

    private static func walk(_ folder: String, depth: Int, _ body: (String, stat) -> Void) {
        guard depth < 16 else { return }
        for name in names(in: folder) ?? [] {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                walk(path, depth: depth + 1, body)
            } else {
                body(path, status)
            }
        }
    }

    /// The names in a folder; `nil`, with `errno`, where it cannot be listed.
    private static func names(in folder: String) -> [String]? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func link(_ path: String) -> String {
        var target = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &target, target.count)
        return String(decoding: target.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension Substring {
    fileprivate func replacing(tab: String) -> String { split(separator: "\t").joined(separator: tab) }
}
