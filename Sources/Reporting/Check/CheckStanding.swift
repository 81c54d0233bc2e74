import RunModel

/// How a finding of a check is written down where a format knows pass, failure, error and skip.
///
/// The table is the same for every format: what a check's conclusion calls unmet, inconclusive or a conflict is never a
/// pass or a skip in any of them.
enum CheckStanding: String, Sendable, CaseIterable {
    /// It is there.
    case pass
    /// It is required, and is not there or not granted.
    case failure
    /// It is required and nobody can say, or two sources disagree.
    case error
    /// It is not asked of this kernel, or nothing that is required depends on it.
    case skip
}

extension CheckResult {
    /// The finding's standing.
    var standing: CheckStanding {
        switch verdict {
        case .met, .metModule: .pass
        case .unmet, .denied: weight == .required ? .failure : .skip
        case .unknown: weight == .required ? .error : .skip
        case .conflict: .error
        case .notApplicable: .skip
        }
    }

    /// The verdict with what it rests on, in one line: `unmet: .config:5: # CONFIG_A is not set`.
    ///
    /// A finding that is not there and that nothing fails for begins with its weight: `optional, unmet: …`.
    var reason: String {
        let isExcused = standing == .skip && verdict != .notApplicable
        let word = isExcused ? "\(weight.rawValue), \(verdict.rawValue)" : verdict.rawValue
        return ([word] + (evidence.isEmpty ? [] : [evidence.joined(separator: "; ")])).joined(separator: ": ")
    }

    /// What qualifies a pass that is not a plain one.
    var note: String? { verdict == .metModule ? "as a module" : nil }

    /// What to change, a line of a config each.
    var remedies: [String] { (remedy ?? "").split(separator: "\n").map { String($0) } }

    /// What its absence blocks and what to change, one per line.
    var advice: [String] {
        (blocks.isEmpty ? [] : ["blocks: \(blocks.joined(separator: ", "))"]) + remedies.map { "remedy: \($0)" }
    }
}

/// The findings of one depth, which a format shows together.
struct CheckGroup: Sendable {
    /// The group's name for a person.
    var title: String
    /// The group's name as a part of a dotted name.
    var word: String
    /// The findings, in the record's order; never empty.
    var checks: [CheckResult]

    /// A record's findings by depth; a record without findings has one group that says so, as nothing found is no pass.
    static func groups(of record: CheckRecord) -> [CheckGroup] {
        let groups = CheckResult.Level.allCases.map { level in
            let (title, word) = names(of: level)
            return CheckGroup(title: title, word: word, checks: record.checks.filter { $0.level == level })
        }
        let filled = groups.filter { !$0.checks.isEmpty }
        return filled.isEmpty ? [CheckGroup(title: "check", word: "check", checks: [nothing])] : filled
    }

    private static let nothing = CheckResult(
        feature: "something was checked",
        level: .config,
        verdict: .unknown,
        evidence: ["the record holds no finding"]
    )

    private static func names(of level: CheckResult.Level) -> (title: String, word: String) {
        switch level {
        case .config: ("options and subsystems", "options")
        case .load: ("program types and map types", "types")
        case .attach: ("attach points and links", "attach")
        case .effect: ("effects", "effects")
        }
    }
}
