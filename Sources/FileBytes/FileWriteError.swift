import Glibc

/// A file that could not be written.
public struct FileWriteError: Error, Sendable, Hashable {
    /// The system call that was refused.
    public let call: String
    /// The file as the caller named it.
    public let path: String
    /// The kernel's answer.
    public let code: Int32

    /// Creates an error from what the kernel answered.
    public init(_ call: String, _ path: String, code: Int32) {
        self.call = call
        self.path = path
        self.code = code
    }

    /// Creates an error for a call that has just failed.
    init(_ call: String, _ path: String) {
        self.init(call, path, code: errno)
    }
}

extension FileWriteError: CustomStringConvertible {
    /// For example `rename on 'out/run.xml': no space left on device (ENOSPC); free some space, or choose another place`.
    public var description: String {
        let remedy = Self.known[code].map { "; \($0.remedy)" } ?? ""
        return "\(call) on '\(ForeignText.line(path))': \(Self.cause(code))\(remedy)"
    }

    /// What the kernel answered, in words and by its name: `no space left on device (ENOSPC)`.
    public static func cause(_ code: Int32) -> String {
        let words = String(cString: strerror(code))
        return words.prefix(1).lowercased() + words.dropFirst() + (known[code].map { " (\($0.name))" } ?? "")
    }

    private static let known: [Int32: (name: String, remedy: String)] = [
        ENOENT: ("ENOENT", "make its folder first"),
        ENOTDIR: ("ENOTDIR", "a part of its path is no folder"),
        EISDIR: ("EISDIR", "name a file in that folder"),
        EACCES: ("EACCES", "choose a place that you may write to"),
        EPERM: ("EPERM", "choose a place that you may write to"),
        EROFS: ("EROFS", "choose a place that you may write to"),
        ENOSPC: ("ENOSPC", "free some space, or choose another place"),
        EDQUOT: ("EDQUOT", "free some space, or choose another place"),
        EIO: ("EIO", "look at the kernel's log"),
        ENAMETOOLONG: ("ENAMETOOLONG", "choose a shorter name"),
    ]
}
