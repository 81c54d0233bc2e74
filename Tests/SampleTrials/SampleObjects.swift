import Foundation
package import KernBuild
import KernTools
package import RunModel
import SampleCatalog
import SampleKit
import SystemPackage

/// The kern objects of all samples, built once from the tree that `BPF_ASSAY_TREE` names.
package actor SampleObjects {
    private let folder: String
    private var built: Task<[String: [String]], any Error>?

    /// Names a folder of objects beside the test's own program.
    ///
    /// - Parameter folder: The folder's name; tests that run as other users have folders of their own.
    package init(_ folder: String) {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        self.folder = program.deletingLastPathComponent().appendingPathComponent(folder).path
    }

    /// Whether there is a kernel tree to build them from, and a compiler.
    package static let isBuildable =
        (try? KernelTree.discover()) != nil
        && (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").contains {
            access("\($0)/clang", X_OK) == 0
        }

    /// The object of a sample could not be built.
    package struct Unbuilt: Error {
        package let result: BuildResult
    }

    /// The paths of each sample's kern objects, in the order of its manifest; none for a sample without.
    package func paths() async throws -> [String: [String]] {
        if let built { return try await built.value }
        let task = Task {
            let tree = try KernelTree.discover()
            let selection = KernSelection(of: allSamples.flatMap(\.wishes), in: tree)
            let plan = try BuildPlan(
                sources: selection.sources,
                linked: selection.linked,
                tree: tree,
                output: folder,
                compiler: try await Compiler.find()
            )
            let results = try await BuildExecutor(tools: LibbpfTools()).run(plan)
            for result in results where result.verdict != .pass { throw Unbuilt(result: result) }
            return Dictionary(
                uniqueKeysWithValues: allSamples.map { entry in
                    let names = entry.wishes.map { selection.objectName(of: tree.located($0)) }
                    return (entry.id, names.map { plan.output.appending($0).string })
                }
            )
        }
        built = task
        return try await task.value
    }
}

extension CatalogEntry {
    /// What is to be compiled for the sample, in the order of its manifest.
    package var wishes: [KernSource] {
        manifest.kernSources.map { KernSource(sample: id, path: $0.path, otherPaths: $0.otherPaths) }
    }
}
