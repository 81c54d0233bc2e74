import FileBytes
import RunModel

/// What is asked for and not there: findings with the same reason once, the others under what their absence blocks.
struct TroubleText {
    /// The most columns of a line.
    let width: Int

    /// Findings with their evidence and the lines that mend them; an explanation that several share is given once.
    func full(_ checks: [CheckResult]) -> [String] {
        var lines: [String] = []
        var told: Set<String> = []
        var blocked: String?
        for group in Self.grouped(checks) {
            guard group.count == 1, let check = group.first else {
                lines += shared(group)
                blocked = nil
                continue
            }
            let key = Self.blocked(check)
            if key != blocked { lines += wrapped("for \(key)", 2) }
            blocked = key
            lines += entry(check, &told)
        }
        return lines
    }

    /// Findings by name alone, with what they block; the remedy of a refusal is given once.
    ///
    /// - Parameters:
    ///   - checks: The findings.
    ///   - told: The remedies that stand above already.
    /// - Returns: Lines.
    func brief(_ checks: [CheckResult], _ told: inout Set<String>) -> [String] {
        var order: [String] = []
        var groups: [String: [CheckResult]] = [:]
        for check in checks {
            let key = Self.blocked(check)
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(check)
        }
        let lines = order.flatMap { key -> [String] in
            let members = groups[key] ?? []
            let names = members.map(\.feature).joined(separator: ", ")
            let refusals = Obstacles.byReason(members.filter { $0.verdict == .denied }).map(\.reason)
            let reason = refusals.isEmpty ? "" : " (\(refusals.joined(separator: "; ")))"
            return wrapped("for \(key): \(names)\(reason)", 2)
        }
        let remedies = checks.filter { $0.verdict == .denied }.compactMap(\.remedy)
        return lines
            + remedies.filter { told.insert($0).inserted }.flatMap { wrapped("remedy: \(ForeignText.line($0))", 2) }
    }

    /// Findings with the same reason, in the order in which reasons come up; what is alone keeps those of its blocks beside it.
    private static func grouped(_ checks: [CheckResult]) -> [[CheckResult]] {
        var order: [[String]] = []
        var groups: [[String]: [CheckResult]] = [:]
        for check in checks {
            let key = reason(check)
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(check)
        }
        let all = order.compactMap { groups[$0] }
        let alone = all.filter { $0.count == 1 }.flatMap(\.self)
        var blocks: [String] = []
        for check in alone where !blocks.contains(Self.blocked(check)) { blocks.append(Self.blocked(check)) }
        let singles = blocks.flatMap { key in alone.filter { Self.blocked($0) == key }.map { [$0] } }
        return all.filter { $0.count > 1 } + singles
    }

    /// What is refused is promised by the options, which say nothing more then.
    private static func reason(_ check: CheckResult) -> [String] {
        check.verdict == .denied ? [check.refusal] : check.evidence
    }

    private static func blocked(_ check: CheckResult) -> String {
        check.blocks.isEmpty ? "what the profile asks for" : ForeignText.line(check.blocks.joined(separator: "; "))
    }

    /// Findings that have one reason, which is said once.
    private func shared(_ checks: [CheckResult]) -> [String] {
        let names = checks.map { ForeignText.line($0.line) }.joined(separator: ", ")
        var lines = wrapped(names, 2)
        for reason in Self.reason(checks[0]) { lines += wrapped(ForeignText.line(reason), 4) }
        var seen: Set<String> = []
        let remedies = checks.flatMap { $0.remedies }.filter { seen.insert($0).inserted }
        return lines + remedy(remedies, 4)
    }

    private func entry(_ check: CheckResult, _ told: inout Set<String>) -> [String] {
        var lines = ["    " + ForeignText.line(check.line)]
        for (number, reason) in Self.reason(check).enumerated() where told.insert(reason).inserted || number == 0 {
            lines += wrapped(ForeignText.line(reason), 6)
        }
        guard let text = check.remedy else {
            if check.verdict == .unmet, check.wanted != nil { lines.append("      no line of a config brings it") }
            return lines
        }
        let isTold = check.remedies.allSatisfy { told.contains("remedy \($0)") }
        told.formUnion(check.remedies.map { "remedy \($0)" })
        return text == check.line || isTold ? lines : lines + remedy(check.remedies, 6)
    }

    /// A line for each option, so that they can be copied as they stand.
    private func remedy(_ remedies: [String], _ indent: Int) -> [String] {
        guard !remedies.isEmpty else { return [] }
        let blanks = String(repeating: " ", count: indent)
        return ["\(blanks)remedy:"] + remedies.flatMap { wrapped(ForeignText.line($0), indent + 2) }
    }

    private func wrapped(_ text: String, _ indent: Int) -> [String] {
        let blanks = String(repeating: " ", count: indent)
        return LineWrap.lines(text, width: width, first: blanks, rest: blanks + "  ")
    }
}

extension CheckResult {
    /// The line of a config that an option should have, and a feature's name.
    fileprivate var line: String {
        guard let wanted else { return feature }
        return wanted == "not set" ? "# \(feature) is not set" : "\(feature)=\(wanted)"
    }
}
