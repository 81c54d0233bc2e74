/// Why a build cannot be planned.
public enum BuildPlanError: Error, Sendable, Hashable {
    /// A source's path is not that of a C file inside a tree.
    case badSource(String)
    /// Two sources compile to objects of one name: the object, then the sources.
    case sameObject(String, String, String)
    /// The output folder is inside the tree, to which nothing may be written.
    case outputInTree(String)
    /// The tree's internal headers cannot be read for an architecture.
    case noReference(TargetArchitecture)
    /// The output folder's name cannot be used; the second value says why.
    case unsuitableOutput(String, String)
}

extension BuildPlanError: CustomStringConvertible {
    /// One line: what was attempted on what, why it failed, and what helps.
    public var description: String {
        switch self {
        case .badSource(let path):
            "cannot plan the build of '\(path)': it is not the path of a .c file inside a kernel tree, or its name has a backslash or a "
                + "control character"
        case .sameObject(let object, let first, let second):
            "cannot plan the build of '\(first)' and '\(second)': both would be \(object); build them into two folders"
        case .outputInTree(let path):
            "cannot build into '\(path)': it is inside the kernel tree, which is never written to; name another with --out"
        case .noReference(let architecture):
            "cannot build with '--headers kernel' for \(architecture.rawValue): only x86's internal headers can be read without a "
                + "configured tree; leave '--headers kernel' out, or use '--arch x86'"
        case .unsuitableOutput(let path, let cause):
            "cannot build into '\(path)': \(cause); name another folder with --out"
        }
    }
}
