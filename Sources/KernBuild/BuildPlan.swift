import FileBytes
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

    /// A header that is made of a file which only the build itself reads.
    public struct GeneratedHeader: Sendable, Hashable {
        /// The file, absolute.
        public let path: FilePath
        /// What it is made of.
        public let origin: Origin

        /// Where a generated header's content comes from.
        public enum Origin: Sendable, Hashable {
            /// The helpers that the tree's `include/uapi/linux/bpf.h` lists.
            case helpers
            /// All types of a BTF: `/sys/kernel/btf/vmlinux`, a `vmlinux` or a file of raw BTF.
            case types(of: FilePath)
            /// A table of the tree's system calls.
            case systemCalls(SystemCallTable)
            /// A kernel's `.config`.
            case configuration(FilePath)
        }
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
    /// The folder in it for all but the objects.
    public var workFolder: FilePath { output.appending(".bpf-assay") }
    /// What compiles the sources.
    public let compiler: Compiler
    /// Headers of ours, by path.
    public let headers: [Header]
    /// Headers that are made of what the tree or a kernel says.
    public let generated: [GeneratedHeader]
    /// Links that give the tree's and libbpf's headers the names by which the samples include them.
    public let links: [Link]
    /// One command a source, in the order of the sources.
    public let commands: [CompileCommand]
    /// What is linked of the objects, after them.
    public let joins: [JoinCommand]
    /// The folders that clang searches.
    let include: IncludeFolders
    /// The options that sources with `vmlinux.h` share, by which it can be compiled once for all of them.
    let btfOptions: [String]
    /// What the plan was made with.
    let settings: Settings
    /// What is worth saying before the build, one per line.
    public let remarks: [String]

    /// What a build is made with, besides sources, tree, output and compiler.
    public struct Settings: Sendable, Hashable {
        /// What kernels the objects are for.
        public var architecture = TargetArchitecture.host
        /// The folder that holds `bpf_helpers.h`, absolute; `nil` for the tree's own where it has it, else the system's.
        public var libbpf: String?
        /// The kernel whose types `vmlinux.h` declares.
        public var btf = "/sys/kernel/btf/vmlinux"
        /// Which headers stand for the kernel's internal ones.
        public var headers = HeaderChoice.compat
        /// The `.config` that internal headers are read with; `nil` for a small one of ours.
        public var configuration: String?
        /// Whether the plan is only shown: its headers then have a folder of their own, so that whoever runs the commands
        /// writes over none of a build's.
        public var isShown = false

        /// The settings of a build that nobody asked anything of.
        public init() {}
    }

    /// Which headers stand for the kernel's internal ones.
    public enum HeaderChoice: String, Sendable, Hashable, CaseIterable {
        /// Small ones of ours: one step, any architecture, no configuration.
        case compat
        /// The tree's: two steps, as upstream's build does it. The reference that ours are compared with.
        case kernel
    }

    /// Plans the build of some samples' kern halves.
    ///
    /// - Parameters:
    ///   - sources: What to compile. A file that the tree lacks is no error here but an ERROR of its own in the results.
    ///   - linked: What to link of them; one whose parts are not all among the sources is left out.
    ///   - tree: Where the sources are.
    ///   - output: The folder for objects and headers, absolute or relative to the working folder; it need not exist.
    ///   - compiler: What compiles them.
    ///   - settings: Everything else.
    /// - Throws: ``BuildPlanError``.
    public init(
        sources: [KernSource],
        linked: [LinkedObject] = [],
        tree: KernelTree,
        output: String,
        compiler: Compiler,
        settings: Settings = Settings()
    ) throws(BuildPlanError) {
        let folder = Files.absolute(output)
        if settings.headers == .kernel, settings.architecture != .x86 { throw .noReference(settings.architecture) }
        try Self.check(sources: sources, tree: tree, output: folder)
        let system = FilePath("/usr/include/bpf")
        let own = tree.path.appending("tools/lib/bpf")
        let libbpf = settings.libbpf.map { FilePath($0) } ?? (tree.hasLibrary ? own : system)
        let btf = Files.absolute(settings.btf)
        // Builds with other headers get a folder of their own, so that two at a time do not write over each other.
        let identity = [
            CompatHeaders.digest, tree.path.string, tree.version.description, libbpf.string, btf.string,
            settings.headers.rawValue, settings.configuration ?? "", settings.architecture.rawValue,
        ]
        let place = settings.isShown ? ".bpf-assay/shown" : ".bpf-assay/headers"
        let name = String(SHA256.hex(Array(identity.joined(separator: "\0").utf8)).prefix(12))
        let include = IncludeFolders(
            tree: tree,
            root: folder.appending(place).appending(name),
            libbpf: libbpf
        )
        let options = CompileOptions(
            compiler: compiler,
            architecture: settings.architecture,
            include: include,
            tree: tree
        )
        let usesBTF = sources.contains { $0.types == .btf }
        let usesKernel = settings.headers == .kernel && sources.contains { $0.types == .headers }
        let kernel = KernelHeaders(tree: tree, configuration: settings.configuration.map { Files.absolute($0) })
        self.tree = tree
        self.output = folder
        self.compiler = compiler
        self.include = include
        self.settings = settings
        btfOptions = options.btf
        remarks =
            usesBTF && tree.hasStaleTypes
            ? ["samples/bpf/vmlinux.h of the tree is not read: vmlinux.h is made of the types of '\(btf)'"] : []
        headers = Self.headers(
            tree,
            include,
            usesBTF: usesBTF,
            kernel: usesKernel ? kernel : nil,
            compiler,
            settings.architecture
        )
        generated =
            (libbpf == own
                ? [include.compat, include.btf].map {
                    GeneratedHeader(path: $0.appending("bpf_helper_defs.h"), origin: .helpers)
                } : [])
            + (usesBTF ? [GeneratedHeader(path: include.btf.appending("vmlinux.h"), origin: .types(of: btf))] : [])
            + (usesKernel ? kernel.generated(in: include.kernel) : [])
        links = include.links
        let made = Set(sources.map(\.objectName))
        commands = sources.map { source in
            let isReference = settings.headers == .kernel && source.types == .headers
            return CompileCommand(
                source: source,
                executable: compiler.path,
                options: source.definitions.map { "-D\($0)" }
                    + (source.types == .btf ? options.btf : isReference ? options.kernel : options.compat),
                lowering: isReference ? options.lowering : nil,
                workingFolder: tree.path,
                object: folder.appending(source.objectName)
            )
        }
        joins = linked.filter { made.isSuperset(of: $0.parts) }.map { object in
            JoinCommand(
                sample: object.sample,
                object: folder.appending(object.objectName),
                parts: object.parts.map { folder.appending($0) }
            )
        }
    }
}
