import Glibc
public import SystemPackage

/// How a kernel, the running one or one in an image, names itself, as far as that helps to recognise its config: see uname(2) and proc(5).
public struct RunningKernel: Sendable, Equatable {
    /// `uname -r`, such as `6.1.0-56-amd64`.
    public var release: String
    /// `uname -v`, such as `#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)`.
    public var version: String
    /// `/proc/version_signature`, which only Ubuntu has: `Ubuntu 5.15.0-91.101-generic 5.15.131`.
    public var signature: String?
    /// `/proc/version`, which also names the compiler.
    public var banner: String?

    /// Creates a kernel's names.
    public init(release: String, version: String, signature: String? = nil, banner: String? = nil) {
        self.release = release
        self.version = version
        self.signature = signature ?? banner.flatMap { Self.signature(in: $0) }
        self.banner = banner
    }

    /// Ubuntu's signature at the end of a banner, as images have it and `/proc/version` has not.
    private static func signature(in banner: String) -> String? {
        guard let start = banner.ranges(of: "(Ubuntu ").last, banner.last == ")" else { return nil }
        let text = String(banner[start.lowerBound...].dropFirst().dropLast())
        // `(gcc (Ubuntu 11.4.0) 11.4.0)` names a compiler.
        return text.contains("(") || text.contains(")") ? nil : text
    }

    /// Reads the names out of a banner, `Linux version RELEASE (WHO) (COMPILER) #1 SMP …`, as images and
    /// `/proc/version` have it; `nil` for another text.
    ///
    /// Ubuntu's ends with its signature in brackets.
    public init?(banner: String) {
        let words = banner.split(separator: " ")
        guard words.count > 2, words[0] == "Linux", words[1] == "version", words[2].first?.isNumber == true else {
            return nil
        }
        release = String(words[2])
        version = banner.firstRange(of: " #").map { String(banner[$0.lowerBound...].dropFirst()) } ?? ""
        signature = Self.signature(in: banner)
        // A bzImage's header has the same words without the compiler.
        self.banner = words.dropFirst(4).contains { $0.hasPrefix("(") } ? banner : nil
    }

    /// The names of the kernel this process runs on, by uname(2) and `/proc`.
    ///
    /// A missing `/proc` is no error.
    ///
    /// - Parameter root: The folder that stands for `/` where `/proc` is looked for.
    /// - Returns: What the kernel says; what `/proc` would add is `nil` where it cannot be read.
    public static func current(root: FilePath = "/") -> RunningKernel {
        var names = utsname()
        // uname(2) fails only for a bad address.
        uname(&names)
        return RunningKernel(
            release: text(names.release),
            version: text(names.version),
            signature: line(of: root.appending("proc/version_signature")),
            banner: line(of: root.appending("proc/version"))
        )
    }

    private static func text<Tuple>(_ field: Tuple) -> String {
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private static func line(of path: FilePath) -> String? {
        guard let bytes = try? ConfigFile.bytes(at: path) else { return nil }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
