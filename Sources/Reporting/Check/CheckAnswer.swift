import FileBytes
public import RunModel

/// What a check comes to in one sentence: whether the kernel has what was asked for, what is in the way, and what to do.
///
/// A pure function of the record. Foreign text in it is escaped.
public struct CheckAnswer: Sendable, Hashable {
    /// The sentence, without a full stop.
    public let sentence: String

    /// Answers.
    public init(of record: CheckRecord) {
        let record = record.withPurposes
        let claim = Claim(record)
        let asked = record.checks.filter { $0.weight != .informative }
        var parts: [String]
        switch record.conclusion {
        case .met:
            parts = ["yes: \(claim.met)"] + Self.lacks(asked.filter { $0.weight == .recommended }, in: record)
        case .unmet:
            let failures = asked.filter(\.isFailure)
            // A right that is lacking says nothing of the kernel.
            let isRefused = failures.allSatisfy { $0.verdict == .denied }
            parts = ["no: \(isRefused ? claim.refused : claim.unmet)"] + Obstacles(failures).clauses
        case .inconclusive:
            parts = ["not known: \(claim.open)"] + Self.doubts(asked, in: record)
        case .conflict:
            let names = NameList.text(record.checks.filter { $0.verdict == .conflict }.map(\.feature))
            parts = [
                "not known: \(claim.open)", "its options and the kernel itself disagree about \(names)",
                "name the config that belongs to it with --config, or report a wrong rule of bpf-assay",
            ]
        }
        sentence = ForeignText.line(parts.joined(separator: "; "))
    }

    /// What a kernel that has what is required lacks of what is recommended.
    private static func lacks(_ recommended: [CheckResult], in record: CheckRecord) -> [String] {
        let missing = recommended.filter { $0.verdict == .unmet }
        let refused = recommended.filter { $0.verdict == .denied }
        let open = recommended.filter { $0.verdict == .unknown }.map(\.purpose)
        var parts: [String] = []
        if !missing.isEmpty {
            let advice = missing.contains(where: \.bringsLines) ? " (--fix prints the options)" : ""
            parts.append("recommended but missing: \(NameList.text(missing.map(\.purpose)))\(advice)")
        }
        for group in Obstacles.byReason(refused) {
            parts.append("recommended but refused: \(NameList.text(group.checks.map(\.purpose))) (\(group.reason))")
        }
        if !open.isEmpty { parts.append("recommended but not known: \(NameList.text(open))") }
        if record.probe == nil, !record.host.isEmpty { parts.append("the kernel itself was not asked") }
        return parts
    }

    /// Why nothing can be said, and what would help.
    private static func doubts(_ asked: [CheckResult], in record: CheckRecord) -> [String] {
        let open = asked.filter { $0.weight == .required && $0.verdict == .unknown }
        guard let first = open.first else { return ["nothing was found out"] }
        let options = open.filter { $0.found == "?" }
        if options.isEmpty || record.options != nil {
            // The config is believed, and does not tell: it is a fragment, or is damaged.
            let told = options.isEmpty ? open : options
            let prefix = "options: "
            let reason = (told.first ?? first).evidence.first.map {
                $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0
            }
            return ["undecided: \(NameList.text(told.map(\.subject)))" + (reason.map { " (\($0))" } ?? "")]
                + (options.isEmpty ? [] : ["give a complete config"])
        }
        if record.source == "none" {
            return ["no kernel config was found", "name one with --config, --image or --tree"]
        }
        return record.host.isEmpty
            ? ["no config that belongs to this kernel can be believed", "give its own with --config"]
            : [
                "no config of the running kernel can be believed",
                "load the module 'configs' if there is one, or use --config or --tree",
            ]
    }

    /// What is said of the kernel as a whole.
    private struct Claim {
        let met: String
        let unmet: String
        let refused: String
        let open: String

        init(_ record: CheckRecord) {
            let version = record.kernel.map { "Linux \($0)" }
            let kernel: String
            if !record.host.isEmpty {
                kernel = version.map { "this host (\($0))" } ?? "this host"
            } else if record.source == "none" {
                kernel = version ?? "this kernel"
            } else {
                kernel = version.map { "\($0) (\(record.source))" } ?? "the kernel of \(record.source)"
            }
            let basis = record.probe == nil && record.source != "none" ? ", by its options" : ""
            if record.profile == "core" {
                met = "\(kernel) supports eBPF\(basis)"
                unmet = "\(kernel) does not support eBPF\(basis)"
                refused = "\(kernel) refuses to this process what eBPF needs"
                open = "whether \(kernel) supports eBPF"
            } else {
                met = "\(kernel) has all that profile '\(record.profile)' requires\(basis)"
                unmet = "\(kernel) lacks what profile '\(record.profile)' requires\(basis)"
                refused = "\(kernel) refuses what profile '\(record.profile)' requires"
                open = "whether \(kernel) has all that profile '\(record.profile)' requires"
            }
        }
    }
}

/// What stands in the way of a check, grouped by what can be done about it.
struct Obstacles {
    /// Options that lines of a config bring.
    private let options: [String]
    /// What a later version has.
    private let later: [CheckResult]
    /// The version that has all of it: `Linux 5.7 or later`.
    private let neededVersion: String?
    /// What the kernel refuses, by the reason.
    private let refused: [(reason: String, remedy: String?, checks: [CheckResult])]
    /// What is not there for another reason.
    private let others: [CheckResult]

    /// Takes what is required and unmet or denied.
    init(_ failures: [CheckResult]) {
        let missing = failures.filter { $0.verdict == .unmet && $0.bringsLines }
        let named = missing.filter { $0.wanted != nil }
        options = (named.isEmpty ? missing : named).map(\.feature)
        later = failures.filter { $0.verdict == .unmet && $0.laterVersion != nil }
        // The latest of them has what the others need as well.
        neededVersion =
            later.max { left, right in
                guard let one = left.laterVersion, let other = right.laterVersion else { return false }
                return one < other
            }?.remedy
        refused = Self.byReason(failures.filter { $0.verdict == .denied })
        others = failures.filter { $0.verdict == .unmet && !$0.bringsLines && $0.laterVersion == nil }
    }

    /// Whether nothing but lines of a config is in the way.
    var areOptionsOnly: Bool { later.isEmpty && refused.isEmpty && others.isEmpty }

    /// What is in the way, then what to do, a clause each.
    var clauses: [String] {
        var causes: [String] = []
        var remedies: [String] = []
        if !options.isEmpty {
            causes.append("\(NameList.text(options)) \(options.count == 1 ? "is" : "are") missing")
            remedies.append("add the lines that --fix prints to its config and build it anew")
        }
        let rest = clausesBeyondOptions
        return causes + rest.causes + (remedies + rest.remedies)
    }

    /// What no line of a config mends, and what does: one per line.
    var beyondOptions: [String] {
        let parts = clausesBeyondOptions
        return parts.causes + parts.remedies
    }

    private var clausesBeyondOptions: (causes: [String], remedies: [String]) {
        var causes: [String] = []
        var remedies: [String] = []
        if let neededVersion {
            causes.append("it is too old for \(NameList.text(later.map(\.purpose)))")
            remedies.append("use \(neededVersion)")
        }
        for group in refused {
            causes.append("it refuses \(NameList.text(group.checks.map(\.subject))): \(group.reason)")
            if let remedy = group.remedy { remedies.append(remedy) }
        }
        // That the config does not mention it says nothing of an option that no line brings.
        let absent = others.filter { $0.wanted != nil }
        if !absent.isEmpty { causes.append("no line of a config brings \(NameList.text(absent.map(\.feature)))") }
        for group in Self.grouped(others.filter { $0.wanted == nil }, by: { $0.evidence.first ?? "" }) {
            causes.append("it has no \(NameList.text(group.checks.map(\.subject))): \(group.key)")
            remedies += group.checks.prefix(1).compactMap(\.remedy)
        }
        var seen: Set<String> = []
        return (causes, remedies.filter { seen.insert($0).inserted })
    }

    /// Refused features by the kernel's reason.
    static func byReason(_ denied: [CheckResult]) -> [(reason: String, remedy: String?, checks: [CheckResult])] {
        grouped(denied, by: \.refusal).map { ($0.key, $0.checks.first?.remedy, $0.checks) }
    }

    private static func grouped(
        _ checks: [CheckResult],
        by key: (CheckResult) -> String
    ) -> [(key: String, checks: [CheckResult])] {
        var order: [String] = []
        var groups: [String: [CheckResult]] = [:]
        for check in checks {
            if groups[key(check)] == nil { order.append(key(check)) }
            groups[key(check), default: []].append(check)
        }
        return order.map { ($0, groups[$0] ?? []) }
    }
}

extension CheckResult {
    /// What a person calls it: an option by its name, a feature by what it is for.
    var subject: String { wanted == nil ? blocks.first ?? feature : feature }

    /// What it is for, where that is known.
    var purpose: String { blocks.first ?? feature }

    /// The first version that has it, where this one is too old.
    var laterVersion: KernelVersion? {
        guard let words = remedy?.split(separator: " "), words.count == 4, words[0] == "Linux" else { return nil }
        return KernelVersion(words[1])
    }

    /// Why the kernel refuses it.
    var refusal: String {
        let prefix = "kernel: denied: "
        let evidence = evidence.first ?? ""
        return evidence.hasPrefix(prefix) ? String(evidence.dropFirst(prefix.count)) : evidence
    }

    /// Whether its remedy is lines of a config.
    var bringsLines: Bool {
        let lines = remedies
        return !lines.isEmpty && lines.allSatisfy { $0.hasPrefix("CONFIG_") || $0.hasPrefix("# CONFIG_") }
    }

    /// Whether the kernel itself answered, and not only its options.
    var isAnswered: Bool { evidence.first?.hasPrefix("kernel: ") == true }
}
