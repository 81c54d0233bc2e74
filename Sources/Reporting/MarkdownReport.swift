public import RunModel

/// A run as GitHub's Markdown, for a job's summary or an issue: what failed first, and with several machines a table of samples by
/// kernel.
public struct MarkdownReport: ReportFormat {
    /// `markdown`.
    public let name = "markdown"

    /// Creates the format.
    public init() {}

    /// Renders a run; never throws.
    public func render(_ record: RunRecord) -> String { ReportSink.text { render(record, into: $0) } }

    /// Writes a run; never throws.
    public func render(_ record: RunRecord, into sink: ReportSink) {
        sink.line("# eBPF samples: \(word(record))")
        put([sentence(record)], into: sink)
        put(machines(record), into: sink)
        for standing in Standing.allCases { for block in troubles(record, standing) { put(block, into: sink) } }
        put(["## Samples by kernel"], into: sink)
        put(CellMatrix(record).map(matrix) ?? list(record), into: sink)
        for block in skips(record) + starts(record) { put(block, into: sink) }
        if record.run.ended == nil {
            put(["The run was cut short: what it did not reach counts as missing."], into: sink)
        }
        put(
            [
                "\(MarkdownText.code(record.run.tool)), run \(MarkdownText.code(record.run.id)) of "
                    + "\(MarkdownText.code(record.run.started))"
            ],
            into: sink
        )
    }

    /// Writes a block, an empty line before it, or nothing for one without lines.
    private func put(_ block: [String], into sink: ReportSink) {
        if block.isEmpty { return }
        sink.line("")
        sink.lines(block)
    }

    private func word(_ record: RunRecord) -> String {
        switch record.exitStatus {
        case .passed: "passed"
        case .failed: "failed"
        case .broken: "no verdict on some"
        case .nothingSelected: "none were selected"
        case .allSkipped: "all skipped"
        case .usage, .unavailable: "not run"
        }
    }

    private func sentence(_ record: RunRecord) -> String {
        let standings = record.results.reduce(into: [:]) { counts, result in counts[result.standing, default: 0] += 1 }
        let counts = Standing.allCases.map { ($0, standings[$0] ?? 0) }
        let words = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue)" }
        return "**\(words.isEmpty ? "no results" : words.joined(separator: ", "))**"
    }

    private func machines(_ record: RunRecord) -> [String] {
        let verdicts = Dictionary(grouping: record.results, by: \.machine).mapValues(RunRecord.Summary.init(of:))
        return MarkdownText.table(
            ["machine", "kernel", "config"] + Verdict.allCases.map(\.rawValue),
            record.machines.map { machine in
                let own = verdicts[machine.id] ?? RunRecord.Summary(of: [])
                return [
                    MarkdownText.code(machine.id),
                    MarkdownText.code("\(machine.kernel.release) \(machine.kernel.arch)"),
                    "\(MarkdownText.code(machine.config.source)) (\(machine.config.identity.rawValue))",
                ] + [own.pass, own.fail, own.error, own.miss, own.skip].map { "\($0)" }
            }
        )
    }

    private func troubles(_ record: RunRecord, _ standing: Standing) -> [[String]] {
        let title: String
        switch standing {
        case .pass, .skip: return []
        case .fail: title = "Failures"
        case .error: title = "Errors of the harness"
        case .miss: title = "Missing"
        case .expectedFail: title = "Failures that were expected"
        case .unexpectedPass: title = "Passed, although they were expected to fail"
        }
        let rows = record.results.filter { $0.standing == standing }.map { result in
            [
                MarkdownText.code(result.machine), MarkdownText.code(result.sample), result.reason?.rawValue ?? "",
                MarkdownText.code(result.evidence),
            ]
        }
        return rows.isEmpty
            ? [] : [["## \(title)"], MarkdownText.table(["machine", "sample", "reason", "evidence"], rows)]
    }

    private func matrix(_ matrix: CellMatrix) -> [String] {
        MarkdownText.table(
            ["sample"] + matrix.machines.map(MarkdownText.code),
            matrix.rows.map { row in
                [MarkdownText.code(row.sample)] + row.cells.map { $0.map(MarkdownText.code) ?? "" }
            }
        )
    }

    /// A row a cell, where a table of all samples by all kernels would be nearly empty.
    private func list(_ record: RunRecord) -> [String] {
        MarkdownText.table(
            ["machine", "sample", "verdict"],
            record.results.map { result in
                [result.machine, result.formName, result.cellWord].map(MarkdownText.code)
            }
        )
    }

    /// What kernels logged against themselves while they started, what was lacking, and which starts failed.
    private func starts(_ record: RunRecord) -> [[String]] {
        let rows = record.machines.flatMap { machine -> [[String]] in
            guard let boot = machine.boot else { return [] }
            let lines =
                boot.splats.map { ("logged", $0) } + boot.troubles.map { ("lacking", $0) }
                + boot.failures.map { ("did not start", $0) }
            return lines.map { [MarkdownText.code(machine.id), $0.0, MarkdownText.code($0.1)] }
        }
        return rows.isEmpty
            ? [] : [["## While virtual machines started"], MarkdownText.table(["machine", "what", "evidence"], rows)]
    }

    /// What was skipped for lack of what, a row a need and machine.
    private func skips(_ record: RunRecord) -> [[String]] {
        var samples: [[String]: [String]] = [:]
        var order: [[String]] = []
        for result in record.results where result.verdict == .skip {
            let key = [result.machine, result.lack]
            if samples[key] == nil { order.append(key) }
            samples[key, default: []].append(result.sample)
        }
        let rows = order.map { key in
            key.map(MarkdownText.code) + [(samples[key] ?? []).map(MarkdownText.code).joined(separator: ", ")]
        }
        return rows.isEmpty ? [] : [["## Skipped"], MarkdownText.table(["machine", "for", "samples"], rows)]
    }
}
