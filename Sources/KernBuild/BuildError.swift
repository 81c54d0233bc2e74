public import SystemPackage

/// Why a build could not begin.
///
/// What goes wrong with one object is no error but that object's result.
public enum BuildError: Error, Sendable, Hashable {
    /// The output folder, or a header in it, cannot be written.
    case cannotWrite(String, Errno)
    /// The output folder is, behind symbolic links, inside the tree.
    case outputInTree(String)
    /// A folder of headers is not there: libbpf's, or one of the tree's.
    case noHeaders(String, isLibbpf: Bool)
}

extension BuildError: CustomStringConvertible {
    /// One line: what was attempted on what, why it failed, and what helps.
    public var description: String {
        switch self {
        case .cannotWrite(let path, .noSpace):
            "cannot write '\(path)': no space left on device (ENOSPC); free some there, or name another folder with --out"
        case .cannotWrite(let path, let cause):
            "cannot write '\(path)': \(cause.lowercased); name a folder that this user may write to with --out"
        case .outputInTree(let path): BuildPlanError.outputInTree(path).description
        case .noHeaders(let path, isLibbpf: true):
            "cannot find libbpf's headers in '\(path)': no such directory; install Debian's package libbpf-dev"
        case .noHeaders(let path, isLibbpf: false):
            "cannot find the tree's headers in '\(path)': no such directory; unpack the full source once more"
        }
    }
}
