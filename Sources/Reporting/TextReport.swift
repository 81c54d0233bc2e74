public import RunModel

/// What `bpf-assay run` prints at the end: what went wrong first, the counts last.
///
/// The last line is `N passed, N failed, N skipped` in every report, so that a log scanner can count on it. Errors and
/// missing samples stand in the line before, and so do failures that were expected: the last line never counts them.
public struct TextReport: ReportFormat {
    /// `text`.
    public let name = "text"
    private let style: TerminalStyle

    /// Creates the format.
    ///
    /// - Parameter colour: Whether escape sequences may be written; plain text where it is false.
    public init(colour: Bool = false) {
        style = TerminalStyle(colour: colour)
    }

    /// Renders a run; never throws.
    public func render(_ record: RunRecord) -> String {
        var lines: [String] = []
        for standing in Standing.allCases { lines += troubles(record, standing) }
        lines += section("leaked:", record.results.flatMap(leaks))
        lines += section(
            "controls accepted (these oracles passed with the stimulus withheld, so they prove nothing):",
            record.results.filter { $0.control == .accepted }.map(cell)
        )
        lines += section("while virtual machines started:", record.machines.flatMap(starts))
        lines += section("not reached on this machine:", notReached(record))
        lines += skips(record)
        lines += section("slowest:", slowest(record))
        lines += section("environment:", environment(record))
        if let command = Reproduction(record)?.command { lines.append("Reproduce: \(ForeignText.line(command))") }
        lines += matrix(CellMatrix(record))
        if record.run.ended == nil {
            lines.append("the run was cut short: what it did not reach counts as missing")
        }
        return (lines + counts(record)).joined(separator: "\n") + "\n"
    }

    private func cell(_ result: SampleResult) -> String { ForeignText.line("\(result.machine) \(result.sample)") }

    private func section(_ heading: String, _ entries: [String]) -> [String] {
        entries.isEmpty ? [] : [style.heading(heading)] + entries.map { "  " + $0 }
    }

    /// A result a block: the cell and its reason, a line of evidence, then the details.
    private func troubles(_ record: RunRecord, _ standing: Standing) -> [String] {
        let evidence: (SampleResult) -> [String]
        switch standing {
        case .pass, .skip: return []
        case .unexpectedPass: evidence = { _ in ["passed, although it was expected to fail"] }
        case .fail, .error, .miss, .expectedFail: evidence = { [$0.evidence] + $0.details.map { "| " + $0 } }
        }
        return record.results.filter { $0.standing == standing }.flatMap { result in
            let reason = result.reason.map { " (\($0.rawValue))" } ?? ""
            return ["\(style.paint(standing)) \(cell(result))\(reason)"]
                + evidence(result).map { "    " + ForeignText.line($0) }
        }
    }

    private func leaks(_ result: SampleResult) -> [String] {
        result.leaks.map { "\(cell(result)): \(ForeignText.line("\($0.kind) \($0.subject)"))" }
    }

    /// What a kernel logged against itself, what was lacking, and how often it did not start.
    private func starts(_ machine: Machine) -> [String] {
        guard let boot = machine.boot else { return [] }
        let lines =
            boot.splats.map { "the kernel logged: \($0)" } + boot.troubles
            + boot.failures.map { "a start failed: \($0)" }
        return lines.map { ForeignText.line("\(machine.id): \($0)") }
    }

    /// What several machines say alike stands there once.
    private func notReached(_ record: RunRecord) -> [String] {
        var machines: [[String]: [String]] = [:]
        var order: [[String]] = []
        for result in record.results {
            for text in result.notReached {
                let key = [result.sample, text]
                if machines[key] == nil { order.append(key) }
                machines[key, default: []].append(result.machine)
            }
        }
        return order.map { key in
            let names = machines[key] ?? []
            return ForeignText.line("\(names.count == 1 ? names[0] : "\(names.count) machines") \(key[0]): \(key[1])")
        }
    }

    /// A row a sample, a column a machine; the columns bear numbers, since names of releases are long.
    private func matrix(_ matrix: CellMatrix) -> [String] {
        guard matrix.machines.count > 1 else { return [] }
        let legend = zip(1..., matrix.machines).map { number, name in "  \(number): \(ForeignText.line(name))" }
        let table = TextTable(
            [""] + (1...matrix.machines.count).map { "\($0)" },
            matrix.rows.map { row in
                [ForeignText.line(row.sample)] + row.cells.map { $0.map { ForeignText.line($0.cellWord) } ?? "-" }
            }
        )
        let lines = table.lines { column, text, padded in
            let word = column == 0 ? nil : Standing(rawValue: String(text.prefix { $0 != "(" }))
            return word.map { style.paint(padded, $0) } ?? padded
        }
        return [style.heading("samples by kernel:")] + legend + lines.map { "  " + $0 }
    }

    /// `2 skipped: CONFIG_KPROBES is off (2)`, the commonest need first.
    private func skips(_ record: RunRecord) -> [String] {
        let skipped = record.results.filter { $0.verdict == .skip }
        if skipped.isEmpty { return [] }
        let groups = Dictionary(grouping: skipped) { $0.need?.lack ?? $0.reason?.rawValue ?? "no reason given" }
        let counted = groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        let list = counted.map { "\(ForeignText.line($0.key)) (\($0.value.count))" }.joined(separator: ", ")
        return ["\(skipped.count) skipped: \(list)"]
    }

    private func slowest(_ record: RunRecord) -> [String] {
        record.results.filter { $0.duration > 0 }
            .sorted { ($1.duration, $0.machine, $0.sample) < ($0.duration, $1.machine, $1.sample) }
            .prefix(5)
            .map { "[\(ForeignText.seconds($0.duration).leftPadded(to: 7))s] \(cell($0))" }
    }

    private func environment(_ record: RunRecord) -> [String] {
        let machines = record.machines.map { machine in
            let tools = [machine.clang, machine.libbpf.map { "libbpf \($0)" }].compactMap(\.self)
            let config = "config \(machine.config.source) (\(machine.config.identity.rawValue))"
            let kernel = "Linux \(machine.kernel.release) \(machine.kernel.arch)"
            return "\(machine.id): " + ([kernel, config] + tools).joined(separator: ", ")
        }
        return (machines + ["\(record.run.tool), run \(record.run.id) of \(record.run.started)"])
            .map { ForeignText.line($0) }
    }

    private func counts(_ record: RunRecord) -> [String] {
        let summary = RunRecord.Summary(of: record.results)
        let expected = record.results.count { $0.standing == .expectedFail }
        var others: [String] = []
        if summary.error + summary.miss > 0 {
            others.append("\(summary.error) \(summary.error == 1 ? "error" : "errors")")
            others.append("\(summary.miss) missing")
        }
        if expected > 0 { others.append("\(expected) failed as expected") }
        return (others.isEmpty ? [] : [others.joined(separator: ", ")])
            + ["\(summary.pass) passed, \(summary.fail - expected) failed, \(summary.skip) skipped"]
    }
}
