public import RunModel
public import SystemPackage

/// The running kernel and the best config that could be found for it.
public struct RunningConfig: Sendable, Equatable {
    /// The kernel.
    public let kernel: RunningKernel
    /// The first verified config; failing that the first one that could be read; `nil` if there is none.
    public let found: IdentifiedConfig?
    /// Why the other places that were looked at do not count, a line each.
    public let passedOver: [String]

    /// Looks for the running kernel's config, the surest place first, and stops at the first verified one.
    ///
    /// Never fails: a place that cannot be read is passed over and named. Blocks for some milliseconds on files.
    ///
    /// - Parameters:
    ///   - kernel: The kernel, the running one unless a test says otherwise.
    ///   - root: The folder that stands for `/`.
    public init(of kernel: RunningKernel? = nil, root: FilePath = "/") {
        let kernel = kernel ?? .current(root: root)
        var verified: IdentifiedConfig?
        var doubtful: IdentifiedConfig?
        var passedOver: [String] = []
        for source in KernelConfigSource.candidates(for: kernel) where verified == nil {
            let path = source.path(under: root).string
            do {
                let config = try source.read(under: root)
                let witness = IdentifiedConfig(config, source: path, of: kernel, isKernelsOwn: source == .proc)
                if witness.isTrusted {
                    verified = witness
                } else {
                    doubtful = doubtful ?? witness
                    passedOver.append("\(path): \(witness.identity), \(witness.evidence.joined(separator: ", "))")
                }
            } catch {
                passedOver.append(error.isAbsence ? "\(path): no such file" : "\(path): \(error.cause)")
            }
        }
        self.kernel = kernel
        self.found = verified ?? doubtful
        self.passedOver = passedOver
    }

    /// Source and identity as a run's record carries them; source `none` where nothing was found.
    public var machineConfig: Machine.Config {
        found?.machineConfig ?? Machine.Config(source: "none", identity: .unknown)
    }

    /// How the running kernel has an option, as far as a trusted config says.
    ///
    /// - Returns: ``Answer/unknown`` where no trusted config was found: then nothing may be called off.
    public func answer(_ option: String) -> Answer {
        guard let found, found.isTrusted else { return .unknown }
        return found.config[option].map(Answer.set) ?? .absent
    }

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
