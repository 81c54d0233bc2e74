public import RunModel

/// A config together with where it was read and how far it can be trusted.
public struct IdentifiedConfig: Sendable, Equatable {
    /// The options.
    public let config: KernelConfig
    /// The path it was read from.
    public let source: String
    /// What a verdict from it is about.
    public let subject: Subject
    /// Whether it belongs to the running kernel, or to the image that it was found in.
    ///
    /// `ConfigIdentity.unknown` for a config that is taken as is and was compared with nothing.
    public let identity: ConfigIdentity
    /// What the identity rests on, one per line.
    public let evidence: [String]
    /// Whether the kernel itself hands it out, so that it is complete whatever it looks like.
    private var isKernelsOwn = false
    /// Where the modules are that `=m` stands for, where a running kernel is judged; `nil` elsewhere.
    var modulePlace: ModulePlace?

    /// What a verdict from a config is about.
    public enum Subject: Sendable, Equatable {
        /// The config itself: a file or image that was named, perhaps for a kernel yet to be built.
        case itself
        /// The running kernel, for which the config is only a witness.
        case runningKernel
    }

    /// Creates a config that is taken as is: it is compared with no kernel.
    public init(judgedForItself config: KernelConfig, source: String) {
        self.init(config: config, source: source, subject: .itself, identity: .unknown, evidence: [])
    }

    /// Creates a config that is taken as is and is said to be an image's.
    ///
    /// - Parameters:
    ///   - config: The options.
    ///   - source: The path they were read from: the image's own, or a file's beside it.
    ///   - kernel: What the image's kernel calls itself; `nil` where nothing says, and then the identity is unknown.
    public init(_ config: KernelConfig, source: String, ofImage kernel: RunningKernel?) {
        let (identity, evidence) =
            kernel.map { config.identity(against: $0, of: "the image's kernel", banner: "its banner") }
            ?? (.unknown, "the image does not say what its kernel calls itself")
        self.init(config: config, source: source, subject: .itself, identity: identity, evidence: [evidence])
    }

    /// Creates a config that bears witness of a running kernel.
    ///
    /// - Parameters:
    ///   - config: The options.
    ///   - source: The path they were read from.
    ///   - kernel: The kernel to compare the config with.
    ///   - isKernelsOwn: Whether the kernel itself handed the config out, as `/proc/config.gz`: nothing else can be as
    ///     sure, so its header is not compared.
    public init(_ config: KernelConfig, source: String, of kernel: RunningKernel, isKernelsOwn: Bool) {
        if isKernelsOwn {
            self.init(
                config: config,
                source: source,
                subject: .runningKernel,
                identity: .verified,
                evidence: ["the running kernel hands it out itself"]
            )
            self.isKernelsOwn = true
        } else {
            let (identity, evidence) = config.identity(against: kernel)
            self.init(
                config: config,
                source: source,
                subject: .runningKernel,
                identity: identity,
                evidence: [evidence]
            )
        }
    }

    private init(
        config: KernelConfig,
        source: String,
        subject: Subject,
        identity: ConfigIdentity,
        evidence: [String]
    ) {
        self.config = config
        self.source = source
        self.subject = subject
        self.identity = identity
        self.evidence = evidence
    }

    /// Whether an option missing here may be called missing.
    ///
    /// A config taken as is is believed unless it contradicts what it is said to belong to.
    public var isTrusted: Bool { identity == .verified || (subject == .itself && identity != .suspect) }

    /// Whether it is a part of a config, which leaves to Kconfig what it does not mention; see ``KernelConfig/isFragment``.
    public var isFragment: Bool { !isKernelsOwn && config.isFragment }

    /// How the kernel has an option, as far as this config can be believed.
    ///
    /// - Parameter option: The name with its prefix.
    /// - Returns: ``RunningConfig/Answer/unknown`` of a config that is not trusted, of an option in a line that cannot be read,
    ///   and of what a fragment or a torn file does not mention: then nothing may be called off.
    public func answer(_ option: String) -> RunningConfig.Answer {
        guard isTrusted else { return .unknown }
        if let value = config[option] { return .set(value) }
        return doubt(of: option) == nil ? .absent : .unknown
    }

    /// Why nobody knows how an option is set that has no value here; `nil` where it is absent.
    func doubt(of option: String) -> String? {
        config.reasonForDoubt(of: option, in: source, isWhole: isKernelsOwn)
    }

    /// What is wrong with the file, one per line: lines that cannot be read, and that it is a fragment.
    public var remarks: [String] {
        var lines = config.faults.prefix(10).map { "\(source):\($0.line): \($0.reason)" }
        if config.faultCount > lines.count {
            lines.append("\(source): \(config.faultCount - lines.count) more such lines")
        }
        if isFragment {
            lines.append(
                "\(source) is a fragment (\(config.count) options and no header of Kconfig's): "
                    + "what it does not mention Kconfig decides, so that it is unknown here"
            )
        }
        return lines
    }

    /// Source and identity as a run's record carries them.
    public var machineConfig: Machine.Config { Machine.Config(source: source, identity: identity) }
}
