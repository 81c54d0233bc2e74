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
    /// `ConfigIdentity.unknown` for a config that is judged for itself and was compared with nothing.
    public let identity: ConfigIdentity
    /// What the identity rests on, a line each.
    public let evidence: [String]
    /// Where the modules are that `=m` stands for, where a running kernel is judged; `nil` elsewhere.
    var modulePlace: ModulePlace?

    /// What a verdict from a config is about.
    public enum Subject: Sendable, Equatable {
        /// The config itself: a file or image that was named, perhaps for a kernel yet to be built.
        case itself
        /// The running kernel, for which the config is only a witness.
        case runningKernel
    }

    /// Creates a config that is judged for itself and so is compared with no kernel.
    public init(judgedForItself config: KernelConfig, source: String) {
        self.init(config: config, source: source, subject: .itself, identity: .unknown, evidence: [])
    }

    /// Creates a config that is judged for itself and said to be an image's.
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
    /// One that is judged for itself is believed unless it contradicts what it is said to belong to.
    public var isTrusted: Bool { identity == .verified || (subject == .itself && identity != .suspect) }

    /// Source and identity as a run's record carries them.
    public var machineConfig: Machine.Config { Machine.Config(source: source, identity: identity) }
}

extension KernelConfig {
    /// Whether this config is the one a kernel was built with, and what says so.
    ///
    /// The header's version is compared with the version the kernel was built from, then `CONFIG_LOCALVERSION` with the
    /// release, then what the version's words say of the build, then the compiler, which tells two builds of one version
    /// apart. Two flavours that a distribution builds of one version may be alike in all of these. `CONFIG_BUILD_SALT`
    /// is not compared: whoever starts from a distribution's config inherits its salt.
    ///
    /// - Parameters:
    ///   - kernel: The kernel's names.
    ///   - subject: What to call it in words.
    ///   - place: Where its banner is, in words.
    /// - Returns: The identity, and what it rests on.
    func identity(
        against kernel: RunningKernel,
        of subject: String = "the running kernel",
        banner place: String = "/proc/version"
    ) -> (ConfigIdentity, String) {
        guard let header else { return (.unknown, "it has no header that names a kernel version") }
        let sourceVersion = kernel.sourceVersion
        // The header is a release without what LOCALVERSION adds, so -rc and other EXTRAVERSION texts must match too.
        // Debian writes 6.19~rc3 for 6.19.0-rc3: where the version is not the release only numbers are compared.
        let agrees =
            sourceVersion == kernel.release
            ? names(header.versionText, release: kernel.release)
            : header.version != nil && header.version == kernel.kernelVersion
        guard agrees else {
            return (
                .suspect,
                "its header says \(printable(header.versionText)), \(subject) is \(printable(sourceVersion))"
            )
        }
        if case .string(let suffix) = self["CONFIG_LOCALVERSION"], !suffix.isEmpty, !kernel.release.contains(suffix) {
            return (
                .suspect,
                "its CONFIG_LOCALVERSION is '\(printable(suffix))', the release of \(subject) is "
                    + printable(kernel.release)
            )
        }
        if let words = contradictedWords(of: kernel.version) {
            return (.suspect, "it says that \(words), against the version of \(subject), \(printable(kernel.version))")
        }
        // Since 5.8 the banner repeats CONFIG_CC_VERSION_TEXT; before, scripts/mkcompile_h asked the compiler itself.
        if case .string(let compiler) = self["CONFIG_CC_VERSION_TEXT"], let banner = kernel.banner, !compiler.isEmpty,
            let version = header.version, version >= KernelVersion(5, 8), !banner.contains(compiler)
        {
            return (.suspect, "its compiler '\(printable(compiler))' is not the one in \(place)")
        }
        return (.verified, "its header says \(printable(header.versionText)), as \(subject) does")
    }

    /// What a version such as `#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2` says otherwise of the build.
    ///
    /// Only what the config says in so many words can be contradicted. A kernel prints PREEMPT_DYNAMIC whatever the
    /// default model is, and only newer ones print it at all.
    private func contradictedWords(of version: String) -> String? {
        guard version.hasPrefix("#") else { return nil }
        let words = version.split(separator: " ")
        if self["CONFIG_SMP"] == .builtIn, !words.contains("SMP") { return "CONFIG_SMP is y" }
        for (option, word) in [
            ("CONFIG_SMP", "SMP"), ("CONFIG_PREEMPT_DYNAMIC", "PREEMPT_DYNAMIC"), ("CONFIG_PREEMPT_RT", "PREEMPT_RT"),
        ] where self[option] == .notSet && words.contains(Substring(word)) {
            return "\(option) is not set"
        }
        return nil
    }

    private func names(_ version: String, release: String) -> Bool {
        guard release.hasPrefix(version) else { return false }
        let next = release.dropFirst(version.count).first
        return next.map { !$0.isNumber && $0 != "." } ?? true
    }
}
