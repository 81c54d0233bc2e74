import Foundation
import KernBuild
import KernTools
import ObjectSources
package import RunModel
import SampleCatalog

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
            let toolchain = try await Toolchain(tree: nil, clang: nil, types: nil)
            let (plan, objects) = try toolchain.plan(allSamples, into: folder, isWritten: true)
            let results = try await BuildExecutor(tools: LibbpfTools()).run(plan)
            for result in results where result.verdict != .pass { throw Unbuilt(result: result) }
            return objects
        }
        built = task
        return try await task.value
    }
}
