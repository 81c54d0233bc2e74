public import RunModel
public import SystemPackage

/// The running kernel and the best config that could be found for it.
public struct RunningConfig: Sendable, Equatable {
    /// The kernel.
    public let kernel: RunningKernel
    /// The first verified config; failing that the first one that could be read; `nil` if there is none.
    public let found: IdentifiedConfig?
    /// Why the other places that were looked at do not count, one per line.
    public let passedOver: [String]
    /// Configs that contradict ``found``, one per line: of another build by their header, or with other options.
    ///
    /// They change no verdict, but other programs read them: bpftool and libbpf believe `/boot` first.
    public let contradicted: [String]

    /// Looks for the running kernel's config, the surest place first; the first verified one is believed.
    ///
    /// The others are read as well, for ``contradicted``. Never fails: a place that cannot be read is passed over and
    /// named. Blocks for some milliseconds on files.
    ///
    /// - Parameters:
    ///   - kernel: The kernel, the running one unless a test says otherwise.
    ///   - root: The folder that stands for `/`.
    public init(of kernel: RunningKernel? = nil, root: FilePath = "/") {
        let kernel = kernel ?? .current(root: root)
        var verified: IdentifiedConfig?
        var doubtful: IdentifiedConfig?
        var passedOver: [String] = []
        var contradicted: [String] = []
        for source in KernelConfigSource.candidates(for: kernel) {
            let path = source.path(under: root).string
            do {
                let config = try source.read(under: root)
                var witness = IdentifiedConfig(config, source: path, of: kernel, isKernelsOwn: source == .proc)
                witness.modulePlace = ModulePlace(release: kernel.release, root: root)
                if let verified {
                    if let words = Self.contradiction(of: verified, by: witness) { contradicted.append(words) }
                } else if witness.isTrusted {
                    verified = witness
                } else {
                    doubtful = doubtful ?? witness
                    let words = "\(path): \(witness.identity), \(witness.evidence.joined(separator: ", "))"
                    passedOver.append(words)
                    if witness.identity == .suspect { contradicted.append(words) }
                }
            } catch {
                // Once a config is found, a place without one says nothing.
                guard verified == nil || !error.isAbsence else { continue }
                passedOver.append(error.isAbsence ? "\(path): no such file" : "\(path): \(error.cause)")
            }
        }
        self.kernel = kernel
        self.found = verified ?? doubtful
        self.passedOver = passedOver
        // What contradicts the kernel contradicts no config where none is believed.
        self.contradicted = verified == nil ? [] : contradicted
    }

    /// What a second config says otherwise than the one that is believed; `nil` where they agree.
    private static func contradiction(of verified: IdentifiedConfig, by other: IdentifiedConfig) -> String? {
        if other.identity == .suspect {
            return "\(other.source): suspect, \(other.evidence.joined(separator: ", "))"
        }
        let differing = verified.config.optionsSetOtherwise(in: other.config)
        guard let first = differing.first else { return nil }
        func state(_ config: KernelConfig) -> String { config[first].map { printable($0.text) } ?? "absent" }
        return "\(other.source): it differs from \(verified.source) in \(differing.count) options, such as "
            + "\(first), which is \(state(other.config)) there and \(state(verified.config)) here"
    }

    /// Source and identity as a run's record carries them; source `none` where nothing was found.
    public var machineConfig: Machine.Config {
        found?.machineConfig ?? Machine.Config(source: "none", identity: .unknown)
    }

    /// How the running kernel has an option, as far as a trusted config says.
    ///
    /// - Returns: ``Answer/unknown`` where no trusted config was found: then nothing may be called off.
    public func answer(_ option: String) -> Answer { found?.answer(option) ?? .unknown }

    /// What is known of one option of the running kernel.
    public enum Answer: Sendable, Equatable {
        /// The config gives it this value, which may be ``KernelConfig/Value/notSet``.
        case set(KernelConfig.Value)
        /// The config does not mention it: a dependency is off, or this kernel has no such option.
        case absent
        /// No trusted config says.
        case unknown
    }
}
