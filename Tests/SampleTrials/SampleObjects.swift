import Foundation
import KernBuild
import KernTools
import ObjectSources
package import RunModel
import SampleCatalog
import SampleKit

/// The kern objects of all samples, built once from the tree that `BPF_ASSAY_TREE` names.
///
/// A sample that needs a newer clang than the one in `PATH` is built by that of Swift's toolchain.
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
            let late = allSamples.filter { !Self.isNewEnough(toolchain.compiler, for: $0) }
            let others = allSamples.filter { Self.isNewEnough(toolchain.compiler, for: $0) }
            let objects = try await Self.build(others, toolchain, folder)
            guard !late.isEmpty else { return objects }
            let newer = try await Toolchain(tree: nil, clang: Self.clangOfSwift(), types: nil)
            return objects.merging(try await Self.build(late, newer, "\(folder)-of-swift")) { first, _ in first }
        }
        built = task
        return try await task.value
    }

    private static func build(
        _ entries: [CatalogEntry],
        _ toolchain: Toolchain,
        _ folder: String
    ) async throws -> [String: [String]] {
        let (plan, objects) = try toolchain.plan(entries, into: folder, isWritten: true)
        let results = try await BuildExecutor(tools: LibbpfTools()).run(plan)
        for result in results where result.verdict != .pass { throw Unbuilt(result: result) }
        return objects
    }

    /// Whether a compiler has all that a sample needs of one.
    static func isNewEnough(_ compiler: Compiler, for entry: CatalogEntry) -> Bool {
        entry.manifest.needs.allSatisfy { need in
            guard case .compiler(_, let first) = need else { return true }
            return compiler.release.map { $0.major >= first } ?? false
        }
    }

    /// The path of the clang beside the `swift` in `PATH`; without one, the name `clang`.
    static func clangOfSwift() -> String {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":")
        let swift = folders.map { "\($0)/swift" as String }.first { (path: String) in access(path, X_OK) == 0 }
        guard let swift else { return "clang" }
        let clang = URL(fileURLWithPath: swift).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("clang").path
        return access(clang, X_OK) == 0 ? clang : "clang"
    }
}
