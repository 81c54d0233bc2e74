import Glibc
public import KernBuild
public import RunModel
public import SampleKit
public import SampleRun
import SystemPackage

/// The compiler and the tree that a run builds with.
public struct Toolchain: Sendable {
    /// The tree.
    public let tree: KernelTree
    /// The compiler.
    public let compiler: Compiler
    /// The file whose types `vmlinux.h` declares.
    private let types: String

    /// Finds the tree and the compiler.
    ///
    /// - Parameters:
    ///   - tree: The tree's folder; `nil` for the one that is found.
    ///   - clang: The compiler's path; `nil` for the one that is found.
    ///   - types: An image or a file of BTF for `vmlinux.h`; `nil` for this host's types.
    ///   - kernels: Files with the types of the kernels in virtual machines; the first stands in where this host shows none.
    /// - Throws: `KernelTreeError`, `CompilerError`.
    public init(tree: String?, clang: String?, types: String?, kernels: [String] = []) async throws {
        self.tree = try tree.map { try KernelTree(at: $0) } ?? KernelTree.discover()
        compiler = try await Compiler.find(named: clang)
        let host = BuildPlan.Settings().btf
        self.types = types ?? (access(host, R_OK) == 0 ? host : kernels.first ?? host)
    }

    /// Why the tree has no such sample, where trees of its release have none that could work.
    ///
    /// - Returns: `nil` where it has it, or ought to, and where instructions stand in for it.
    public func absence(of entry: CatalogEntry) -> (file: String, reason: String)? {
        entry.manifest.instructions == nil ? lack(of: entry) : nil
    }

    /// What is to be compiled for a sample; nothing where instructions stand in for what the tree rightly lacks.
    public func sources(of entry: CatalogEntry) -> [KernSource] { standsIn(for: entry) ? [] : entry.kernSources }

    private func standsIn(for entry: CatalogEntry) -> Bool {
        entry.manifest.instructions != nil && lack(of: entry) != nil
    }

    private func lack(of entry: CatalogEntry) -> (file: String, reason: String)? {
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
    public func plan(
        _ entries: [CatalogEntry],
        into output: String,
        isWritten: Bool
    ) throws -> (plan: BuildPlan, objects: [String: [String]]) {
        let selection = KernSelection(of: entries.flatMap(sources(of:)), in: tree)
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
            let names = sources(of: entry).map { selection.objectName(of: tree.located($0)) }
            return (entry.id, names.map { plan.output.appending($0).string })
        }
        return (plan, Dictionary(uniqueKeysWithValues: objects))
    }

    /// What becomes of samples whose objects the tree rightly lacks; nothing is built where instructions stand in for them.
    public func lacking(of entries: [CatalogEntry]) -> [String: KernObjectSource] {
        var sources: [String: KernObjectSource] = [:]
        for entry in entries {
            guard let lack = lack(of: entry) else { continue }
            sources[entry.id] = standsIn(for: entry) ? .paths([]) : .lacking(file: lack.file, lack.reason)
        }
        return sources
    }

    /// What there is for each sample after a build.
    ///
    /// - Parameters:
    ///   - objects: The paths of each sample's objects, as ``plan(_:into:isWritten:)`` says.
    ///   - results: What was built. Samples may share an object, and some objects are linked of several.
    /// - Returns: The paths where all of them were built, else why there are none.
    public static func sources(
        _ objects: [String: [String]],
        builtAs results: [BuildResult]
    ) -> [String: KernObjectSource] {
        let built = Dictionary(results.map { ($0.object, $0) }) { first, _ in first }
        return objects.mapValues { paths in
            for path in paths {
                guard let result = built[path] else { return .absent("nothing built '\(path)'") }
                if result.verdict != .pass { return .refused(result) }
            }
            return .paths(paths)
        }
    }
}
