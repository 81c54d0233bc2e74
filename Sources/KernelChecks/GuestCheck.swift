public import ConfigCheck
import FeatureRules
public import GuestRun
public import RunModel
import SampleRun
import Surveys

/// A kernel that is booted in a virtual machine to be asked what BPF it has.
public struct GuestCheck: Sendable {
    /// Its config; `nil` where none was found.
    public let config: IdentifiedConfig?
    /// Why other configs do not count, one per line.
    public let passedOver: [String]
    /// Its version, `nil` where it names none.
    public let version: KernelVersion?
    /// What it answered; `nil` where it was not asked.
    public let probe: ProbeReport?

    /// Boots a kernel and asks it, which takes some seconds.
    ///
    /// Modules of options that features need are loaded first, where they are installed beside the kernel.
    ///
    /// - Parameters:
    ///   - name: What `run --kernel` takes.
    ///   - named: A config to judge in place of the one that is found.
    ///   - isAsked: Whether to boot it at all.
    /// - Throws: `GuestKernelError`, `ConfigSourceError`, `WorkerProgram.Missing`, `GuestSetupError` or `GuestProbe.Failure`.
    public init(_ name: String, config named: String?, isAsked: Bool) throws {
        let kernel = try GuestKernel(name, cache: .usual)
        let own = try GuestConfig(of: kernel, named: named)
        config = own.found
        passedOver = own.passedOver
        version = own.kernel.kernelVersion
        guard isAsked else {
            probe = nil
            return
        }
        probe = try GuestProbe.run(try GuestSetup(of: kernel, own))
    }
}

extension GuestSetup {
    /// What a guest is made of that is asked about everything: with the modules of all options that features need.
    ///
    /// - Throws: `WorkerProgram.Missing`, `GuestSetupError`, or what keeps a module from being read.
    public init(askingEverythingOf kernel: GuestKernel) throws {
        try self.init(of: kernel, try GuestConfig(of: kernel, named: nil))
    }

    init(of kernel: GuestKernel, _ config: GuestConfig) throws {
        try self.init(kernel: kernel, worker: try WorkerProgram.find(named: nil))
        machine.securityModules = config.trusted?.missingSecurityModules
        misfit = try config.misfit()
        contents.config = config.trusted?.settings
        contents.modules = try kernel.modules?.load(for: FeatureReport.allOptions, in: config.trusted) ?? []
    }
}
