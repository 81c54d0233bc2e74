import FileBytes
public import RunModel

/// A run as text: what went wrong first, then a line for each pass and each need of skips, the counts last.
///
/// The last line begins with `N passed, N failed, N skipped` in every report, so that a log scanner can count on it. Errors,
/// missing samples and failures that were expected follow there where there are any; the numbers add up to all results.
public struct TextReport: ReportFormat {
    /// `text`.
    public let name = "text"
    private let style: TerminalStyle
    private let listsPasses: Bool

    /// Creates the format.
    ///
    /// - Parameters:
    ///   - colour: Whether escape sequences may be written; plain text where it is false.
    ///   - listsPasses: Whether each pass has a line; not where the reader has just seen these lines.
    public init(colour: Bool = false, listsPasses: Bool = true) {
        style = TerminalStyle(colour: colour)
        self.listsPasses = listsPasses
    }

    /// Renders a run; never throws.
    public func render(_ record: RunRecord) -> String { ReportSink.text { render(record, into: $0) } }

    /// Writes a run; never throws.
    public func render(_ record: RunRecord, into sink: ReportSink) {
        // With several machines a table names every cell; where that would be nearly empty, lines do.
        let table = CellMatrix(record)
        let matrix = table.map { $0.machines.count > 1 ? $0 : nil } ?? nil
        for standing in Standing.allCases { troubles(record, standing, into: sink) }
        section("leaked:", record.results.flatMap(leaks), into: sink)
        section(
            "controls accepted (these oracles passed with the stimulus withheld, so they prove nothing):",
            record.results.filter { $0.control == .accepted }.map(cell),
            into: sink
        )
        section("while virtual machines started:", record.machines.flatMap(starts), into: sink)
        section("not reached on this machine:", notReached(record), into: sink)
        if listsPasses, matrix == nil {
            for result in record.results where result.standing == .pass {
                let flaky = result.flakiness.map { " (\($0))" } ?? ""
                sink.line("\(style.paint(Standing.pass)) \(cell(result))\(flaky)")
            }
        }
        for group in SkipGroup.groups(record) { sink.lines(group.lines) }
        section("slowest:", slowest(record), into: sink)
        section("environment:", environment(record), into: sink)
        if let command = Reproduction(record)?.command { sink.line("Reproduce: \(ForeignText.line(command))") }
        if let matrix { sink.lines(lines(of: matrix)) }
        if record.run.ended == nil {
            sink.line("the run was cut short: what it did not reach counts as missing")
        }
        sink.line(counts(record))
    }

    private func cell(_ result: SampleResult) -> String { ForeignText.line("\(result.machine) \(result.formName)") }

    private func section(_ heading: String, _ entries: [String], into sink: ReportSink) {
        if entries.isEmpty { return }
        sink.line(style.heading(heading))
        for entry in entries { sink.line("  " + entry) }
    }

    /// A result a block: the cell and its reason, a line of evidence, then the details.
    private func troubles(_ record: RunRecord, _ standing: Standing, into sink: ReportSink) {
        let evidence: (SampleResult) -> [String]
        switch standing {
        case .pass, .skip: return
        case .unexpectedPass: evidence = { _ in ["passed, although it was expected to fail"] }
        case .fail, .error, .miss, .expectedFail: evidence = { [$0.evidence] + $0.details.map { "| " + $0 } }
        }
        for result in record.results where result.standing == standing {
            let reason = result.reason.map { " (\($0.rawValue))" } ?? ""
            sink.line("\(style.paint(standing)) \(cell(result))\(reason)")
            for line in evidence(result) { sink.line("    " + ForeignText.line(line)) }
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
    private func lines(of matrix: CellMatrix) -> [String] {
        let legend = zip(1..., matrix.machines).map { number, name in "  \(number): \(ForeignText.line(name))" }
        let table = TextTable(
            [""] + (1...matrix.machines.count).map { "\($0)" },
            matrix.rows.map { row in
                [ForeignText.line(row.sample)] + row.cells.map { $0.map { ForeignText.line($0) } ?? "-" }
            }
        )
        let lines = table.lines { column, text, padded in
            let word = column == 0 ? nil : Standing(rawValue: String(text.prefix { $0 != "(" }))
            return word.map { style.paint(padded, $0) } ?? padded
        }
        return [style.heading("samples by kernel:")] + legend + lines.map { "  " + $0 }
    }

    private func slowest(_ record: RunRecord) -> [String] {
        var slowest: [SampleResult] = []
        for result in record.results where result.duration > 0 {
            // The five are kept in order while all go by; most are not slower than the last of them.
            if slowest.count == 5, result.duration < slowest[4].duration { continue }
            let key = (-result.duration, result.machine, result.sample)
            let place = slowest.firstIndex { key < (-$0.duration, $0.machine, $0.sample) } ?? slowest.count
            slowest.insert(result, at: place)
            if slowest.count > 5 { slowest.removeLast() }
        }
        return slowest.map { "[\(secondsText($0.duration).leftPadded(to: 7))s] \(cell($0))" }
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

    /// `2 passed, 1 failed, 0 skipped, 1 error`.
    private func counts(_ record: RunRecord) -> String {
        let summary = RunRecord.Summary(of: record.results)
        let expected = record.results.count { $0.standing == .expectedFail }
        var counts = ["\(summary.pass) passed", "\(summary.fail - expected) failed", "\(summary.skip) skipped"]
        if summary.error > 0 { counts.append("\(summary.error) \(summary.error == 1 ? "error" : "errors")") }
        if summary.miss > 0 { counts.append("\(summary.miss) missing") }
        if expected > 0 { counts.append("\(expected) failed as expected") }
        return counts.joined(separator: ", ")
    }
}
