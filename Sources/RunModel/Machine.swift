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
    /// How its guests started; `nil` for a host, where none was started, and in records of the first version.
    public var boot: Boot?

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

extension Machine {
    /// How the guests of a virtual machine started.
    public struct Boot: Sendable, Hashable, Codable {
        /// How many guests were up.
        public var guests = 0
        /// Seconds until the first of them was up.
        public var seconds: Double?
        /// What the kernel logged against itself while they started, each line once.
        public var splats: [String] = []
        /// What could not be mounted or loaded in them, each line once.
        public var troubles: [String] = []
        /// Why starts failed, a line a start.
        public var failures: [String] = []

        /// Creates an account of no guest.
        public init() {}

        /// The account with one more start in it.
        public func taking(_ start: GuestStart) -> Boot {
            var other = Boot()
            other.guests = start.failure == nil ? 1 : 0
            other.seconds = start.seconds
            (other.splats, other.troubles) = (start.splats, start.troubles)
            other.failures = start.failure.map { [$0] } ?? []
            return joined(with: other)
        }

        /// Both accounts of the same machine as one.
        public func joined(with other: Boot) -> Boot {
            var joined = self
            joined.guests += other.guests
            joined.seconds = seconds ?? other.seconds
            joined.failures += other.failures
            for line in other.splats where !joined.splats.contains(line) { joined.splats.append(line) }
            for line in other.troubles where !joined.troubles.contains(line) { joined.troubles.append(line) }
            return joined
        }

        private enum CodingKeys: String, CodingKey {
            case guests
            case seconds = "first_s"
            case splats, troubles, failures
        }
    }
}

/// One start of a guest, whether it came up or not.
public struct GuestStart: Sendable, Hashable, Codable {
    /// The ``Machine/id``.
    public var machine: String
    /// Seconds until it was up; `nil` where it was not.
    public var seconds: Double?
    /// Why it did not come up; `nil` where it did.
    public var failure: String?
    /// What the kernel logged against itself meanwhile.
    public var splats: [String]
    /// What could not be mounted or loaded.
    public var troubles: [String]

    /// Creates an account of a guest that came up.
    public init(machine: String, seconds: Double, splats: [String], troubles: [String]) {
        self.machine = machine
        self.seconds = seconds
        self.splats = splats
        self.troubles = troubles
    }

    /// Creates an account of a guest that did not come up.
    public init(machine: String, failure: String) {
        self.machine = machine
        self.failure = failure
        splats = []
        troubles = []
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
