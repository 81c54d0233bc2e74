import Glibc

/// What this process is told by the machine that it runs on.
public enum Host {
    /// The environment of this process.
    public static var environment: [String: String] {
        var found: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let sides = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if sides.count == 2 { found[String(sides[0])] = String(sides[1]) }
            entry += 1
        }
        return found
    }

    /// `uname -r`; empty if uname(2) fails, which Linux never does.
    public static var kernelRelease: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "" }
        return withUnsafeBytes(of: &names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The number of processors that are online, at least 1.
    public static var onlineProcessors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
