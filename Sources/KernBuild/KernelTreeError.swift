public import SystemPackage

/// Why a folder cannot serve as a kernel tree.
public enum KernelTreeError: Error, Sendable, Hashable {
    /// There is no such folder.
    case notFound(String)
    /// The path names something other than a folder, such as the archive itself.
    case notAFolder(String)
    /// A part of the tree cannot be read.
    case unreadable(String, Errno)
    /// The folder has no `Makefile` of a kernel; the second value says what is amiss.
    case noKernelTree(String, String)
    /// The folder is a kernel tree without `samples/bpf`, as distributions' header packages are.
    case noSamples(String)
    /// The folder is a kernel tree without `include/uapi`.
    case noHeaders(String)
    /// The folder is what `make O=` wrote to; the second value is the tree that it was made of.
    case outputFolder(String, String)
    /// The tree lacks a part that some source needs, such as `tools/lib/bpf/bpf_helpers.h`.
    case incomplete(String, String)
    /// ``KernelTree/discover(environment:release:root:)`` found none; each value is a place and why it did not serve.
    case noneFound([String])
}

extension KernelTreeError: CustomStringConvertible {
    /// One line: what was attempted on what, why it failed, and what helps.
    public var description: String {
        let unpack =
            "unpack the kernel's full source (Debian: package linux-source-6.1, then tar xf), or name a tree with --tree"
        return switch self {
        case .notFound(let path): "cannot use '\(path)' as a kernel tree: no such file or directory; \(unpack)"
        case .notAFolder(let path): "cannot use '\(path)' as a kernel tree: it is not a directory; \(unpack)"
        case .unreadable(let path, let cause):
            "cannot read '\(path)': \(cause.lowercased); is it readable for this user?"
        case .noKernelTree(let path, let cause): "'\(path)' is no kernel tree: \(cause); \(unpack)"
        case .noSamples(let path): "kernel tree '\(path)' has no samples/bpf; a package of headers lacks it: \(unpack)"
        case .outputFolder(let path, let source):
            "'\(path)' is the output folder (O=) of a kernel's build, not its source; use --tree '\(source)'"
        case .incomplete(let path, let part):
            "kernel tree '\(path)' has no \(part): it is a part of a tree; \(unpack)"
        case .noHeaders(let path): "kernel tree '\(path)' has no include/uapi; \(unpack)"
        case .noneFound(let tried): "cannot find a kernel tree: tried \(tried.joined(separator: ", ")); \(unpack)"
        }
    }
}

extension Errno {
    /// The system's text for this error, in the lower case that our messages have throughout.
    var lowercased: String { description.lowercased() }
}
