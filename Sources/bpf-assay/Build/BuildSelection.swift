import CommandInput
import KernBuild
import SampleCatalog
import SampleKit
import SampleRun

/// What a build is to make: the kern halves that a tree has, or those of them that were named.
struct BuildSelection {
    let sources: [KernSource]
    let linked: [LinkedObject]
    /// What is worth saying before the build, one per line.
    let remarks: [String]

    /// Chooses.
    ///
    /// - Parameters:
    ///   - patterns: Names, families or program types of the catalogue, or names that the tree's own files have, such as
    ///     `tracex3` or `xdp_redirect_cpu.bpf.o`; none for everything.
    ///   - tree: The tree.
    /// - Throws: `SampleSelection.NoSuchSample` for a pattern that neither knows.
    init(_ patterns: [String], in tree: KernelTree) throws {
        let located = allSamples.map { entry in (entry, tree.located(entry.kernSource)) }
        // Two samples may share a kern half: the first one's name stands for it.
        let names = Dictionary(located.map { ($1.fileName, $0.id) }) { first, _ in first }
        let all = tree.kernSources(sampleNames: names)
        guard !patterns.isEmpty else {
            sources = all.sources
            linked = all.linked
            remarks = all.complaints + Self.absences(located, in: tree)
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

    /// Chooses the kern halves of samples, as a build of these samples by name does.
    ///
    /// A file that the tree lacks is chosen too: that it is not there is a result of the build.
    init(of entries: [CatalogEntry], in tree: KernelTree) {
        let located = entries.map { tree.located($0.kernSource) }
        let names = Dictionary(zip(located, entries).map { ($0.fileName, $1.id) }) { first, _ in first }
        let all = tree.kernSources(sampleNames: names)
        let own = Set(located.map(\.objectName))
        linked = all.linked.filter { object in object.parts.first.map(own.contains) ?? false }
        let parts = Set(linked.flatMap(\.parts))
        var seen: Set<String> = []
        sources = (located + all.sources.filter { parts.contains($0.objectName) }).filter {
            seen.insert($0.path).inserted
        }
        remarks = []
    }

    /// The file name of the object that a kern half ends up in: what it is linked into, where it is.
    func objectName(of source: KernSource) -> String {
        linked.first { $0.parts.first == source.objectName }?.objectName ?? source.objectName
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
            return (try selectedSamples([text]).map { tree.located($0.kernSource) }, [])
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
    private static func absences(_ located: [(CatalogEntry, KernSource)], in tree: KernelTree) -> [String] {
        located.compactMap { entry, source in
            if tree.contains(source) { return nil }
            let account = SampleHistory.builtIn.account(of: entry.kernSource.fileName)
            let stood = account.map { "it stood as \($0)" } ?? "no kernel that is known here has it"
            return "Linux \(tree.version) has no sample \(entry.id): \(stood)"
        }
    }
}
