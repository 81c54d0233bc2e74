import RunModel
import SystemPackage

extension KernelTree {
    /// Finds a tree where nobody named one.
    ///
    /// The places, in order: `$BPF_ASSAY_TREE`; the newest of `/usr/src/linux-source-*`; the `source` and `build` links of
    /// the kernel's module folder. A tree that the environment names is a decision: if it does not serve, nothing else
    /// is tried.
    ///
    /// - Parameters:
    ///   - environment: The process's environment.
    ///   - release: `uname -r`.
    ///   - root: What stands in place of `/`.
    /// - Returns: The first tree that serves.
    /// - Throws: ``KernelTreeError``: what is wrong with the tree of the environment, or
    ///   ``KernelTreeError/noneFound(_:)`` with each place that was tried.
    public static func discover(
        environment: [String: String] = Host.environment,
        release: String = Host.kernelRelease,
        root: String = "/"
    ) throws(KernelTreeError) -> KernelTree {
        if let named = environment["BPF_ASSAY_TREE"], !named.isEmpty { return try KernelTree(at: named) }
        var tried = ["$BPF_ASSAY_TREE (not set)"]
        let base = FilePath(root)
        let sources = base.appending("usr/src")
        let unpacked = Files.names(in: sources)
            .filter { $0.hasPrefix("linux-source-") && Files.kind(of: sources.appending($0)) == .success(.folder) }
            .compactMap { attempt(sources.appending($0), noting: &tried) }
        // Equal versions: the path decides, so that the answer does not depend on the order of the directory.
        if let newest = unpacked.max(by: { ($0.version, $0.path.string) < ($1.version, $1.path.string) }) {
            return newest
        }
        if unpacked.isEmpty { tried.append("\(sources.appending("linux-source-*")) (no such folder that serves)") }
        let modules = base.appending("lib/modules").appending(release)
        for link in ["source", "build"] {
            if let tree = attempt(modules.appending(link), noting: &tried) { return tree }
        }
        throw .noneFound(tried)
    }

    /// Takes a place as a tree, or notes in a few words why it does not serve.
    private static func attempt(_ place: FilePath, noting tried: inout [String]) -> KernelTree? {
        do {
            return try KernelTree(at: place.string)
        } catch {
            let cause =
                switch error {
                case .notFound: "not there"
                case .notAFolder: "not a directory"
                case .unreadable(_, let cause): cause.lowercased
                case .noKernelTree: "no kernel tree"
                case .noSamples: "has no samples/bpf"
                case .noHeaders: "has no include/uapi"
                case .outputFolder(_, let source): "the output folder of a build of \(source)"
                case .incomplete(_, let part): "has no \(part)"
                case .noneFound: "nothing there"
                }
            tried.append("\(place) (\(cause))")
            return nil
        }
    }
}
