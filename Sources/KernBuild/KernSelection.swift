/// The kern halves of some samples as a tree has them, with what upstream links them into.
public struct KernSelection: Sendable, Hashable {
    /// What is to be compiled: the kern halves, and the other parts of the objects that they are linked into.
    public let sources: [KernSource]
    /// What is to be linked of them.
    public let linked: [LinkedObject]

    /// Finds kern halves in a tree.
    ///
    /// A file that the tree lacks is chosen too: that it is not there is a result of the build.
    ///
    /// - Parameters:
    ///   - wishes: The kern halves, by the names that their samples know them by.
    ///   - tree: The tree.
    public init(of wishes: [KernSource], in tree: KernelTree) {
        let located = wishes.map { tree.located($0) }
        let all = tree.kernSources(sampleNames: Self.names(of: located))
        let own = Set(located.map(\.objectName))
        linked = all.linked.filter { object in object.parts.first.map(own.contains) ?? false }
        let parts = Set(linked.flatMap(\.parts))
        var seen: Set<String> = []
        sources = (located + all.sources.filter { parts.contains($0.objectName) }).filter {
            seen.insert($0.path).inserted
        }
    }

    /// The names of samples by their files in `samples/bpf`; the first name stands for what two samples share.
    public static func names(of located: [KernSource]) -> [String: String] {
        let own = located.filter(\.isOfSamples)
        return Dictionary(own.map { ($0.fileName, $0.sample) }) { first, _ in first }
    }

    /// The file name of the object that a kern half ends up in: what it is linked into, where it is.
    ///
    /// - Parameter source: The kern half as the tree has it (`KernelTree.located(_:)`).
    /// - Returns: The name, in whichever folder the objects are built.
    public func objectName(of source: KernSource) -> String {
        linked.first { $0.parts.first == source.objectName }?.objectName ?? source.objectName
    }
}
