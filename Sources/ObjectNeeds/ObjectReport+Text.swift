public import RunModel

extension ObjectReport {
    /// The name of the JSON form of a report.
    ///
    /// Readers may rely on its keys; later versions only add some.
    public static let schema = "bpf-assay/check-object/1"

    /// The report for programs.
    ///
    /// - Parameters:
    ///   - source: Where the options come from.
    ///   - version: The version that was judged by, `nil` where none is known; then the key is left out.
    /// - Returns: An object with ``schema``, a check a need.
    public func json(source: String, version: KernelVersion?) -> JSONValue {
        var members: [String: JSONValue] = [
            "schema": .string(Self.schema), "object": .string(object), "source": .string(source),
            "conclusion": .string(conclusion.word), "programs": needs.programsJSON,
            "checks": .array(zip(findings, needs.needs).map { Self.json($0.result, $1) }),
        ]
        if let version { members["kernel"] = .string(version.description) }
        return .object(members)
    }

    private static func json(_ result: CheckResult, _ need: ObjectNeed) -> JSONValue {
        var members = need.members
        members["verdict"] = .string(result.verdict.rawValue)
        members["level"] = .string(result.level.rawValue)
        members["evidence"] = .array(result.evidence.map { .string($0) })
        if let remedy = result.remedy { members["remedy"] = .string(remedy) }
        return .object(members)
    }

    /// The report for a person: what is missing or unknown with its evidence, then the options, then a summary.
    ///
    /// Kernel versions that are met are summed up by the newest of them.
    ///
    /// - Returns: Lines, the last of them the summary.
    public func text() -> String {
        var lines = ["object   \(object)"]
        for program in needs.programs {
            lines.append("program  \(program.name) (SEC \"\(program.section)\"): \(program.type ?? "of no known type")")
        }
        for verdict in [CheckVerdict.unmet, .unknown] {
            let concerned = findings.filter { $0.result.verdict == verdict }
            if !concerned.isEmpty { lines += ["", "\(verdict.rawValue):"] }
            for finding in concerned {
                lines.append("  \(finding.need), for \(finding.need.feature)")
                lines += finding.result.evidence.dropFirst().map { "    \($0)" }
                if let remedy = finding.result.remedy { lines.append("    remedy: \(remedy)") }
            }
        }
        let rest = met
        if !rest.isEmpty { lines += ["", "met:"] + rest.map { "  \($0)" } }
        let counts = [CheckVerdict.met, .metModule, .unmet, .unknown, .notApplicable].compactMap { verdict in
            let count = checks.count { $0.verdict == verdict }
            return count > 0 ? "\(count) \(verdict.rawValue)" : nil
        }
        lines += ["", "\(object): \(conclusion.word): \(counts.joined(separator: ", "))"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// What is met, an option or a way of attaching a line, and the newest version that is needed.
    private var met: [String] {
        var names: [String] = []
        var features: [String: [String]] = [:]
        var newest: (version: KernelVersion, feature: String)?
        for finding in findings where finding.result.verdict == .met || finding.result.verdict == .metModule {
            if case .kernel(let version) = finding.need.demand {
                if newest.map({ $0.version < version }) ?? true { newest = (version, finding.need.feature) }
                continue
            }
            let name = "\(finding.need)"
            if features[name] == nil { names.append(name) }
            features[name, default: []].append(finding.need.feature)
        }
        var lines = names.map { "\($0), for \((features[$0] ?? []).prefix(4).joined(separator: ", "))" }
        if let newest { lines.append("kernel>=\(newest.version), for \(newest.feature)") }
        return lines
    }
}
