import Glibc

/// The program that samples run in.
public enum WorkerProgram {
    /// No worker was found.
    public struct Missing: Error, Sendable, Hashable, CustomStringConvertible {
        /// The paths that were looked at; none where not even this program's own folder is known.
        public let tried: [String]

        /// Where it was looked for, and what to do.
        public var description: String {
            guard !tried.isEmpty else {
                return "finding assay-worker: /proc, which says what folder bpf-assay is in, is not mounted; "
                    + "mount it, or set BPF_ASSAY_WORKER to the worker's path"
            }
            let places = tried.map { "'\($0)'" }.joined(separator: " or ")
            return "cannot find assay-worker at \(places); install it beside bpf-assay, or name it with --worker"
        }
    }

    /// The worker's path: the one that was named, `$BPF_ASSAY_WORKER`, or the one beside this program.
    ///
    /// - Throws: ``Missing`` where none of these can be executed.
    public static func find(named: String?) throws(Missing) -> String {
        try find(named: named, variable: getenv("BPF_ASSAY_WORKER").map { String(cString: $0) }, beside: program)
    }

    /// The same, with what the environment and the kernel say of it.
    ///
    /// - Parameters:
    ///   - named: What the command line says.
    ///   - variable: What `BPF_ASSAY_WORKER` says.
    ///   - program: The path of this program; `nil` where nothing says.
    /// - Returns: The worker's path.
    /// - Throws: ``Missing``.
    static func find(named: String?, variable: String?, beside program: String?) throws(Missing) -> String {
        let beside = program.flatMap { path in path.lastIndex(of: "/").map { "\(path[...$0])assay-worker" } }
        var tried: [String] = []
        for path in [named, variable, beside] {
            guard let path, !path.isEmpty else { continue }
            if access(path, X_OK) == 0 { return path }
            tried.append(path)
            if named != nil { break }
        }
        throw Missing(tried: tried)
    }

    private static var program: String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[0..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
