public import RunModel

/// A check as KTAP version 1: a test a depth (options, types, attach points, effects) and, nested, a test a finding.
///
/// `kunit.py` counts the nested tests, `prove` reads the top level; a failure is in both.
public struct CheckKTAP: CheckFormat {
    /// `ktap`.
    public let name = "ktap"

    /// Creates the format.
    public init() {}

    /// Renders a check; never throws.
    public func render(_ record: CheckRecord) -> String {
        let groups = CheckGroup.groups(of: record)
        let about = [
            "config: \(record.source) (\(record.identity.rawValue))", "kernel: \(record.kernel ?? "unknown")",
            "profile: \(record.profile)",
        ]
        let lines =
            ["KTAP version 1", "1..\(groups.count)"] + about.map(KTAPText.diagnostic)
            + zip(1..., groups).flatMap { number, group in nested(group) + [line(of: group, number)] }
        return lines.joined(separator: "\n") + "\n"
    }

    private func nested(_ group: CheckGroup) -> [String] {
        ["  KTAP version 1", "  # Subtest: \(group.title)", "  1..\(group.checks.count)"]
            + zip(1..., group.checks).flatMap { number, check in
                (diagnostics(check) + [line(of: check, number, in: group)]).map { "  " + $0 }
            }
    }

    private func line(of check: CheckResult, _ number: Int, in group: CheckGroup) -> String {
        let feature = KTAPText.description(check.feature)
        // kunit.py takes a nested line with the parent's name for the parent's own.
        let description = feature == group.title ? "\(feature) (check)" : feature
        let reason = KTAPText.data(check.reason)
        return switch check.standing {
        case .pass: KTAPText.result(true, number, description, check.note)
        case .failure: KTAPText.result(false, number, description, nil)
        case .error: KTAPText.result(false, number, description, "ERROR \(reason)")
        case .skip: KTAPText.result(true, number, description, "SKIP \(reason)")
        }
    }

    /// What belongs to a test stands directly before its line.
    private func diagnostics(_ check: CheckResult) -> [String] {
        switch check.standing {
        case .pass, .skip: return []
        case .failure, .error:
            let feature = KTAPText.description(check.feature)
            return ([check.reason] + check.advice).map { KTAPText.diagnostic("\(feature): \($0)") }
        }
    }

    private func line(of group: CheckGroup, _ number: Int) -> String {
        let standings = group.checks.map(\.standing)
        let isBad = standings.contains { $0 == .failure || $0 == .error }
        let isSkipped = standings.allSatisfy { $0 == .skip }
        return KTAPText.result(!isBad, number, group.title, isSkipped ? "SKIP each of them is skipped" : nil)
    }
}
