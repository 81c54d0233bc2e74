/// A kernel that samples ran on, and what they were built and loaded with.
public struct Machine: Sendable, Hashable, Codable {
    /// `host`, or `vm:` and the guest kernel's release.
    public var id: String
    /// The kernel as it names itself.
    public var kernel: Kernel
    /// Where the kernel's options were read from.
    public var config: Config
    /// The first line of `clang --version`, `nil` where nothing was compiled.
    public var clang: String?
    /// The version of libbpf that loaded the programs, such as `1.1`.
    public var libbpf: String?
    /// The options that samples need or that change how they run, with their values: `y`, `m`, `not set`, `absent`, or as the
    /// config has them.
    ///
    /// `nil` where no config can be believed, and in records of the first version.
    public var options: [String: String]?

    /// Creates a machine's description.
    public init(
        id: String,
        kernel: Kernel,
        config: Config,
        clang: String? = nil,
        libbpf: String? = nil,
        options: [String: String]? = nil
    ) {
        self.id = id
        self.kernel = kernel
        self.config = config
        self.clang = clang
        self.libbpf = libbpf
        self.options = options
    }

    /// What uname(2) says.
    public struct Kernel: Sendable, Hashable, Codable {
        /// `uname -r`.
        public var release: String
        /// `uname -v`.
        public var version: String
        /// `uname -m`.
        public var arch: String

        /// Creates a kernel's description.
        public init(release: String, version: String, arch: String) {
            self.release = release
            self.version = version
            self.arch = arch
        }
    }

    /// Where a machine's kernel options were read from, and how far that can be trusted.
    public struct Config: Sendable, Hashable, Codable {
        /// A path, or `none` where no source was found.
        public var source: String
        /// Whether the source belongs to the kernel.
        public var identity: ConfigIdentity

        /// Creates a description of a source.
        public init(source: String, identity: ConfigIdentity) {
            self.source = source
            self.identity = identity
        }
    }
}

/// Whether a kernel configuration belongs to the kernel it is used to judge.
public enum ConfigIdentity: String, Codable, Sendable, CaseIterable {
    /// It comes from the running kernel itself, or it names exactly that kernel.
    case verified
    /// It names another kernel.
    case suspect
    /// It does not say, or there is none.
    case unknown
}
