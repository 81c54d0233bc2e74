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
    func absence(of entry: CatalogEntry) -> (file: String, reason: String)? {
        let sources = entry.kernSources
        let isMissing = { (source: KernSource) in !tree.contains(tree.located(source)) }
        guard let missing = sources.first(where: isMissing) ?? sources.first else { return nil }
        let reason =
            isMissing(missing)
            ? SampleHistory.builtIn.absence(of: missing.fileName, in: tree.version) : entry.flaw(in: tree.version)
        return reason.map { (missing.fileName, $0) }
    }

    /// What is built for samples, and how: as `bpf-assay build` would build them.
    ///
    /// - Parameters:
    ///   - entries: The samples.
    ///   - output: The folder for objects.
    ///   - isWritten: Whether types that an image embeds are written into the folder; a dry run writes nothing.
    /// - Returns: The plan, and the paths of each sample's objects by its `<family>/<name>`.
    /// - Throws: `BuildPlanError`; `ImageTypes.Unreadable` for an image without types.
    func plan(
        _ entries: [CatalogEntry],
        into output: String,
        isWritten: Bool
    ) throws -> (plan: BuildPlan, objects: [String: [String]]) {
        let selection = KernSelection(of: entries.flatMap(\.kernSources), in: tree)
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
            let names = entry.kernSources.map { selection.objectName(of: tree.located($0)) }
            return (entry.id, names.map { plan.output.appending($0).string })
        }
        return (plan, Dictionary(uniqueKeysWithValues: objects))
    }
}
