import ConfigCheck
import Glibc
import LibBPF
import RunModel
import SampleKit
import SampleRun
import SystemPackage

/// What can be learned of this host before anything runs.
struct HostSurvey {
    /// What the plan needs.
    let facts: HostFacts
    /// The host as the record describes it.
    let machine: Machine
    /// The kernel's options against the profile of the samples.
    let checks: [CheckResult]

    /// Surveys the host for samples.
    ///
    /// - Parameters:
    ///   - entries: The samples, whose needs are looked up.
    ///   - config: A config that the caller vouches for, instead of the one that is found.
    ///   - clang: The compiler's version, if something is compiled.
    /// - Throws: `ConfigSourceError` where the named config cannot be read.
    init(for entries: [CatalogEntry], config: String?, clang: String?) throws {
        let running = RunningConfig()
        let named = try config.map { path in
            try KernelConfigSource.file(FilePath(path)).identified()
        }
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
        let access: HostFacts.BPFAccess =
            switch BPFSyscall.access() {
            case .granted: .granted
            case .denied: .denied
            case .absent: .absent
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
            clang: clang,
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
