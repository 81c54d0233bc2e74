import Foundation
import KernBuild
import ObjectNeeds
import RunModel
import SampleCatalog
import SampleKit
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
        let plan = try BuildPlan(
            sources: allSamples.map { KernSource(sample: $0.id, path: $0.manifest.kernSource) },
            tree: try KernelTree.discover(),
            output: folder,
            compiler: try await Compiler.find()
        )
        let results = try await BuildExecutor().run(plan)
        #expect(results.count == allSamples.count)
        for result in results {
            try #require(result.verdict == .pass, "\(result.diagnostics)")
            let sample = try #require(allSamples.first { $0.id == result.sample })
            // As it is loaded: with maps of the old form converted.
            let object = Array(try Data(contentsOf: URL(fileURLWithPath: result.object)))
            let needs = try BuiltObject(of: object).needs
            #expect(needs.programTypes == sample.manifest.programTypes.sorted(), "\(sample.id)")
            let declared = Set(
                sample.manifest.needs.compactMap { need in
                    if case .option(let name) = need { name } else { nil }
                }
            )
            for option in needs.options where !declared.contains(option) {
                let reasons = Self.implied[option] ?? []
                #expect(!declared.isDisjoint(with: reasons), "\(sample.id) needs \(option): \(needs.list())")
            }
        }
    }
}
