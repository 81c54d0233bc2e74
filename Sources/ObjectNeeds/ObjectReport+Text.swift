public import RunModel

extension ObjectReport {
    /// The name of the JSON form of a report.
    ///
    /// Readers may rely on its keys; later versions only add some.
    public static let schema = "bpf-assay/check-object/1"

    /// The report for programs.
    ///
    /// - Parameter kernel: Which kernel was judged; keys of what is not known of it are left out.
    /// - Returns: An object with ``schema``, a check a need.
    public func json(_ kernel: JudgedKernel) -> JSONValue {
        var members: [String: JSONValue] = [
            "schema": .string(Self.schema), "object": .string(object), "source": .string(kernel.source ?? "none"),
            "conclusion": .string(conclusion.word), "programs": needs.programsJSON,
            "checks": .array(zip(findings, needs.needs).map { Self.json($0.result, $1) }),
        ]
        if let version = kernel.version { members["kernel"] = .string(version.description) }
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

    /// The report for a person: the answer, which kernel was judged, what is missing or unknown with its evidence.
    ///
    /// Kernel versions that are met are summed up by the newest of them.
    ///
    /// - Parameters:
    ///   - kernel: Which kernel was judged.
    ///   - verbose: Whether to list the programs and what is met.
    ///   - width: The most columns of a line.
    /// - Returns: Lines, the last of them the counts.
    public func text(_ kernel: JudgedKernel, verbose: Bool = false, width: Int = LineWrap.usualWidth) -> String {
        var lines = LineWrap.lines(answer(kernel), width: width) + [""]
        for (label, text) in [("object", object)] + kernel.lines {
            let blanks = String(repeating: " ", count: 9 - label.count)
            lines += LineWrap.lines(text, width: width, first: label + blanks)
        }
        if verbose {
            for program in needs.programs {
                let text = "\(program.name) (SEC \"\(program.section)\"): \(program.type ?? "of no known type")"
                lines += LineWrap.lines(text, width: width, first: "program  ")
            }
        }
        for verdict in [CheckVerdict.unmet, .unknown] {
            let concerned = findings.filter { $0.result.verdict == verdict }
            if !concerned.isEmpty { lines += ["", "\(verdict.rawValue):"] }
            for group in Self.grouped(concerned) {
                lines += LineWrap.lines(group.heading, width: width, first: "  ", rest: "    ")
                lines += group.details.flatMap { LineWrap.lines($0, width: width, first: "    ", rest: "      ") }
            }
        }
        let rest = verbose ? met : []
        if !rest.isEmpty {
            lines += ["", "met:"] + rest.flatMap { LineWrap.lines($0, width: width, first: "  ", rest: "    ") }
        }
        let counts = [CheckVerdict.met, .metModule, .unmet, .unknown, .notApplicable].compactMap { verdict in
            let count = checks.count { $0.verdict == verdict }
            return count > 0 ? "\(count) \(verdict.rawValue)" : nil
        }
        let total = counts.isEmpty ? "it needs nothing" : counts.joined(separator: ", ")
        lines += [""] + LineWrap.lines("\(object): \(conclusion.word): \(total)", width: width, rest: "  ")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The answer in one sentence: whether the kernel has what the object needs, what is in the way and what to do.
    public func answer(_ kernel: JudgedKernel) -> String {
        let failures = findings.filter { $0.result.isFailure }
        guard failures.isEmpty else {
            let names = NameList.text(failures.map(\.topic))
            let remedies = NameList.text(failures.compactMap(\.result.remedy))
            let advice = remedies.isEmpty ? "" : "; it takes \(remedies)"
            return "no: \(kernel.name) lacks what \(object) needs: \(names)\(advice)"
        }
        switch conclusion {
        case .met:
            return "yes: \(kernel.name) has all that \(object) needs, by its version and options; "
                + "only loading it shows what the verifier says"
        case .inconclusive, .conflict, .unmet:
            guard kernel.source != nil else {
                return "not known: whether \(kernel.name) has all that \(object) needs; no config of it is known; "
                    + "name one with --config"
            }
            let open = findings.filter { $0.result.verdict == .unknown }
            let names = NameList.text(open.map(\.topic))
            let advice = "--against IMAGE compares types, --probe and --kernel load the object"
            return "not known: whether \(kernel.name) has all that \(object) needs"
                + (names.isEmpty ? "" : "; open: \(names)") + "; \(advice)"
        }
    }

    /// Findings with the same reason, which is given once.
    private static func grouped(_ findings: [Finding]) -> [(heading: String, details: [String])] {
        var order: [[String]] = []
        var groups: [[String]: [Finding]] = [:]
        for finding in findings {
            let remedy = finding.result.remedy.map { ["remedy: \($0)"] } ?? []
            let key = Array(finding.result.evidence.dropFirst()) + remedy
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(finding)
        }
        return order.map { key in
            let members = groups[key] ?? []
            var seen: Set<String> = []
            let needs = members.map { "\($0.need)" }.filter { seen.insert($0).inserted }
            return ("\(needs.joined(separator: ", ")), for \(NameList.text(members.map(\.need.feature)))", key)
        }
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

extension ObjectReport.Finding {
    /// What is open, for the middle of a sentence: a need by its name, else the part of the object and what is not known of it.
    fileprivate var topic: String {
        switch need.demand {
        case .unknown(let reason): return "\(need.feature) (\(reason))"
        case .setting(let setting):
            // That the option is on says nothing where its value does not fit.
            return "\(setting.option) (\(result.evidence.dropFirst().first ?? "for a variable"))"
        case .option, .kernel, .attach, .impossible, .fact: return "\(need)"
        }
    }
}
