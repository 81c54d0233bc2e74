import ConfigCheck
public import GuestRun
import LibBPF
public import RunModel
public import SampleKit
public import SampleRun

/// What can be learned of a kernel before a guest boots it.
public struct GuestSurvey: Sendable {
    /// The kernel.
    public let kernel: GuestKernel
    /// What the plan needs.
    public let facts: HostFacts
    /// The kernel as the record describes it.
    public let machine: Machine
    /// The kernel's options against the profile of the samples.
    public let checks: [CheckResult]
    /// What the kernel's config lacks of what a virtual machine needs; `nil` where nothing is, or no config is believed.
    public let misfit: String?
    /// The believed config; `nil` if there is none.
    private let config: KernelConfig?

    /// Surveys a kernel for samples.
    ///
    /// - Parameters:
    ///   - kernel: The kernel.
    ///   - entries: The samples, whose needs are looked up.
    ///   - named: A config that the caller vouches for, instead of the one that is found.
    /// - Throws: `ConfigSourceError` where the named config cannot be read.
    public init(_ kernel: GuestKernel, for entries: [CatalogEntry], config named: String?) throws {
        let own = try GuestConfig(of: kernel, named: named)
        let found = own.found
        var options: [String: HostFacts.OptionState] = [:]
        if let trusted = own.trusted {
            for name in entries.options where found?.answer(name) != .unknown {
                options[name] = Self.state(of: name, in: trusted, kernel.modules)
            }
        }
        facts = HostFacts(
            options: options,
            optionSource: found?.source ?? "none",
            version: own.kernel.kernelVersion,
            access: .granted
        )
        // What a fragment does not mention may be a module.
        config = found?.isFragment == true ? nil : own.trusted
        machine = Machine(
            id: "vm:\(kernel.release)",
            kernel: Machine.Kernel(release: kernel.release, version: kernel.version, arch: "x86_64"),
            config: found?.machineConfig ?? Machine.Config(source: "none", identity: .unknown),
            libbpf: LibbpfVersion.text,
            options: config?.valuesForRecords
        )
        let profile = try ConfigProfile.load("samples")
        checks =
            ConfigReport(
                judging: profile,
                against: found,
                absence: own.passedOver,
                kernelVersion: own.kernel.kernelVersion
            ).checks
        self.kernel = kernel
        misfit = try own.misfit()
    }

    /// The modules to load for samples, with all that they depend on.
    ///
    /// Where a config says so, those of options that are modules; else every one that may be needed and is there.
    ///
    /// - Throws: What keeps a module from being read.
    public func modules(for entries: [CatalogEntry]) throws -> [(name: String, bytes: [UInt8])] {
        try kernel.modules?.load(for: entries.flatMap(\.manifest.usedOptions), in: config) ?? []
    }

    /// A file with the kernel's types (BTF); `nil` where it was not seen to have them.
    public var types: String? { kernel.hasTypes == true ? kernel.bootFile : nil }

    /// The text of the believed config, for what reads it in a guest.
    public var settings: String? { config?.settings }

    /// `lsm=` for a kernel that has BPF LSM and does not start it.
    public var securityModules: String? { config?.missingSecurityModules }

    private static func state(
        of option: String,
        in config: KernelConfig,
        _ modules: ModuleFolder?
    ) -> HostFacts.OptionState {
        switch config[option] {
        case .builtIn: .on
        case .module:
            OptionModules.modules(of: option).map { names in names.allSatisfy { modules?.has($0) == true } } ?? true
                ? .on : .moduleMissing
        default: .off
        }
    }
}
