import KernelImages
public import SystemPackage

/// A place where a kernel's config can be read.
public enum KernelConfigSource: Sendable, Hashable {
    /// A file that somebody named: plain or compressed as kernels are, whatever its name.
    case file(FilePath)
    /// The `.config` of a kernel tree.
    case tree(FilePath)
    /// A kernel image or `configs.ko` that somebody named, which may embed a config (`CONFIG_IKCONFIG`).
    case image(FilePath)
    /// `/proc/config.gz`, which needs `CONFIG_IKCONFIG_PROC`; Debian's kernels have none.
    case proc
    /// `/boot/config-RELEASE`. It may be stale, another build's, or in a VM the host's.
    case boot(release: String)
    /// `/usr/lib/modules/RELEASE/config`, the only one in Debian's 7.x packages.
    case modules(release: String)
    /// `configs.ko` below `/lib/modules/RELEASE`, of `CONFIG_IKCONFIG=m`: read as a file, no module is loaded.
    case configsModule(release: String)
    /// `/lib/modules/RELEASE/build/.config`, of the headers' package or the build tree.
    case build(release: String)

    /// Where the running kernel's config is looked for, the surest first.
    ///
    /// bpftool and libbpf look into `/boot` first, so that a stale file there hides what the kernel itself says.
    public static func candidates(for kernel: RunningKernel) -> [KernelConfigSource] {
        let release = kernel.release
        // A release is a file name's part below; one with a slash could lead anywhere.
        guard !release.isEmpty, !release.contains("/") else { return [.proc] }
        return [
            .proc, .boot(release: release), .modules(release: release), .configsModule(release: release),
            .build(release: release),
        ]
    }

    /// The file to read.
    ///
    /// - Parameter root: The folder that stands for `/`; it does not change paths that somebody named.
    /// - Returns: The path, which may lead nowhere.
    public func path(under root: FilePath = "/") -> FilePath {
        switch self {
        case .file(let path), .image(let path): path
        case .tree(let folder): folder.appending(".config")
        case .proc: root.appending("proc/config.gz")
        case .boot(let release): root.appending("boot/config-\(release)")
        case .modules(let release): root.appending("usr/lib/modules/\(release)/config")
        case .configsModule(let release):
            Self.installedModule(root.appending("lib/modules/\(release)/kernel/kernel/configs.ko"))
        case .build(let release): root.appending("lib/modules/\(release)/build/.config")
        }
    }

    /// Reads the config.
    ///
    /// Blocks on the file; a pipe is read to its end.
    ///
    /// - Parameter root: The folder that stands for `/`.
    /// - Returns: The options, at least one.
    /// - Throws: ``ConfigSourceError``. A duplicate option, a line that cannot be read or a missing header is no error; a
    ///   file without any option, or with more bad lines than options, is one.
    public func read(under root: FilePath = "/") throws(ConfigSourceError) -> KernelConfig {
        try parts(under: root).config
    }

    /// Reads the config as is; an image's is compared with the image's banner.
    ///
    /// - Returns: The config, not trusted where it contradicts the image that it is in.
    /// - Throws: What ``read(under:)`` throws.
    public func identified() throws(ConfigSourceError) -> IdentifiedConfig {
        let (config, kernel) = try parts(under: "/")
        guard isImage else { return IdentifiedConfig(judgedForItself: config, source: path().string) }
        return IdentifiedConfig(config, source: path().string, ofImage: kernel)
    }

    /// What the kernel in an image calls itself, whether or not it embeds a config.
    ///
    /// It tells whether a config file belongs to an image: see `IdentifiedConfig.init(_:source:ofImage:)`.
    ///
    /// - Returns: The names; `nil` where the image does not say.
    /// - Throws: ``ConfigSourceError`` for a file that is no image or cannot be read.
    public static func kernel(inImage path: FilePath) throws(ConfigSourceError) -> RunningKernel? {
        do {
            return try ImageConfig.kernel(in: path)
        } catch {
            throw ConfigSourceError(purpose: "image", path: path, cause: error)
        }
    }

    private func parts(
        under root: FilePath
    ) throws(ConfigSourceError) -> (config: KernelConfig, kernel: RunningKernel?) {
        let path = path(under: root)
        do throws(ConfigSourceError.Cause) {
            if case .tree(let folder) = self { try requireTree(folder) }
            let (bytes, kernel) = try isImage ? ImageConfig.read(path) : (ConfigFile.bytes(at: path), nil)
            guard !KernelImage.isLike(bytes) else { throw .isImage }
            let config = KernelConfig(parsing: bytes)
            // A bad line or two are findings. What has more of them than of others is something else than a config.
            if let first = config.faults.first, config.faultCount > config.count { throw .syntax(first) }
            guard config.count > 0 else { throw .noOptions }
            return (config, kernel)
        } catch {
            // What is wrong with a tree is said of the folder, which is what was asked for.
            let ofTree: [ConfigSourceError.Cause] = [.missing(alike: []), .notATree, .treeWithoutConfig]
            var subject = path
            if case .tree(let folder) = self, ofTree.contains(error) { subject = folder }
            throw ConfigSourceError(purpose: "config", path: subject, cause: error)
        }
    }

    private var isImage: Bool {
        switch self {
        case .image, .configsModule: true
        case .file, .tree, .proc, .boot, .modules, .build: false
        }
    }

    /// A module under the name that it is installed with, which `CONFIG_MODULE_COMPRESS_*` makes longer.
    private static func installedModule(_ path: FilePath) -> FilePath {
        let names = ["", ".xz", ".zst", ".gz"].map { FilePath(path.string + $0) }
        return names.first(where: ConfigFile.exists) ?? path
    }

    private func requireTree(_ folder: FilePath) throws(ConfigSourceError.Cause) {
        guard ConfigFile.exists(folder) else { throw .missing(alike: []) }
        guard ConfigFile.isDirectory(folder) else { throw .notATree }
        guard ConfigFile.exists(folder.appending(".config")) else { throw .treeWithoutConfig }
    }
}
