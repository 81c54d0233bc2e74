import KernBuild
import SampleKit

/// The compiler and the tree that a run builds with.
struct Toolchain {
    let tree: KernelTree
    let compiler: Compiler

    init(_ options: RunOptions) async throws {
        tree = try options.tree.map { try KernelTree(at: $0) } ?? KernelTree.discover()
        compiler = try await Compiler.find(named: options.clang)
    }

    func plan(_ entries: [CatalogEntry], into output: String) throws -> BuildPlan {
        try BuildPlan(
            sources: entries.map { tree.located($0.kernSource) },
            tree: tree,
            output: output,
            compiler: compiler
        )
    }
}
