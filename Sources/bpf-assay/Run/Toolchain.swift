import Glibc
import KernBuild
import SampleKit
import SystemPackage

/// The compiler and the tree that a run builds with.
struct Toolchain {
    let tree: KernelTree
    let compiler: Compiler
    /// The file whose types `vmlinux.h` declares.
    private let types: String

    /// Finds the tree and the compiler.
    ///
    /// - Parameters:
    ///   - options: What the command line says.
    ///   - kernels: Files with the types of the kernels in virtual machines; the first stands in where this host shows none.
    /// - Throws: `KernelTreeError`, `CompilerError`.
    init(_ options: RunOptions, kernels: [String] = []) async throws {
        tree = try options.tree.map { try KernelTree(at: $0) } ?? KernelTree.discover()
        compiler = try await Compiler.find(named: options.clang)
        let host = BuildPlan.Settings().btf
        types = options.btf ?? (access(host, R_OK) == 0 ? host : kernels.first ?? host)
    }

    /// Why the tree has no such sample, where trees of its release have none that could work; `nil` where it has it, or ought to.
    func absence(of entry: CatalogEntry) -> String? {
        let source = entry.kernSource
        guard !tree.contains(tree.located(source)) else { return entry.flaw(in: tree.version) }
        return SampleHistory.builtIn.absence(of: source.fileName, in: tree.version)
    }

    /// What is built for samples, and how: as `bpf-assay build` would build them.
    ///
    /// - Parameters:
    ///   - entries: The samples.
    ///   - output: The folder for objects.
    ///   - isWritten: Whether types that an image embeds are written into the folder; a dry run writes nothing.
    /// - Returns: The plan, and the path of each sample's object by its `<family>/<name>`.
    /// - Throws: `BuildPlanError`; `ImageTypes.Unreadable` for an image without types.
    func plan(
        _ entries: [CatalogEntry],
        into output: String,
        isWritten: Bool
    ) throws -> (plan: BuildPlan, objects: [String: String]) {
        let selection = BuildSelection(of: entries, in: tree)
        var settings = BuildPlan.Settings()
        settings.isShown = !isWritten
        // An image is only opened where something is compiled with its types.
        if selection.sources.contains(where: { $0.types == .btf }) {
            settings.btf = try ImageTypes(types).file(in: output, isWritten: isWritten)
        }
        let plan = try BuildPlan(
            sources: selection.sources,
            linked: selection.linked,
            tree: tree,
            output: output,
            compiler: compiler,
            settings: settings
        )
        let objects = entries.map { entry in
            (entry.id, plan.output.appending(selection.objectName(of: tree.located(entry.kernSource))).string)
        }
        return (plan, Dictionary(uniqueKeysWithValues: objects))
    }
}
