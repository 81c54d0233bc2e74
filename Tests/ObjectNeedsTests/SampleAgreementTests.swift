import Foundation
import KernBuild
import KernTools
import ObjectNeeds
import RunModel
import SampleCatalog
import SampleKit
import SystemPackage
import TestSupport
import Testing

/// The samples' objects and their manifests say the same.
@Suite(
    .requires((try? KernelTree.discover()) != nil, "no kernel tree found: run ci/kernel-tree, or set BPF_ASSAY_TREE")
)
struct SampleAgreementTests {
    /// Options that a manifest need not name because one that it names depends on them.
    private static let implied: [String: [String]] = [
        // CONFIG_INET, CONFIG_PACKET and CONFIG_CGROUP_BPF's network hooks are inside of `if NET` (net/Kconfig).
        "CONFIG_NET": ["CONFIG_INET", "CONFIG_PACKET"]
    ]

    @Test func `types are those of the manifest, and so are the options, or they are implied`() async throws {
        let folder = "\(FileManager.default.temporaryDirectory.path)/bpf-assay-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = try KernelTree.discover()
        let selection = KernSelection(of: allSamples.flatMap { Self.sources(of: $0, in: tree) }, in: tree)
        let plan = try BuildPlan(
            sources: selection.sources,
            linked: selection.linked,
            tree: tree,
            output: folder,
            compiler: try await Compiler.find()
        )
        for result in try await BuildExecutor(tools: LibbpfTools()).run(plan) {
            try #require(result.verdict == .pass, "\(result.diagnostics)")
        }
        for sample in allSamples where !Self.sources(of: sample, in: tree).isEmpty {
            // As they are loaded: with maps of the old form converted.
            let objects = try Self.sources(of: sample, in: tree).map { source in
                let path = plan.output.appending(selection.objectName(of: tree.located(source)))
                return try BuiltObject(of: Array(Data(contentsOf: URL(fileURLWithPath: path.string)))).needs
            }
            // Which type a route's program has is said by the hook that ip(8) puts it on; objects for tc(8) look the same.
            let types = { (types: [String]) in
                Set(types.map { $0.hasPrefix("LWT_") || $0 == "SCHED_CLS" ? "of iproute2" : $0 })
            }
            #expect(types(objects.flatMap(\.programTypes)) == types(sample.manifest.programTypes), "\(sample.id)")
            // An older compiler leaves calls in the object that need what no manifest would ask for; it is then skipped.
            let needsCompiler = sample.manifest.needs.contains { if case .compiler = $0 { true } else { false } }
            if needsCompiler { continue }
            let declared = Set(
                sample.manifest.needs.compactMap { need in
                    if case .option(let name) = need { name } else { nil }
                }
            )
            for option in Set(objects.flatMap(\.options)) where !declared.contains(option) {
                let reasons = Self.implied[option] ?? []
                #expect(!declared.isDisjoint(with: reasons), "\(sample.id) needs \(option)")
            }
        }
    }

    /// What the tree has of a sample; instructions stand in for files that newer trees no longer have.
    private static func sources(of entry: CatalogEntry, in tree: KernelTree) -> [KernSource] {
        let all = entry.manifest.kernSources.map {
            KernSource(sample: entry.id, path: $0.path, otherPaths: $0.otherPaths)
        }
        return entry.manifest.instructions == nil ? all : all.filter { tree.contains(tree.located($0)) }
    }
}
