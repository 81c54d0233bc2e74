/// The kern half of a sample: one C file of a kernel tree.
public struct KernSource: Sendable, Hashable {
    /// `<family>/<name>` of the sample, such as `networking/sockex1`.
    public let sample: String
    /// The file's path relative to the tree, such as `samples/bpf/sockex1_kern.c`.
    public let path: String

    /// Names a source; nothing is looked up.
    public init(sample: String, path: String) {
        self.sample = sample
        self.path = path
    }

    /// The file name of the object it compiles to: that of the source with `.o` in place of `.c`.
    public var objectName: String {
        let file = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        return (file.hasSuffix(".c") ? file.dropLast(2) : file) + ".o"
    }

    /// Whether the path stays inside a tree and names a C file.
    var isWellFormed: Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return path.hasSuffix(".c") && !path.contains("\0") && !path.hasPrefix("-")
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." } && parts.last != ".c"
    }
}
