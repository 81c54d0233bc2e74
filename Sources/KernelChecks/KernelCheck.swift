public import BPFProbe
public import ConfigCheck
import FeatureRules
import LinuxHost
public import RunModel

/// One check of a kernel: its options against a profile, its features against its options and its own answers.
public struct KernelCheck: Sendable {
    /// The config that is judged; `nil` where none was found.
    public let subject: IdentifiedConfig?
    /// Why other configs do not count, one per line.
    public let passedOver: [String]
    /// What is asked for.
    public let profile: ConfigProfile
    /// The version to judge by in place of the config's.
    public let version: KernelVersion?
    /// What the running kernel answered; `nil` where it was not asked.
    public let probe: ProbeReport?
    /// What stands around programs on this host; `nil` where another kernel is judged.
    public let host: HostConditions?

    /// Creates a check of what was found.
    ///
    /// - Parameters:
    ///   - subject: The config that is judged; `nil` where none was found.
    ///   - passedOver: Why other configs do not count, one per line.
    ///   - profile: What is asked for.
    ///   - version: The version to judge by in place of the config's.
    ///   - probe: What the running kernel answered; `nil` where it was not asked.
    ///   - host: What stands around programs on this host; `nil` where another kernel is judged.
    public init(
        subject: IdentifiedConfig?,
        passedOver: [String],
        profile: ConfigProfile,
        version: KernelVersion?,
        probe: ProbeReport?,
        host: HostConditions?
    ) {
        self.subject = subject
        self.passedOver = passedOver
        self.profile = profile
        self.version = version
        self.probe = probe
        self.host = host
    }

    /// The options against the profile, with those that its features need.
    public var options: ConfigReport {
        let version = version ?? subject?.config.header?.version
        let needs = profile.features(askedOf: version).flatMap { feature in
            FeatureReport.options(of: feature.name, in: version).map { anyOf in
                ConfigProfile.OptionNeed(anyOf: anyOf, weight: feature.weight, purpose: feature.name)
            }
        }
        return ConfigReport(
            judging: profile.adding(needs, to: subject?.config, of: version),
            against: subject,
            absence: passedOver,
            kernelVersion: self.version
        )
    }

    /// Everything that was found.
    ///
    /// - Parameter notes: What else to say.
    /// - Returns: The record that formats are made from.
    public func record(notes: [String]) -> CheckRecord {
        var answers: [ProbedType] = []
        if let probe { answers += probe.answers }
        if let host { answers += host.answers }
        let running = RunningKernel.current()
        let account = KernelAccount(
            of: subject,
            version: version,
            release: host != nil && version == running.kernelVersion ? running.release : nil,
            securityModule: securityModule
        )
        let features = FeatureReport(
            of: account,
            answers: answers,
            requests: requests(for: account.version),
            remedy: { option in
                subject.map { $0.config.lines(bringing: option, version: account.version) } ?? ["\(option)=y"]
            }
        )
        var record = options.record(
            adding: features.checks,
            notes: notes + (subject?.remarks ?? []),
            host: host?.settings ?? [:],
            probe: probe
        )
        record.options = values(of: record.checks.filter { $0.wanted != nil }.map(\.feature))
        return record
    }

    /// The values of the options that were looked at; `nil` where no config can be believed.
    private func values(of asked: [String]) -> [String: String]? {
        guard let subject, subject.isTrusted else { return nil }
        // CONFIG_HZ is what programs that measure time want to know.
        let names = Set(asked + FeatureReport.allOptions + ["CONFIG_HZ"])
        let values = names.compactMap { name -> (String, String)? in
            switch subject.answer(name) {
            case .set(let value): (name, value.text)
            case .absent: (name, "absent")
            case .unknown: nil
            }
        }
        return Dictionary(uniqueKeysWithValues: values)
    }

    /// Whether a security module is active on the running kernel; nothing is said of another.
    private func securityModule(_ name: String) -> KernelAccount.SecurityModule {
        guard let host else { return KernelAccount.SecurityModule(isActive: nil, evidence: "") }
        var configured: String?
        if let subject, subject.isTrusted, case .string(let list) = subject.config["CONFIG_LSM"] { configured = list }
        let found = ActiveSecurityModules(
            of: name,
            activeList: host.settings["lsm"],
            commandLine: try? SmallFile.text("/proc/cmdline"),
            configured: configured
        )
        return KernelAccount.SecurityModule(isActive: found.isActive, evidence: found.evidence)
    }

    private func requests(for version: KernelVersion?) -> [FeatureRequest] {
        profile.features(askedOf: version).map { FeatureRequest($0.name, weight: $0.weight, blocks: $0.purposes) }
    }
}
