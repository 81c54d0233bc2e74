/// The kern half of a sample: one C file of a kernel tree.
public struct KernSource: Sendable, Hashable {
    /// `<family>/<name>` of the sample, such as `networking/sockex1`; of a sample that no catalogue has, its bare name.
    public let sample: String
    /// The file's path relative to the tree, such as `samples/bpf/sockex1_kern.c`.
    public let path: String
    /// Where trees have it that do not have it at ``path``, in the order in which they are tried.
    public let otherPaths: [String]
    /// What it takes its kernel types from.
    public let types: Types
    /// Macros that whatever compiles it upstream defines, such as `DST_IFINDEX=1`.
    public let definitions: [String]

    /// Where the types of the kernel come from that a source names.
    public enum Types: String, Sendable, Hashable {
        /// The tree's headers.
        case headers
        /// `vmlinux.h`, made of a kernel's BTF.
        case btf
    }

    /// Names a source; nothing is looked up.
    ///
    /// - Parameters:
    ///   - sample: The sample it belongs to.
    ///   - path: The file, relative to the tree.
    ///   - otherPaths: Where other trees have it.
    ///   - types: Where its kernel types come from; by default, what upstream's rule for a file of that name gives.
    ///   - definitions: Macros to define.
    public init(
        sample: String,
        path: String,
        otherPaths: [String] = [],
        types: Types? = nil,
        definitions: [String] = []
    ) {
        self.sample = sample
        self.path = path
        self.otherPaths = otherPaths
        self.types = types ?? (path.hasSuffix(".bpf.c") ? .btf : .headers)
        self.definitions = definitions
    }

    /// The file's name without its folder.
    public var fileName: String { path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path }

    /// Whether it is one of `samples/bpf`, whose renames are known.
    var isOfSamples: Bool { path == "samples/bpf/\(fileName)" }

    /// The file name of the object it compiles to: that of the source with `.o` in place of `.c`.
    public var objectName: String { (fileName.hasSuffix(".c") ? String(fileName.dropLast(2)) : fileName) + ".o" }

    /// The sample's name as its file gives it: without `_kern.c` or `.bpf.c`.
    public static func stem(of fileName: String) -> String {
        for ending in ["_kern.c", ".bpf.c", ".c"] where fileName.hasSuffix(ending) {
            return String(fileName.dropLast(ending.count))
        }
        return fileName
    }

    /// Whether the path stays inside a tree and names a C file.
    ///
    /// A control character or a backslash is refused as well: no dependency file could carry such a name so that it is read
    /// back for certain, and no message the former.
    var isWellFormed: Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return path.hasSuffix(".c") && !path.utf8.contains { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }
            && !path.hasPrefix("-")
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." } && parts.last != ".c"
    }
}
