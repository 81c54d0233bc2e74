import ConfigCheck
import GuestRun
import LibBPF
import RunModel
import SampleKit
import SampleRun
import SystemPackage

/// What can be learned of a kernel before a guest boots it.
struct GuestSurvey {
    /// The kernel.
    let kernel: GuestKernel
    /// What the plan needs.
    let facts: HostFacts
    /// The kernel as the record describes it.
    let machine: Machine
    /// The kernel's options against the profile of the samples.
    let checks: [CheckResult]
    /// What the kernel's config lacks of what a virtual machine needs; `nil` where nothing is, or no config is believed.
    let misfit: String?
    /// The believed config; `nil` if there is none.
    private let config: KernelConfig?

    /// Surveys a kernel for samples.
    ///
    /// - Parameters:
    ///   - kernel: The kernel.
    ///   - entries: The samples, whose needs are looked up.
    ///   - named: A config that the caller vouches for, instead of the one that is found.
    /// - Throws: `ConfigSourceError` where the named config cannot be read.
    init(_ kernel: GuestKernel, for entries: [CatalogEntry], config named: String?) throws {
        let (found, passedOver) = try Self.config(of: kernel, named: named)
        let trusted = found.flatMap { $0.isTrusted ? $0.config : nil }
        var options: [String: HostFacts.OptionState] = [:]
        if let trusted {
            for name in entries.options where found?.answer(name) != .unknown {
                options[name] = Self.state(of: name, in: trusted, kernel.modules)
            }
        }
        let running = Self.names(of: kernel)
        facts = HostFacts(
            options: options,
            optionSource: found?.source ?? "none",
            version: running.kernelVersion,
            access: .granted
        )
        machine = Machine(
            id: "vm:\(kernel.release)",
            kernel: Machine.Kernel(release: kernel.release, version: kernel.version, arch: "x86_64"),
            config: found?.machineConfig ?? Machine.Config(source: "none", identity: .unknown),
            libbpf: LibbpfVersion.text,
            options: found?.isFragment == true ? nil : trusted?.valuesForRecords
        )
        let profile = try ConfigProfile.load("samples")
        checks =
            ConfigReport(judging: profile, against: found, absence: passedOver, kernelVersion: running.kernelVersion)
            .checks
        self.kernel = kernel
        // What a fragment does not mention may be a module.
        config = found?.isFragment == true ? nil : trusted
        misfit = try found.flatMap { try Self.misfit(of: $0, running.kernelVersion) }
    }

    /// What a config lacks of what a virtual machine needs, the profile `guest`.
    static func misfit(of config: IdentifiedConfig, _ version: KernelVersion?) throws -> String? {
        guard config.isTrusted else { return nil }
        let profile = try ConfigProfile.load("guest")
        let lacking = ConfigReport(judging: profile, against: config, absence: [], kernelVersion: version).checks
            .filter { $0.weight == .required && $0.verdict == .unmet }
            .map(\.feature)
        guard !lacking.isEmpty else { return nil }
        return "its config lacks \(lacking.joined(separator: ", ")), which virtual machines need: "
            + "'bpf-assay check --config \(config.source) --profile guest' says what for"
    }

    /// The modules to load for samples, with all that they depend on.
    ///
    /// Where a config says so, those of options that are modules; else every one that may be needed and is there.
    func modules(for entries: [CatalogEntry]) throws -> [(name: String, bytes: [UInt8])] {
        guard let folder = kernel.modules else { return [] }
        var wanted: [String] = []
        for option in entries.flatMap(\.manifest.usedOptions) {
            if let config, config[option] != .module { continue }
            wanted += (OptionModules.modules(of: option) ?? []).filter { folder.has($0) && !wanted.contains($0) }
        }
        return try folder.load(wanted)
    }

    /// A file with the kernel's types (BTF); `nil` where it was not seen to have them.
    var types: String? { kernel.hasTypes == true ? kernel.bootFile : nil }

    /// The text of the believed config, for what reads it in a guest.
    var settings: String? { config?.settings }

    /// `lsm=` for a kernel that has BPF LSM and does not start it.
    var securityModules: String? { Self.securityModules(for: config) }

    /// `lsm=` for a kernel whose config has BPF LSM and does not start it.
    static func securityModules(for config: KernelConfig?) -> String? {
        guard let config, config["CONFIG_BPF_LSM"]?.isEnabled == true, case .string(let list) = config["CONFIG_LSM"],
            !list.split(separator: ",").contains("bpf")
        else { return nil }
        return list.isEmpty ? "bpf" : "\(list),bpf"
    }

    /// The config beside the image that is the image's own, or the one inside it.
    static func config(
        of kernel: GuestKernel,
        named: String?
    ) throws -> (found: IdentifiedConfig?, passedOver: [String]) {
        if let named {
            let config = try KernelConfigSource.file(FilePath(named)).read()
            return (IdentifiedConfig(judgedForItself: config, source: named), [])
        }
        var doubtful: IdentifiedConfig?
        var passedOver: [String] = []
        for path in kernel.configCandidates {
            do throws(ConfigSourceError) {
                let config = try KernelConfigSource.file(FilePath(path)).read()
                let witness = IdentifiedConfig(config, source: path, of: names(of: kernel), isKernelsOwn: false)
                if witness.isTrusted { return (witness, passedOver) }
                doubtful = doubtful ?? witness
                passedOver.append("\(path): \(witness.identity), \(witness.evidence.joined(separator: ", "))")
            } catch {
                passedOver.append("\(path): \(error.cause)")
            }
        }
        // The unpacked kernel, where there is one: nothing has to be decompressed again.
        do throws(ConfigSourceError) {
            let config = try KernelConfigSource.image(FilePath(kernel.bootFile)).read()
            return (
                IdentifiedConfig(config, source: kernel.image, of: names(of: kernel), isKernelsOwn: true), passedOver
            )
        } catch {
            passedOver.append("\(kernel.image): \(error.cause)")
        }
        return (doubtful, passedOver)
    }

    /// What a kernel calls itself.
    static func names(of kernel: GuestKernel) -> RunningKernel {
        RunningKernel(release: kernel.release, version: kernel.version, banner: kernel.banner)
    }

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
