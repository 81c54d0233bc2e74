public import FileBytes
public import KernelImages
public import SystemPackage

/// Why a config or a profile could not be read from a file.
public struct ConfigSourceError: Error, Equatable, CustomStringConvertible {
    /// What was wanted of the file: `config` or `profile`.
    public let purpose: String
    /// The file, as it was asked for.
    public let path: FilePath
    /// What came in the way.
    public let cause: Cause

    /// What can prevent reading a file.
    public enum Cause: Error, Equatable {
        /// There is no such file; files beside it whose names are alike may be meant.
        case missing(alike: [String])
        /// The path is a folder, which may be a kernel tree with a `.config` of its own.
        case isDirectory(holdsConfig: Bool)
        /// The tree is no folder.
        case notATree
        /// The tree is there and has no `.config`.
        case treeWithoutConfig
        /// The system refused.
        case refused(Errno)
        /// The file is larger than this many bytes.
        case tooLarge(limit: Int)
        /// The path leads to something that is no file: a device, a socket, a pipe without a writer.
        case input(InputError)
        /// The file holds no option at all.
        case noOptions
        /// The file is compressed and cannot be inflated.
        case compressed(DecompressionError)
        /// The file is a kernel image or a module, where the text of a config was expected.
        case isImage
        /// The file holds neither a config nor anything that was recognised as a kernel.
        case notAnImage
        /// The image was looked through to its end and embeds no config.
        case noEmbeddedConfig(ImageSearch)
        /// The image's kernel could not be decompressed, so that nobody knows what it embeds.
        case unreadableImage(ImageSearch)
        /// A line cannot be read.
        case syntax(ConfigSyntaxError)
    }

    /// Whether the file is simply not there.
    public var isAbsence: Bool {
        if case .missing = cause { return true }
        return cause == .refused(.notDirectory)
    }

    /// The attempt, the object, the cause and, where one is known, the remedy.
    public var description: String {
        "reading the \(purpose) '\(printable(path.string, limit: 200))': \(cause)"
    }
}

extension ConfigSourceError.Cause: CustomStringConvertible {
    /// The cause and the remedy.
    public var description: String {
        switch self {
        case .missing(let alike) where alike.isEmpty: "no such file; check the path"
        case .missing(let alike):
            "no such file; did you mean " + alike.map { "'\(printable($0))'" }.joined(separator: " or ") + "?"
        case .isDirectory(true): "it is a folder with a .config in it; use --tree for a kernel tree"
        case .isDirectory(false): "it is a folder; name a file in it"
        case .notATree: "it is not a folder; use --config for a file"
        case .treeWithoutConfig: "the tree has no .config; run 'make defconfig' there, or use --config"
        case .refused(.permissionDenied): "permission denied (EACCES); read it as a user who may"
        case .refused(let errno): "\(errno)".prefix(1).lowercased() + "\(errno)".dropFirst()
        case .input(let error): "\(error)"
        case .tooLarge(let limit): "it is larger than \(limit >> 20) MiB, so it is no kernel config"
        case .noOptions: "it holds no option; give a file with CONFIG_ lines"
        case .compressed(let error):
            if case .tooLarge = error.cause { "\(error), so it is no kernel config" } else { "\(error); copy it again" }
        case .isImage: "it is a kernel image or module; use --image"
        case .notAnImage:
            "it is no kernel image: neither IKCFG_ST, a kernel's banner, a bzImage's header nor a compressed kernel is in it; "
                + "use --config for the text of a config"
        case .noEmbeddedConfig(let search): search.absence
        case .unreadableImage(let search): search.failure
        case .syntax(let error): "\(error)"
        }
    }
}
