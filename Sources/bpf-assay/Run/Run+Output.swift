import ArgumentParser
import FileBytes
import Glibc
import KernBuild
import ObjectSources
import Reporting
import RunFiles
import RunModel
import SampleKit
import SampleRun
import Surveys

extension Run {
    /// Writes the record, prints the report and ends with the run's exit code.
    func finish(_ log: EventLog, _ folder: ResultsFolder, _ interrupted: Bool, _ baseline: Baseline?) throws {
        if let failure = log.failure { throw failure }
        guard let record = RunRecord(folding: log.events) else { throw RecordError.noStart }
        try AtomicFile.stream(to: folder.record) { try RecordJSON().render(record, into: $0) }
        let comparison = baseline?.comparison(with: record)
        if let comparison {
            try AtomicFile.write(Array(try ComparisonJSON().render(comparison).utf8), to: folder.comparison)
        }
        talk.note("results: \(folder.path)")
        let plan = try options.formatPlan
        if let comparison { tell(of: comparison, record, isBesideText: plan.printed == "text") }
        try Console.put { try format(plan.printed ?? "text", isPrinted: true).render(record, into: $0) }
        // Files are written whatever came out: a failure is what they are read for.
        let isOneLost =
            (try? plan.writeFiles(of: "run", options.exitStyle) { name, sink in
                try format(name, isPrinted: false).render(record, into: sink)
            }) == nil
        // A run that stopped at its first failure was not interrupted by anybody.
        if interrupted, !options.failFast || InterruptionPipe.signalNumber != 0 || !record.hasFailed {
            throw ExitCode(128 + (InterruptionPipe.signalNumber == 0 ? SIGINT : InterruptionPipe.signalNumber))
        }
        if isOneLost { throw ExitCode(options.exitStyle.code(for: .unavailable)) }
        let status = comparison.map { record.exitStatus(comparedBy: $0) } ?? record.exitStatus
        let code = options.exitStyle.code(for: status)
        if code != 0 { throw ExitCode(code) }
    }

    private func format(_ name: String, isPrinted: Bool) -> any ReportFormat {
        if name != "text", let format = ReportFormats.named(name) { return format }
        // On one terminal the passes stand there already, each with its time.
        return TextReport(
            colour: isPrinted && talk.usesColour(on: STDOUT_FILENO),
            listsPasses: !(isPrinted && Console.isOneTerminal)
        )
    }

    /// Prints a comparison as `compare` does: before a report for people, and beside one for other tools.
    private func tell(of comparison: RunComparison, _ record: RunRecord, isBesideText isReport: Bool) {
        let text = ComparisonText(colour: talk.usesColour(on: isReport ? STDOUT_FILENO : STDERR_FILENO)).render(
            comparison
        )
        if isReport { Console.put(text: "\(text)\n") } else { Console.say(text: text) }
        let failures = KnownFailures(comparison)
        let known = record.results.count { $0.expected != .fail && failures.contains($0) }
        if known > 0 { Console.say("failures that the baseline has too, which do not fail this run: \(known)") }
    }

    /// Prints what would be run or skipped, and the commands that would build the objects.
    func show(_ stations: [Station], _ wanted: [CatalogEntry]) async throws {
        var toolchain: Toolchain?
        if wanted.contains(where: { !$0.kernSources.isEmpty }), options.objects == nil {
            toolchain = try await self.toolchain(for: stations)
        }
        for station in stations {
            let place = options.guests.kernels.isEmpty && options.kernels == nil ? "" : "\(station.machine.id) "
            for cell in station.plan.cells {
                switch cell.action {
                case .run:
                    if let absence = toolchain?.absence(of: cell.entry) ?? named?.absence(of: cell.entry) {
                        let need = Need.source(absence.file)
                        let why = "\(Reason.featureMissing.rawValue) \(need): \(absence.reason)"
                        Console.put("skip \(place)\(cell.entry.id)  # \(why)")
                    } else {
                        let outlook = cell.expected == .fail ? "  # expected to fail: the deny list names it" : ""
                        Console.put("run  \(place)\(cell.entry.id)\(outlook)")
                    }
                case .skip(let reason, let need, let message):
                    let why = "\(reason.rawValue)\(need.map { " \($0)" } ?? ""): \(message)"
                    Console.put("skip \(place)\(cell.entry.id)  # \(why)")
                }
            }
        }
        guard let toolchain else { return }
        let there = wanted.filter { !toolchain.sources(of: $0).isEmpty && toolchain.absence(of: $0) == nil }
        guard !there.isEmpty else { return }
        let plan = try toolchain.plan(there, into: "\(options.results)/objects", isWritten: false).plan
        Console.put(plan.shellText)
    }
}

extension RunRecord {
    /// Whether a sample failed that was expected to pass.
    fileprivate var hasFailed: Bool { results.contains { $0.verdict == .fail && $0.expected != .fail } }
}
