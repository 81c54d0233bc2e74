public import RunModel

/// What came of one requirement.
public struct ConfigFinding: Sendable, Equatable {
    /// What was asked.
    public let requirement: ConfigProfile.Requirement
    /// The option's value, `not set`, `absent`, or `?` where no trusted config says.
    public let found: String
    /// The finding as a run's record carries it.
    public let result: CheckResult
    /// Whether its absence fails nothing, and it is asked of this kernel and not there.
    public var isMissingOption: Bool { result.verdict == .unmet && requirement.isOptional }
    /// The lines that would bring a missing option, what it depends on first; empty where none would.
    let fixLines: [String]
    /// The option's own line, where nothing can set it and other lines bring it; empty where the kernel has no such option.
    let checkLine: [String]
    /// Why the option is missing, as far as that is known beyond the config's own line.
    let reasons: [String]
}

/// Judges requirements one at a time; a pure function of the config, its identity, the kernel's version and modules.
struct ConfigJudge {
    /// The config, `nil` where none was found.
    let subject: IdentifiedConfig?
    /// Why no config was found, one per line.
    let absence: [String]
    /// The version that ranges are compared with.
    let kernel: KernelVersion?
    /// What modules the kernel has, `nil` where no running one is judged.
    var modules: ModuleInventory?

    func finding(for requirement: ConfigProfile.Requirement) -> ConfigFinding {
        guard let subject, subject.isTrusted else { return untrusted(requirement) }
        // A symbol that the config mentions is what it is, whatever the table of names says; and a requirement of other
        // versions is not asked under any name.
        let isAsked = kernel.map { requirement.versions?.contains($0) ?? true } ?? false
        if let unsaid = unsaid(requirement, in: subject, isAsked: isAsked) { return unsaid }
        let renamed =
            isAsked && subject.config[requirement.option] == nil
            ? OptionFact.newName(of: requirement.option, in: kernel) : nil
        let option = renamed?.name ?? requirement.option
        let value = subject.config[option]
        let found = value.map { printable($0.text) } ?? "absent"
        let (verdict, reasons) = verdict(on: requirement, value)
        var evidence = [place(of: option, in: subject)] + reasons
        if verdict == .metModule, let module = moduleFinding(option) {
            guard module.verdict == .metModule else { return missing(module, requirement, option, found, evidence) }
            evidence.append(module.evidence)
        }
        if let renamed {
            evidence.append("\(requirement.option) is called \(renamed.name) since Linux \(renamed.since)")
        }
        evidence += requirement.remarks.map { "note: \($0)" }
        let explanation =
            verdict == .unmet
            ? OptionExplanation(
                of: option,
                wanted: requirement.wanted,
                in: subject.config,
                kernel: kernel,
                isFragment: subject.isFragment
            ) : nil
        evidence += explanation?.reasons ?? []
        var remedy: String?
        let fixLines = explanation?.lines ?? []
        if verdict == .unmet {
            remedy = fixLines.isEmpty ? laterVersion(with: option) : fixLines.joined(separator: "\n")
        } else if verdict == .unknown {
            remedy = "--kernel-version VERSION"
        }
        let isHidden = OptionFact.named(requirement.option)?.reading(for: kernel).isHidden == true
        return ConfigFinding(
            requirement: requirement,
            found: found,
            result: CheckResult(
                feature: requirement.option,
                level: .config,
                weight: requirement.weight,
                verdict: verdict,
                wanted: requirement.wanted.text,
                found: found,
                blocks: requirement.purposes,
                evidence: evidence,
                remedy: remedy
            ),
            fixLines: fixLines,
            checkLine: isHidden && explanation?.isImpossible == false ? [requirement.configLine] : [],
            reasons: explanation?.reasons ?? []
        )
    }

    /// The version that has an option which this one has not got yet, as features' remedies name it.
    private func laterVersion(with option: String) -> String? {
        guard let kernel, let since = OptionFact.named(option)?.since, since > kernel else { return nil }
        return "Linux \(since) or later"
    }

    private func verdict(
        on requirement: ConfigProfile.Requirement,
        _ value: KernelConfig.Value?
    ) -> (CheckVerdict, [String]) {
        var reasons: [String] = []
        if let versions = requirement.versions {
            guard let kernel else {
                reasons.append("asked of Linux \(versions), and the config does not say which version it is for")
                return (meets(requirement.wanted, value) ?? .unknown, reasons)
            }
            // What a distribution brought to an older version is there whatever the range says.
            let isBackport =
                subject?.config.header?.hasBackports == true && value != nil && versions.begins(after: kernel)
            if !versions.contains(kernel), !isBackport {
                return (.notApplicable, reasons + ["asked of Linux \(versions), and this is \(kernel)"])
            }
        }
        if let verdict = meets(requirement.wanted, value) { return (verdict, reasons) }
        if requirement.wanted == .builtIn, value == .module {
            reasons.append(
                "a module is not enough for =y: it may be absent or refused when it is needed; "
                    + "a profile that says \(requirement.option)=m takes either"
            )
        }
        return (.unmet, reasons)
    }

    /// `nil` where the value does not meet what is wanted.
    private func meets(_ wanted: KernelConfig.Value, _ found: KernelConfig.Value?) -> CheckVerdict? {
        switch (wanted, found) {
        case (.module, .module): .metModule
        case (.module, .builtIn): .met
        // Off is off: Kconfig leaves out an option whose dependencies are off.
        case (.no, nil), (.no, .no), (.no, .notSet), (.notSet, nil), (.notSet, .no), (.notSet, .notSet): .met
        case (.number(let wanted), .number(let found)): Self.number(wanted) == Self.number(found) ? .met : nil
        default: wanted == found ? .met : nil
        }
    }

    /// A number whatever its notation; what does not fit 64 bits is compared as text by its digits.
    private static func number(_ text: String) -> String {
        let lowercased = text.lowercased()
        let value = lowercased.hasPrefix("0x") ? UInt64(lowercased.dropFirst(2), radix: 16).map(String.init) : nil
        return value ?? Int64(lowercased).map(String.init) ?? lowercased
    }

    private func place(of option: String, in subject: IdentifiedConfig) -> String {
        guard let value = subject.config[option], let line = subject.config.line(of: option) else {
            let absence = "\(subject.source) does not mention \(option)"
            // What is known of an option follows as evidence of its own.
            return OptionFact.named(option) == nil
                ? "\(absence): an option it depends on is off, or this kernel has no such option" : absence
        }
        return "\(subject.source):\(line): \(printable(value.line(for: option), limit: 120))"
    }

    /// The finding for an option of which a config that is believed does not tell; `nil` where it does.
    private func unsaid(
        _ requirement: ConfigProfile.Requirement,
        in subject: IdentifiedConfig,
        isAsked: Bool
    ) -> ConfigFinding? {
        let option = requirement.option
        guard let doubt = subject.doubt(of: option), isAsked || kernel == nil || requirement.versions == nil else {
            return nil
        }
        let newName = OptionFact.newName(of: option, in: kernel)?.name
        guard newName.flatMap({ subject.config[$0] }) == nil else { return nil }
        // What this version cannot have no Kconfig brings.
        let explanation = OptionExplanation(of: option, wanted: requirement.wanted, in: subject.config, kernel: kernel)
        guard subject.config.doubts[option] != nil || !explanation.isImpossible || newName != nil else { return nil }
        return unknown(requirement, because: [doubt] + requirement.remarks.map { "note: \($0)" })
    }

    private func untrusted(_ requirement: ConfigProfile.Requirement) -> ConfigFinding {
        let evidence =
            if let subject {
                subject.evidence.map { "\(subject.source) is not trusted: \($0)" }
            } else {
                ["no kernel config was found"] + absence
            }
        // What only older versions have is not unknown of this one, whatever its config.
        if let kernel, let versions = requirement.versions, !versions.contains(kernel), !versions.begins(after: kernel)
        {
            return unknown(requirement, .notApplicable, because: ["asked of Linux \(versions), and this is \(kernel)"])
        }
        return unknown(requirement, because: evidence)
    }

    private func unknown(
        _ requirement: ConfigProfile.Requirement,
        _ verdict: CheckVerdict = .unknown,
        because evidence: [String]
    ) -> ConfigFinding {
        ConfigFinding(
            requirement: requirement,
            found: "?",
            result: CheckResult(
                feature: requirement.option,
                level: .config,
                weight: requirement.weight,
                verdict: verdict,
                wanted: requirement.wanted.text,
                found: "?",
                blocks: requirement.purposes,
                evidence: evidence
            ),
            fixLines: [],
            checkLine: [],
            reasons: []
        )
    }
}
