public import ConfigCheck
import Glibc
import LibBPF
public import RunModel
public import SampleKit
public import SampleRun
import SystemPackage

/// What can be learned of this host before anything runs.
public struct HostSurvey: Sendable {
    /// What the plan needs.
    public let facts: HostFacts
    /// The host as the record describes it.
    public let machine: Machine
    /// The kernel's options against the profile of the samples.
    public let checks: [CheckResult]

    /// Surveys the host for samples.
    ///
    /// - Parameters:
    ///   - entries: The samples, whose needs are looked up.
    ///   - config: A config that the caller vouches for, instead of the one that is found.
    /// - Throws: `ConfigSourceError` where the named config cannot be read.
    public init(for entries: [CatalogEntry], config: String?) throws {
        let named = try config.map { path in
            try KernelConfigSource.file(FilePath(path)).identified()
        }
        let access: HostFacts.BPFAccess =
            switch BPFSyscall.access() {
            case .granted: .granted
            case .denied: .denied
            case .absent: .absent
            }
        try self.init(of: RunningConfig(), named: named, access: access, for: entries)
    }

    /// Draws conclusions from what was found.
    ///
    /// - Parameters:
    ///   - running: The running kernel, and the config that was found for it.
    ///   - named: A config that the caller vouches for, in its place.
    ///   - access: Whether this process may call bpf(2).
    ///   - entries: The samples, whose needs are looked up.
    /// - Throws: `ProfileError` where the profile of the samples is not as it should be.
    public init(
        of running: RunningConfig,
        named: IdentifiedConfig?,
        access: HostFacts.BPFAccess,
        for entries: [CatalogEntry]
    ) throws {
        let believed = named ?? running.found
        var options: [String: HostFacts.OptionState] = [:]
        if let believed {
            for name in entries.options {
                switch believed.answer(name) {
                case .set(let value): options[name] = value.isEnabled ? .on : .off
                case .absent: options[name] = .off
                case .unknown: break
                }
            }
        }
        facts = HostFacts(
            options: options,
            optionSource: believed?.source ?? "none",
            version: running.kernel.kernelVersion,
            access: access
        )
        machine = Machine(
            id: "host",
            kernel: Machine.Kernel(
                release: running.kernel.release,
                version: running.kernel.version,
                arch: Self.architecture
            ),
            config: believed?.machineConfig ?? running.machineConfig,
            libbpf: LibbpfVersion.text,
            options: believed.flatMap { $0.isTrusted && !$0.isFragment ? $0.config.valuesForRecords : nil }
        )
        let profile = try ConfigProfile.load("samples")
        checks =
            ConfigReport(
                judging: profile,
                against: believed,
                absence: running.passedOver,
                kernelVersion: running.kernel.kernelVersion
            ).checks
    }

    private static var architecture: String {
        var names = utsname()
        uname(&names)
        return withUnsafeBytes(of: names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
