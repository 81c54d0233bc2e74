import ConfigCheck
import FeatureRules
import GuestRun
import RunModel

/// A kernel that is booted in a virtual machine to be asked what BPF it has.
struct GuestCheck {
    /// Its config; `nil` where none was found.
    let config: IdentifiedConfig?
    /// Why other configs do not count, one per line.
    let passedOver: [String]
    /// Its version, `nil` where it names none.
    let version: KernelVersion?
    /// What it answered; `nil` where it was not asked.
    let probe: ProbeReport?

    /// Boots a kernel and asks it, which takes some seconds.
    ///
    /// Modules of options that features need are loaded first, where they are installed beside the kernel.
    ///
    /// - Parameters:
    ///   - name: What `run --kernel` takes.
    ///   - named: A config to judge in place of the one that is found.
    ///   - isAsked: Whether to boot it at all.
    /// - Throws: `GuestKernelError`, `ConfigSourceError`, `WorkerProgram.Missing`, `GuestSetupError` or `GuestProbe.Failure`.
    init(_ name: String, config named: String?, isAsked: Bool) throws {
        let kernel = try GuestKernel(name, cache: .usual)
        (config, passedOver) = try GuestSurvey.config(of: kernel, named: named)
        version = GuestSurvey.names(of: kernel).kernelVersion
        guard isAsked else {
            probe = nil
            return
        }
        probe = try GuestProbe.run(try Self.setup(kernel, config))
    }

    /// What a guest is made of that is asked about everything: with the modules of all options that features need.
    ///
    /// - Throws: `WorkerProgram.Missing`, `GuestSetupError`, or what keeps a module from being read.
    static func setup(_ kernel: GuestKernel, _ config: IdentifiedConfig?) throws -> GuestSetup {
        let trusted = config.flatMap { $0.isTrusted ? $0.config : nil }
        var setup = try GuestSetup(kernel: kernel, worker: try WorkerProgram.find(named: nil))
        setup.machine.securityModules = GuestSurvey.securityModules(for: trusted)
        setup.misfit = try config.flatMap {
            try GuestSurvey.misfit(of: $0, GuestSurvey.names(of: kernel).kernelVersion)
        }
        setup.contents.config = trusted?.settings
        if let folder = kernel.modules {
            var wanted: [String] = []
            for option in FeatureReport.allOptions where trusted.map({ $0[option] == .module }) ?? true {
                wanted += (OptionModules.modules(of: option) ?? []).filter { folder.has($0) && !wanted.contains($0) }
            }
            setup.contents.modules = try folder.load(wanted)
        }
        return setup
    }
}
