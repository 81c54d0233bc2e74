import Glibc

/// The program that samples run in.
enum WorkerProgram {
    /// No worker was found.
    struct Missing: Error, CustomStringConvertible {
        let tried: [String]

        var description: String {
            "cannot find assay-worker at \(tried.joined(separator: " or ")); install it beside bpf-assay, or name it with --worker"
        }
    }

    /// The worker's path: the one that was named, `$BPF_ASSAY_WORKER`, or the one beside this program.
    static func find(named: String?) throws(Missing) -> String {
        var tried: [String] = []
        for path in [named, getenv("BPF_ASSAY_WORKER").map { String(cString: $0) }, beside] {
            guard let path, !path.isEmpty else { continue }
            if access(path, X_OK) == 0 { return path }
            tried.append("'\(path)'")
            if named != nil { break }
        }
        throw Missing(tried: tried)
    }

    private static var beside: String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        let path = String(decoding: buffer[0..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.lastIndex(of: "/").map { "\(path[...$0])assay-worker" }
    }
}
