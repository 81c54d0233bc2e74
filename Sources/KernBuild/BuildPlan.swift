import RunModel
public import SystemPackage

/// All that a build will write and run, as a value: equal for equal inputs, made without a look at the disk.
public struct BuildPlan: Sendable, Hashable {
    /// A header of ours to write.
    public struct Header: Sendable, Hashable {
        /// The file, absolute.
        public let path: FilePath
        /// Its content.
        public let content: [UInt8]
    }

    /// A symbolic link to make.
    public struct Link: Sendable, Hashable {
        /// The link, absolute.
        public let path: FilePath
        /// What it points to.
        public let destination: FilePath
    }

    /// The tree that sources and UAPI headers come from.
    public let tree: KernelTree
    /// The folder that all output goes to.
    public let output: FilePath
    /// Headers of ours, by path.
    public let headers: [Header]
    /// Links that give the tree's and libbpf's headers the names by which the samples include them.
    public let links: [Link]
    /// One command a source, in the order of the sources.
    public let commands: [CompileCommand]

    /// Plans the build of some samples' kern halves.
    ///
    /// - Parameters:
    ///   - sources: What to compile. A file that the tree lacks is no error here but an ERROR of its own in the results.
    ///   - tree: Where the sources are.
    ///   - output: The folder for objects and headers, absolute or relative to the working folder; it need not exist.
    ///   - compiler: What compiles them.
    ///   - architecture: What kernels the objects are for.
    ///   - libbpf: The folder that holds `bpf_helpers.h`, absolute.
    /// - Throws: ``BuildPlanError``.
    public init(
        sources: [KernSource],
        tree: KernelTree,
        output: String,
        compiler: Compiler,
        architecture: TargetArchitecture = .host,
        libbpf: String = "/usr/include/bpf"
    ) throws(BuildPlanError) {
        let folder = Files.absolute(output)
        try Self.check(sources: sources, tree: tree, output: folder)
        let include = IncludeFolders(tree: tree, root: folder.appending("headers"), libbpf: FilePath(libbpf))
        let options = Self.options(compiler: compiler, architecture: architecture, include: include)
        self.tree = tree
        self.output = folder
        headers =
            CompatHeaders.all.map {
                Header(path: include.compat.appending($0.path), content: $0.content)
            }
            + [Header(path: include.compat.appending("linux/version.h"), content: Array(Self.versionHeader(tree).utf8))]
        links = include.links
        commands = sources.map { source in
            CompileCommand(
                source: source,
                executable: compiler.path,
                options: options,
                workingFolder: tree.path,
                object: folder.appending(source.objectName)
            )
        }
    }

    /// The plan as lines for a person or a shell: headers as comments, then links and commands as they could be typed.
    public var shellText: String {
        let folders = Set((headers.map(\.path) + links.map(\.path)).map { $0.removingLastComponent().string })
        return
            (folders.sorted().map { "mkdir -p \(ShellText.quote($0))" }
            + headers.map { "# write \(ShellText.quote($0.path.string)) (\($0.content.count) bytes)" }
            + links.map { "ln -sfn \(ShellText.quote($0.destination.string)) \(ShellText.quote($0.path.string))" }
            + commands.map(\.shellText))
            .joined(separator: "\n")
    }
}

extension BuildPlan {
    private static func check(sources: [KernSource], tree: KernelTree, output: FilePath) throws(BuildPlanError) {
        if let source = sources.first(where: { !$0.isWellFormed }) { throw .badSource(source.path) }
        var owners: [String: KernSource] = [:]
        for source in sources {
            // Two samples may share a source: both write the same bytes. Two sources may not share an object.
            if let owner = owners.updateValue(source, forKey: source.objectName), owner.path != source.path {
                throw .sameObject(source.objectName, owner.path, source.path)
            }
        }
        // By name only; the executor looks behind symbolic links and `..`.
        if output.starts(with: tree.path), !output.components.contains(where: { $0.kind == .parentDirectory }) {
            throw .outputInTree(output.string)
        }
        // clang 14 splits an argument of -ffile-prefix-map at its first '=', later ones at the last: no way to quote it.
        if output.string.contains("=") { throw .unsuitableOutput(output.string, "it contains '='") }
        if output.string.contains("\0") { throw .unsuitableOutput(output.string, "it contains a NUL byte") }
    }

    /// What the objects are compiled with, but for the source and the output.
    private static func options(
        compiler: Compiler,
        architecture: TargetArchitecture,
        include: IncludeFolders
    ) -> [String] {
        // No host header can be found: what is neither in the tree, nor libbpf's, nor ours, is an error and not a guess.
        var options = ["-target", "bpf", "-O2", "-g", "-nostdlibinc"]
        options += compiler.options
        options += ["-D__KERNEL__", "-D__BPF_TRACING__"]
        options += ["-D__TARGET_ARCH_\(architecture.folder)", "-D\(architecture.macro)"]
        options += ["-include", include.compat.appending("prelude.h").string]
        options += ["-I", "tools/testing/selftests/bpf"]  // bpf_legacy.h
        options += include.searchOrder(architecture).flatMap { ["-isystem", $0] }
        // The compiler would make a call of an undeclared function an extern that no loader can resolve.
        options += ["-Werror=implicit-function-declaration"]
        // Silenced upstream too (samples/bpf/Makefile): the samples compare struct pointers with void *data_end by design.
        options += ["-Wno-compare-distinct-pointer-types"]
        // The object's bytes must not tell where the tree or the output folder is. The working folder is the tree and its
        // file names are relative, so clang can still open them: BTF carries the source lines that verifier logs show.
        options += ["-fdebug-compilation-dir=."]
        options += include.debugNames.map { "-ffile-prefix-map=\($0)=\($1)" }
        // A crash must not leave a reproducer of some MB in /tmp.
        options += ["-fno-crash-diagnostics", "-fno-color-diagnostics"]
        return options
    }

    /// `<linux/version.h>`, which a configured tree generates from its `Makefile`.
    private static func versionHeader(_ tree: KernelTree) -> String {
        // SUBLEVEL has been clamped to a byte since 4.4.256 and 4.9.256 overflowed it.
        let code = tree.version.major << 16 + tree.version.minor << 8 + min(tree.version.patch, 255)
        return """
            /* bpf-assay: generated from the Makefile of the tree. */
            #pragma once
            #define LINUX_VERSION_CODE \(code)
            #define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))

            """
    }
}
