import FileBytes
import RunModel

/// The part of a check's text about features: how many there are of each kind, and each that is not there.
struct FeatureText {
    /// All of it.
    let lines: [String]
    /// How many there are of all kinds, in a few words; `nil` where the check says nothing of features.
    let summary: String?

    private static let kinds = [
        ("program types", "BPF_PROG_TYPE_"), ("map types", "BPF_MAP_TYPE_"), ("link types", "BPF_LINK_TYPE_"),
        ("attach points", "attach:"), ("effects", "effect:"), ("subsystems", "subsystem:"), ("mounts", "mount:"),
    ]

    init(_ record: CheckRecord, _ style: TerminalStyle, _ width: Int) {
        let features = record.checks.filter { $0.wanted == nil }
        guard !features.isEmpty else {
            lines = []
            summary = nil
            return
        }
        summary = "features: \(Self.count(features))"
        let title =
            record.probe == nil
            ? "features, as the options promise them:" : "features, as the kernel answers and the options promise them:"
        let counts = Self.kinds.compactMap { kind, prefix -> [String]? in
            let members = features.filter { $0.feature.hasPrefix(prefix) }
            return members.isEmpty ? nil : [kind, Self.count(members)]
        }
        var lines = [style.heading(title)] + TextTable(nil, counts).lines { $2 }.map { "  " + $0 }
        let order: [CheckVerdict] = [.conflict, .denied, .unmet, .unknown]
        for verdict in order {
            lines += Self.grouped(features.filter { $0.verdict == verdict }, verdict, style, width)
        }
        let later = features.filter { $0.verdict == .notApplicable }.map { ForeignText.line($0.feature) }
        if !later.isEmpty {
            let text = "not in this version: \(later.joined(separator: ", "))"
            lines += LineWrap.lines(text, width: width, first: "  ", rest: "    ")
        }
        self.lines = lines
    }

    /// `30 of 37`, where the kernel answered; what only the options promise is not counted as there.
    private static func count(_ features: [CheckResult]) -> String {
        let met = features.filter { $0.verdict == .met || $0.verdict == .metModule }
        let seen = met.count(where: \.isSeen)
        let promised = met.count - seen
        let open = features.count { $0.verdict == .unknown }
        var parts: [String] = []
        if seen > 0 || promised == 0 { parts.append("\(seen) of \(features.count)") }
        if promised > 0 {
            parts.append(
                seen > 0
                    ? "\(promised) more promised by the options"
                    : "\(promised) of \(features.count) promised by the options, not asked"
            )
        }
        if open > 0 { parts.append("\(open) not known") }
        return parts.joined(separator: ", ")
    }

    /// Features with the same evidence under one line of it; one kernel's policy refuses many of them.
    private static func grouped(
        _ checks: [CheckResult],
        _ verdict: CheckVerdict,
        _ style: TerminalStyle,
        _ width: Int
    ) -> [String] {
        var order: [[String]] = []
        var groups: [[String]: [String]] = [:]
        for check in checks {
            // What is refused is promised by the options, which say nothing more then.
            let evidence = verdict == .denied ? [check.refusal] : check.evidence
            if groups[evidence] == nil { order.append(evidence) }
            groups[evidence, default: []].append(ForeignText.line(check.feature))
        }
        return order.flatMap { evidence -> [String] in
            let names = groups[evidence, default: []].joined(separator: ", ")
            let reasons = ForeignText.line(evidence.joined(separator: "; "))
            let text = "\(verdict.rawValue) \(names): \(reasons)"
            var lines = LineWrap.lines(text, width: width, first: "  ", rest: "    ")
            let word = "  \(verdict.rawValue)"
            if lines[0].hasPrefix(word) {
                lines[0] = "  \(style.paint(verdict.rawValue, verdict))\(lines[0].dropFirst(word.count))"
            }
            return lines
        }
    }
}

extension CheckResult {
    /// Whether something but a promise of the options shows it: the kernel's answer, or the verdict on an option.
    fileprivate var isSeen: Bool { isAnswered || wanted != nil }
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
