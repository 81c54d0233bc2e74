import CommandInput
public import KernBuild
import SampleCatalog
import SampleKit
import SampleRun

/// What a build is to make: the kern halves that a tree has, or those of them that were named.
public struct BuildSelection: Sendable {
    /// The kern halves to compile, each once.
    public let sources: [KernSource]
    /// The objects that are linked of several.
    public let linked: [LinkedObject]
    /// What is worth saying before the build, one per line.
    public let remarks: [String]

    /// Chooses.
    ///
    /// - Parameters:
    ///   - patterns: Names, families or program types of the catalogue, or names that the tree's own files have, such as
    ///     `tracex3` or `xdp_redirect_cpu.bpf.o`; none for everything.
    ///   - tree: The tree.
    /// - Throws: `SampleSelection.NoSuchSample` for a pattern that neither knows.
    public init(_ patterns: [String], in tree: KernelTree) throws {
        let wishes = allSamples.flatMap(\.kernSources)
        let located = wishes.map { tree.located($0) }
        // Instructions of ours stand in for some of those that the tree lacks.
        let needed = allSamples.filter { $0.manifest.instructions == nil }.flatMap(\.kernSources)
        let all = tree.kernSources(sampleNames: KernSelection.names(of: located))
        guard !patterns.isEmpty else {
            // Two samples may share a kern half; two compilers must not write one object.
            var known = Set(all.sources.map(\.path))
            sources = all.sources + located.filter { tree.contains($0) && known.insert($0.path).inserted }
            linked = all.linked
            remarks = all.complaints + Self.absences(needed.map { ($0, tree.located($0)) }, in: tree)
            return
        }
        let wanted = patterns.filter { !$0.hasPrefix("!") }
        let unwanted = patterns.filter { $0.hasPrefix("!") }.map { String($0.dropFirst()) }
        var chosen: [KernSource] = wanted.isEmpty ? all.sources : []
        var joined: [LinkedObject] = wanted.isEmpty ? all.linked : []
        for pattern in wanted {
            let found = try Self.found(pattern, all, in: tree)
            chosen += found.sources
            joined += found.linked
        }
        for pattern in unwanted {
            let found = try Self.found(pattern, all, in: tree)
            // What a linked object that stays is made of stays as well.
            joined.removeAll { object in found.linked.contains { $0.objectName == object.objectName } }
            let kept = Set(joined.flatMap(\.parts))
            chosen.removeAll { source in
                !kept.contains(source.objectName) && found.sources.contains { $0.path == source.path }
            }
        }
        var seen: Set<String> = []
        sources = chosen.filter { seen.insert($0.path).inserted }
        linked = joined.filter { seen.insert($0.objectName).inserted }
        remarks = []
    }

    /// What a pattern names, in the tree or else in the catalogue.
    ///
    /// - Throws: `SampleSelection.NoSuchSample`.
    private static func found(
        _ text: String,
        _ all: KernSources,
        in tree: KernelTree
    ) throws -> (sources: [KernSource], linked: [LinkedObject]) {
        let pattern = NamePattern(text)
        let own = all.sources.filter { Self.fits(pattern, $0) }
        let products = all.linked.filter {
            [$0.sample, $0.objectName].contains { pattern.fits($0) } || own.map(\.objectName).contains($0.parts[0])
        }
        if own.isEmpty, products.isEmpty {
            let entries = try SampleSelection([text]).select(from: allSamples)
            return (entries.flatMap(\.kernSources).map { tree.located($0) }, [])
        }
        let parts = products.flatMap(\.parts)
        return (own + all.sources.filter { parts.contains($0.objectName) }, products)
    }

    private static func fits(_ pattern: NamePattern, _ source: KernSource) -> Bool {
        [
            source.sample, KernSource.stem(of: source.fileName), source.fileName, source.objectName, source.path,
        ].contains { pattern.fits($0) }
    }

    /// The samples of the catalogue that the tree lacks, and where they stood.
    private static func absences(_ located: [(wish: KernSource, KernSource)], in tree: KernelTree) -> [String] {
        located.compactMap { wish, source in
            if tree.contains(source) { return nil }
            let account = SampleHistory.builtIn.account(of: wish.fileName)
            let stood = account.map { "it stood as \($0)" } ?? "no kernel that is known here has it"
            return "Linux \(tree.version) has no sample \(wish.sample): \(stood)"
        }
    }
}
