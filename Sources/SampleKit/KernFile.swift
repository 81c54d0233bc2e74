/// A C file of the kernel tree that holds a kern half, or a part of one.
public struct KernFile: Sendable, Hashable, ExpressibleByStringLiteral {
    /// Its path in the kernel tree, such as `samples/bpf/sockex1_kern.c`.
    ///
    /// What trees of other releases call a file of `samples/bpf` is looked up in the table of renames
    /// (`Sources/KernBuild/history.tsv`), and need not be said.
    public let path: String
    /// Where other trees have the same kern half, in the order in which they are tried, such as
    /// `tools/testing/selftests/bpf/progs/test_tunnel_kern.c`.
    public let otherPaths: [String]

    /// Names a file, and where trees have it that do not have it there.
    public init(_ path: String, or otherPaths: String...) {
        self.path = path
        self.otherPaths = otherPaths
    }

    /// Names a file by its path in the kernel tree.
    public init(stringLiteral path: String) { self.init(path) }

    /// The file's name without its folder.
    public var fileName: String { String(path.split(separator: "/").last ?? "") }

    /// The file's name without `_kern.c`, `.bpf.c` or `.c`, by which ``Arena/openObject(_:without:)`` knows its object.
    public var name: String {
        let file = fileName
        let ending = ["_kern.c", ".bpf.c", ".c"].first { file.hasSuffix($0) }
        return String(file.dropLast(ending?.count ?? 0))
    }

    /// The kern object's file name: `sockex1_kern.o` for `samples/bpf/sockex1_kern.c`.
    public var object: String { (fileName.hasSuffix(".c") ? String(fileName.dropLast(2)) : fileName) + ".o" }
}
