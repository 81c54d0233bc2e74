public import RunModel

/// A config together with where it was read and how far it can be trusted.
public struct IdentifiedConfig: Sendable, Equatable {
    /// The options.
    public let config: KernelConfig
    /// The path it was read from.
    public let source: String
    /// What a verdict from it is about.
    public let subject: Subject
    /// Whether it belongs to the running kernel; `ConfigIdentity.unknown` for a config judged for itself.
    public let identity: ConfigIdentity
    /// What the identity rests on, a line each.
    public let evidence: [String]

    /// What a verdict from a config is about.
    public enum Subject: Sendable, Equatable {
        /// The config itself: a file that was named, perhaps for a kernel yet to be built.
        case itself
        /// The running kernel, for which the config is only a witness.
        case runningKernel
    }

    /// Creates a config that is judged for itself and so is compared with no kernel.
    public init(judgedForItself config: KernelConfig, source: String) {
        self.init(config: config, source: source, subject: .itself, identity: .unknown, evidence: [])
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
    public var isTrusted: Bool { subject == .itself || identity == .verified }

    /// Source and identity as a run's record carries them.
    public var machineConfig: Machine.Config { Machine.Config(source: source, identity: identity) }
}

extension KernelConfig {
    /// Whether this config is the one a kernel was built with, and what says so.
    ///
    /// The header's version is compared with the version the kernel was built from, then `CONFIG_LOCALVERSION` with the
    /// release, then the compiler, which tells two builds of one version apart.
    func identity(against kernel: RunningKernel) -> (ConfigIdentity, String) {
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
                .suspect, "its header says \(printable(header.versionText)), the running kernel is \(sourceVersion)"
            )
        }
        if case .string(let suffix) = self["CONFIG_LOCALVERSION"], !suffix.isEmpty, !kernel.release.contains(suffix) {
            return (
                .suspect,
                "its CONFIG_LOCALVERSION is '\(printable(suffix))', the running kernel's release is \(kernel.release)"
            )
        }
        // Since 5.8 the banner repeats CONFIG_CC_VERSION_TEXT; before, scripts/mkcompile_h asked the compiler itself.
        if case .string(let compiler) = self["CONFIG_CC_VERSION_TEXT"], let banner = kernel.banner, !compiler.isEmpty,
            let version = header.version, version >= KernelVersion(5, 8), !banner.contains(compiler)
        {
            return (.suspect, "its compiler '\(printable(compiler))' is not the one in /proc/version")
        }
        return (.verified, "its header says \(printable(header.versionText)), as the running kernel does")
    }

    private func names(_ version: String, release: String) -> Bool {
        guard release.hasPrefix(version) else { return false }
        let next = release.dropFirst(version.count).first
        return next.map { !$0.isNumber && $0 != "." } ?? true
    }
}
