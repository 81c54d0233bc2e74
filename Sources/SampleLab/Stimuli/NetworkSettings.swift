public import LinuxHost
import SystemPackage

/// Settings under `/proc/sys/net` of the calling thread's network namespace.
public enum NetworkSettings {
    /// Writes settings, in their order.
    ///
    /// One that the kernel does not have is no error.
    ///
    /// - Parameter settings: The name below `/proc/sys/net` and the value of each.
    /// - Throws: `SystemCallError` with `EACCES` or `EROFS` where the caller may not, `EINVAL` for an invalid value.
    public static func write(_ settings: [(name: String, value: String)]) throws(SystemCallError) {
        for (name, value) in settings {
            do {
                try SmallFile.write(value, to: "/proc/sys/net/\(name)")
            } catch let error where error.errno == .noSuchFileOrDirectory {}
        }
    }
}

/// IPv6 of the calling thread's network namespace.
public enum IPv6 {
    /// Turns IPv6 off for every interface, so that neighbour discovery and multicast reports add no frames.
    ///
    /// A kernel without IPv6 is no error.
    public static func disable() throws(SystemCallError) {
        try NetworkSettings.write(["all", "default"].map { ("ipv6/conf/\($0)/disable_ipv6", "1") })
    }
}
