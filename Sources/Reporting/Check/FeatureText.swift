import RunModel

/// The part of a check's text about features: how many there are of each kind, and each that is not there.
struct FeatureText {
    let lines: [String]

    init(_ record: CheckRecord, _ style: TerminalStyle) {
        let features = record.checks.filter { $0.wanted == nil }
        guard !features.isEmpty else {
            lines = []
            return
        }
        let title =
            record.probe == nil
            ? "features, as the options promise them:" : "features, as the kernel answers and the options promise them:"
        let kinds = [
            ("program types", "BPF_PROG_TYPE_"), ("map types", "BPF_MAP_TYPE_"), ("link types", "BPF_LINK_TYPE_"),
            ("attach points", "attach:"), ("effects", "effect:"), ("subsystems", "subsystem:"), ("mounts", "mount:"),
        ]
        let counts = kinds.compactMap { kind, prefix -> [String]? in
            let members = features.filter { $0.feature.hasPrefix(prefix) }
            guard !members.isEmpty else { return nil }
            let met = members.count { $0.verdict == .met || $0.verdict == .metModule }
            return [kind, "\(met) of \(members.count)"]
        }
        var lines = [style.heading(title)] + TextTable(nil, counts).lines { $2 }.map { "  " + $0 }
        let order: [CheckVerdict] = [.conflict, .denied, .unmet, .unknown]
        for verdict in order { lines += Self.grouped(features.filter { $0.verdict == verdict }, verdict, style) }
        let later = features.filter { $0.verdict == .notApplicable }.map { ForeignText.line($0.feature) }
        if !later.isEmpty { lines.append("  not in this version: \(later.joined(separator: ", "))") }
        self.lines = lines
    }

    /// Features with the same evidence under one line of it; one kernel's policy refuses many of them.
    private static func grouped(_ checks: [CheckResult], _ verdict: CheckVerdict, _ style: TerminalStyle) -> [String] {
        var order: [[String]] = []
        var groups: [[String]: [String]] = [:]
        for check in checks {
            // What is refused is promised by the options, which say nothing more then.
            let evidence = verdict == .denied ? Array(check.evidence.prefix(1)) : check.evidence
            if groups[evidence] == nil { order.append(evidence) }
            groups[evidence, default: []].append(ForeignText.line(check.feature))
        }
        return order.map { evidence in
            let names = groups[evidence, default: []].joined(separator: ", ")
            let reasons = ForeignText.line(evidence.joined(separator: "; "))
            return "  \(style.paint(verdict.rawValue, verdict)) \(names): \(reasons)"
        }
    }
}

/// How many helpers each program type may call.
struct HelperTable {
    let lines: [String]

    init(_ probe: ProbeReport) {
        let rows = probe.helpers.filter { $0.notAskedBecause == nil }.map { column in
            [
                column.attachType.map { "\(column.programType)/\($0)" } ?? column.programType,
                "\(column.supported.count)", "\(column.sleepableOnly.count)", "\(column.absent.count)",
                "\(column.inconclusive.count)", "\(column.notAsked.count)",
            ]
        }
        guard !rows.isEmpty else {
            lines = ["helpers: no program type could be asked"]
            return
        }
        let header = ["HELPERS OF", "SUPPORTED", "SLEEPABLE", "ABSENT", "UNKNOWN", "NOT ASKED"]
        lines = TextTable(header, rows, numbers: true).lines { $2 }
    }
}
