public import KernBuild
public import RunModel
public import SampleKit

extension CatalogEntry {
    /// What is to be compiled for the sample, in the order of its manifest.
    public var kernSources: [KernSource] {
        manifest.kernSources.map { KernSource(sample: id, path: $0.path, otherPaths: $0.otherPaths) }
    }

    /// Why the kern half of a tree cannot work on any kernel that samples run on; `nil` where it can.
    public func flaw(in tree: KernelVersion) -> String? {
        guard let file = manifest.kernSources.first?.fileName else { return nil }
        if let early = SampleHistory.builtIn.earliness(of: tree) { return "the \(file) of Linux \(tree) \(early)" }
        guard let oldest = manifest.oldestTree, tree < oldest.version else { return nil }
        return "the \(file) of Linux \(tree) \(oldest.flaw); that of Linux \(oldest.version) and later works"
    }
}
