public import RunModel

/// What a profile asked and a config answered.
public struct ConfigReport: Sendable, Equatable {
    /// The config's path, or `none`.
    public let source: String
    /// Whether the config belongs to the running kernel; unknown for a config taken as is.
    public let identity: ConfigIdentity
    /// Whether the config may be believed; otherwise every finding is unknown.
    public let isTrusted: Bool
    /// The profile's name.
    public let profile: String
    /// The version that ranges were compared with, `nil` where nothing names one.
    public let kernel: KernelVersion?
    /// A finding a requirement, in the profile's order.
    public let findings: [ConfigFinding]

    /// Judges a config.
    ///
    /// No privileges, and no I/O but this: of a running kernel whose config says `=m` of what is asked for, the lists
    /// of modules are read, because a module that is not installed is not there.
    ///
    /// - Parameters:
    ///   - profile: What is asked.
    ///   - subject: The config; `nil` where none was found, and then nothing is called missing.
    ///   - absence: Why none was found, one per line.
    ///   - kernelVersion: What to compare ranges with in place of the version in the config's header.
    public init(
        judging profile: ConfigProfile,
        against subject: IdentifiedConfig?,
        absence: [String] = [],
        kernelVersion: KernelVersion? = nil
    ) {
        // Conditions come from the config under test, never from the machine that runs the check.
        let kernel = kernelVersion ?? subject?.config.header?.version
        // Only a module that somebody asks for is worth reading the lists.
        let hasModule = profile.requirements.contains { subject?.config[$0.option] == .module }
        let place = hasModule ? subject?.modulePlace : nil
        let modules = place.map { ModuleInventory.current(release: $0.release, root: $0.root) }
        let judge = ConfigJudge(subject: subject, absence: absence, kernel: kernel, modules: modules)
        self.source = subject?.source ?? "none"
        self.identity = subject?.identity ?? .unknown
        self.isTrusted = subject?.isTrusted ?? false
        self.profile = profile.name
        self.kernel = kernel
        self.findings = profile.requirements.map(judge.finding)
    }

    /// The findings as a run's record carries them.
    public var checks: [CheckResult] { findings.map(\.result) }

    /// Required options that are not there.
    public var unmet: [ConfigFinding] { findings.filter { $0.result.verdict == .unmet && !$0.requirement.isOptional } }

    /// Recommended and optional ones that are not there, the recommended first.
    public var missingOptional: [ConfigFinding] {
        let missing = findings.filter(\.isMissingOption)
        return missing.filter { $0.requirement.weight == .recommended }
            + missing.filter { $0.requirement.weight != .recommended }
    }

    /// What the findings come to.
    ///
    /// A report without findings or without a trusted config concludes nothing, nor does one of options that are none of this
    /// kernel's business.
    public var conclusion: CheckConclusion {
        isTrusted && Self.isAnythingAsked(checks) ? CheckConclusion(of: checks) : .inconclusive
    }

    /// Whether something that a profile asks for is asked of this kernel.
    private static func isAnythingAsked(_ checks: [CheckResult]) -> Bool {
        checks.contains { $0.weight != .informative && $0.verdict != .notApplicable }
    }

    /// Says of a profile that nothing in it is asked of this kernel, so that nothing was proved.
    private var idleness: CheckResult {
        CheckResult(
            feature: "profile:\(profile)",
            level: .config,
            verdict: .unknown,
            evidence: [
                "not this kernel: nothing that the profile asks for is asked of Linux \(kernel?.description ?? "?")"
            ]
        )
    }

    /// The report as a value that formats are made from.
    ///
    /// - Parameters:
    ///   - others: Findings that do not come from the options, put behind those that do.
    ///   - notes: What else there is to say.
    ///   - host: The host's settings that explain refusals.
    ///   - probe: What the other findings rest on.
    /// - Returns: The record.
    public func record(
        adding others: [CheckResult] = [],
        notes: [String] = [],
        host: [String: String] = [:],
        probe: ProbeReport? = nil
    ) -> CheckRecord {
        let all = checks + others
        return CheckRecord(
            source: source,
            identity: identity,
            kernel: kernel?.description,
            profile: profile,
            checks: Self.isAnythingAsked(all) ? all : all + [idleness],
            notes: notes,
            host: host,
            probe: probe
        )
    }

    /// The lines that are missing, as a fragment for `scripts/kconfig/merge_config.sh`.
    ///
    /// Required options are settings, others comments to be uncommented; what an option depends on comes before
    /// it. An option without a prompt stays in the fragment behind what brings it, so that `merge_config.sh` says if the
    /// tree did not grant it. An option that this kernel has not got is only named. Empty if nothing is missing.
    public var fixFragment: String {
        guard !unmet.isEmpty || !missingOptional.isEmpty else { return "" }
        var lines = [
            "# What the profile '\(printable(profile))' asks for and \(printable(source, limit: 200)) lacks.",
            "# Use: scripts/kconfig/merge_config.sh .config THIS_FILE",
        ]
        var written: Set<String> = []
        // Joined profiles may want one option as a module and built in; built in serves both, and the last line counts.
        let builtIn = Set(unmet.map(\.requirement).filter { $0.wanted == .builtIn }.map(\.option))
        for finding in unmet
        where finding.requirement.wanted != .module || !builtIn.contains(finding.requirement.option) {
            lines += finding.reasons.map { "# \(printable($0, limit: 300))." }
            // A parent that another option needs as well is written once.
            for line in finding.fixLines + finding.checkLine where written.insert(line).inserted { lines.append(line) }
        }
        for block in optionalBlocks(beside: written) {
            lines += ["# \(block.heading):"] + block.lines.map { "# \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What optional and recommended requirements lack, one block for all that serves the same purpose.
    ///
    /// A block is whole without the others, so that any of them can be uncommented. A line stands in it once, and not at all
    /// where it is a setting above.
    private func optionalBlocks(beside settings: Set<String>) -> [(heading: String, lines: [String])] {
        var blocks: [(heading: String, lines: [String])] = []
        for finding in missingOptional {
            let weight = finding.requirement.weight == .recommended ? "Recommended" : "Optional"
            let heading = "\(weight), for \(finding.requirement.blocked(in: profile))"
            let texts = finding.fixLines.isEmpty ? finding.reasons : finding.fixLines
            if !blocks.contains(where: { $0.heading == heading }) { blocks.append((heading, [])) }
            guard let index = blocks.firstIndex(where: { $0.heading == heading }) else { continue }
            for text in texts where !settings.contains(text) {
                let line = printable(text, limit: 300)
                if !blocks[index].lines.contains(line) { blocks[index].lines.append(line) }
            }
        }
        return blocks.filter { !$0.lines.isEmpty }
    }
}
